import { type Entry, type Fact, factId, type History } from './history.ts'
import type { Limits, Violation } from './verdict.ts'

type Entries<D extends Entry['did']> = Extract<Entry, { did: D }>

export function entriesOf<D extends Entry['did']>(history: History, did: D): Entries<D>[] {
  return history.filter((entry): entry is Entries<D> => entry.did === did)
}

/** When each fact happened, by the source's own word; payloads tell it only now and then. */
export class SourceTimes {
  readonly #times = new Map<string, number>()

  constructor(history: History) {
    for (const { facts } of entriesOf(history, 'delivered')) {
      for (const fact of facts) if (fact.sourceMs !== null) this.#times.set(factId(fact), fact.sourceMs)
    }
  }

  of(fact: Fact): number | null {
    return this.#times.get(factId(fact)) ?? fact.sourceMs
  }
}

/** What one observer saw, so that it can be asked for a fact, or for something newer. */
class Sightings {
  readonly #events = new Map<string, number>()
  /** By key, in the order of sight: the newest source time until then. */
  readonly #states = new Map<string, { readonly atMs: number; readonly newestMs: number }[]>()

  note(fact: Fact, sourceMs: number | null, atMs: number): void {
    if (fact.kind === 'event') {
      if (!this.#events.has(factId(fact))) this.#events.set(factId(fact), atMs)
      return
    }
    if (sourceMs === null) return
    const seen = this.#states.get(fact.key) ?? []
    this.#states.set(fact.key, seen)
    if (sourceMs > (seen.at(-1)?.newestMs ?? Number.NEGATIVE_INFINITY))
      seen.push({ atMs, newestMs: sourceMs })
  }

  /** When the fact, or something newer of its key, was first seen; undefined = never. */
  first(fact: Fact, sourceMs: number | null): number | undefined {
    if (fact.kind === 'event') return this.#events.get(factId(fact))
    const seen = this.#states.get(fact.key) ?? []
    let [low, high] = [0, seen.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((seen[middle]?.newestMs ?? 0) >= (sourceMs ?? Number.NEGATIVE_INFINITY)) high = middle
      else low = middle + 1
    }
    return seen[low]?.atMs
  }
}

/** I-1: what was acknowledged was seen by everyone who listened, or something newer of the same key was. */
export function lostMessages(history: History, limits: Limits): Violation[] {
  const times = new SourceTimes(history)
  const sightings = sightingsOf(history, times)
  const told = new Map(entriesOf(history, 'delivered').map(({ message, facts }) => [message, facts]))
  const found: Violation[] = []
  const judged = new Set<string>()
  for (const { message, atMs } of entriesOf(history, 'acknowledged')) {
    if (judged.has(message)) continue
    judged.add(message)
    for (const fact of told.get(message) ?? []) {
      for (const [observer, seen] of sightings) {
        const firstMs = seen.first(fact, times.of(fact))
        const say = (fault: Violation['fault'], text: string) =>
          found.push({
            rule: 'I-1',
            fault,
            subject: message,
            text: `${factId(fact)} of message ${message} ${text}`,
          })
        if (firstMs === undefined)
          say('lost', `was acknowledged, and ${observer} never saw it or anything newer`)
        else if (firstMs > atMs + limits.seenWithinMs)
          say(
            'acknowledged-early',
            `reached ${observer} ${Math.round(firstMs - atMs)} ms after it was acknowledged`,
          )
      }
    }
  }
  return found
}

function sightingsOf(history: History, times: SourceTimes): ReadonlyMap<string, Sightings> {
  const sightings = new Map<string, Sightings>()
  for (const { observer, facts, atMs } of entriesOf(history, 'saw')) {
    const seen = sightings.get(observer) ?? new Sightings()
    sightings.set(observer, seen)
    for (const fact of facts) seen.note(fact, times.of(fact), atMs)
  }
  // Where nobody saw anything, somebody did not.
  if (sightings.size === 0) sightings.set('nobody', new Sightings())
  return sightings
}

/** I-2: on one topic a key never goes back in source time. */
export function stepsBack(history: History): Violation[] {
  const times = new SourceTimes(history)
  const newest = new Map<string, { readonly fact: Fact; readonly sourceMs: number }>()
  const found: Violation[] = []
  for (const { observer, topic, facts } of entriesOf(history, 'saw')) {
    for (const fact of facts) {
      const sourceMs = times.of(fact)
      if (fact.kind !== 'state' || sourceMs === null) continue
      const line = `${observer} ${topic} ${fact.key}`
      const before = newest.get(line)
      if (before && sourceMs < before.sourceMs) {
        const text = `${observer} saw ${factId(fact)} of ${sourceMs} on ${topic} after #${before.fact.number} of ${before.sourceMs}`
        found.push({ rule: 'I-2', fault: 'step-back', subject: `${line} #${fact.number}`, text })
      } else newest.set(line, { fact, sourceMs })
    }
  }
  return found
}

/** Events of one source are seen in its order; one that comes again may come at any time. */
export function overtaken(history: History): Violation[] {
  const times = new SourceTimes(history)
  const seen = new Set<string>()
  const newest = new Map<string, { readonly fact: Fact; readonly sourceMs: number }>()
  const found: Violation[] = []
  for (const { observer, topic, facts } of entriesOf(history, 'saw')) {
    for (const fact of facts) {
      const sourceMs = times.of(fact)
      const sighting = `${observer} ${topic} ${factId(fact)}`
      if (fact.kind !== 'event' || sourceMs === null || seen.has(sighting)) continue
      seen.add(sighting)
      const line = `${observer} ${topic} ${fact.key}`
      const before = newest.get(line)
      if (before && sourceMs < before.sourceMs) {
        const text = `${observer} saw ${factId(fact)} of ${sourceMs} on ${topic} for the first time after #${before.fact.number} of ${before.sourceMs}`
        found.push({ rule: 'order', fault: 'overtaken', subject: `${line} #${fact.number}`, text })
      } else newest.set(line, { fact, sourceMs })
    }
  }
  return found
}

/** I-3: what is retained at the end is what the devices have. */
export function differences(history: History): Violation[] {
  const retained = new Map(entriesOf(history, 'found').map((entry) => [entry.key, entry]))
  const found: Violation[] = []
  for (const { key, number } of entriesOf(history, 'held')) {
    const entry = retained.get(key)
    const say = (fault: Violation['fault'], text: string) =>
      found.push({ rule: 'I-3', fault, subject: key, text: `${key} is #${number} at the device, ${text}` })
    if (!entry) say('missing', 'and nothing is retained')
    else if (entry.number !== number) say('differs', `and #${entry.number} is retained`)
    else if (entry.stale) say('stale', 'and what is retained is marked stale')
  }
  return found
}

/**
 * By death, the messages of which somebody saw an event before it and again after it; of several observers the one who
 * saw most counts. The first figure is that of what was seen twice before any death.
 */
export function duplicates(history: History): readonly number[] {
  const messageOf = new Map(
    entriesOf(history, 'delivered').flatMap(({ message, facts }) =>
      facts.map((fact) => [factId(fact), message] as const),
    ),
  )
  /** By sighting, how many deaths there had been. */
  const seen = new Map<string, number>()
  const again: Map<string, Set<string>>[] = [new Map()]
  let deaths = 0
  for (const entry of history) {
    if (entry.did === 'died') again[++deaths] = new Map()
    if (entry.did !== 'saw') continue
    for (const fact of entry.facts) {
      if (fact.kind !== 'event') continue
      const sighting = `${entry.observer} ${entry.topic} ${factId(fact)}`
      const before = seen.get(sighting)
      seen.set(sighting, deaths)
      if (before === undefined) continue
      // It is the fault of the death that followed the earlier sighting, however late the message comes again.
      const ofDeath = again[Math.min(before + 1, deaths)]
      const messages = ofDeath?.get(entry.observer) ?? new Set()
      ofDeath?.set(entry.observer, messages.add(messageOf.get(factId(fact)) ?? factId(fact)))
    }
  }
  return again.map((ofDeath) => Math.max(0, ...[...ofDeath.values()].map(({ size }) => size)))
}

export function tooManyDuplicates(history: History, limits: Limits): Violation[] {
  return duplicates(history).flatMap((count, deaths) => {
    const atMost = deaths === 0 ? 0 : limits.duplicatesADeath
    if (count <= atMost) return []
    const text = `events of ${count} messages were seen before death ${deaths} and again after it; ${atMost} may be`
    return [{ rule: 'duplicates' as const, fault: 'too-many' as const, subject: `death ${deaths}`, text }]
  })
}
