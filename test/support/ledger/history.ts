/**
 * What a source told: the value of a key, or that something happened. Of one kind and key every number is used once, so
 * that each sighting says which of them it is.
 */
export interface Fact {
  readonly kind: 'state' | 'event'
  /** A state: device and point. An event: what it is about. */
  readonly key: string
  readonly number: number
  /** When it happened, by the clock of whoever told it; null where a payload does not say. */
  readonly sourceMs: number | null
}

export type Note =
  /** The queue put a message on the wire, for the first time or again. */
  | { readonly did: 'delivered'; readonly message: string; readonly facts: readonly Fact[] }
  | { readonly did: 'acknowledged'; readonly message: string }
  /** A message reached a subscriber. */
  | {
      readonly did: 'saw'
      readonly observer: string
      readonly topic: string
      readonly facts: readonly Fact[]
    }
  /** What is retained at the end, and what the device really has. */
  | { readonly did: 'found'; readonly key: string; readonly number: number; readonly stale: boolean }
  | { readonly did: 'held'; readonly key: string; readonly number: number }
  | { readonly did: 'asked'; readonly command: number; readonly terms: Terms }
  | {
      readonly did: 'heard'
      readonly command: number
      readonly state: string
      readonly final: boolean
    }
  /** A device was written; null where no command of ours was the cause. */
  | { readonly did: 'wrote'; readonly device: string; readonly command: number | null }
  /** The bridge was killed, or runs (again). */
  | { readonly did: 'died' }
  | { readonly did: 'started' }

/** What a command may do. */
export interface Terms {
  /** False for one that came with the retain flag. */
  readonly live: boolean
  /** Whether the client has the right to send it. */
  readonly allowed: boolean
  /** Never twice on the wire (I-6). */
  readonly once: boolean
  /** It must not start later. */
  readonly expiresMs: number | null
}

/** One line of the common ledger; all times are milliseconds on one clock, in the order in which they were noted. */
export type Entry = Note & { readonly atMs: number }

export type History = readonly Entry[]

/** Where everybody writes down what they saw, at once, so that the order is that of the moments of writing. */
export class Ledger {
  readonly entries: Entry[] = []
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  note(note: Note): void {
    this.entries.push({ atMs: this.#now(), ...note })
  }
}

/** A number of one kind and key. */
export function factId({ kind, key, number }: Fact): string {
  return `${kind} ${key} #${number}`
}

/** What an entry is about. */
export function namesOf(entry: Entry): string[] {
  const names: string[] = []
  if ('message' in entry) names.push(entry.message)
  if ('facts' in entry) names.push(...entry.facts.map(({ key }) => key))
  if ('key' in entry) names.push(entry.key)
  if ('command' in entry) names.push(`command ${entry.command}`)
  return names
}

export function entryLine(entry: Entry): string {
  const { atMs, did } = entry
  const at = `${Math.round(atMs)} ms ${did}`
  switch (did) {
    case 'delivered':
      return `${at} message ${entry.message}: ${entry.facts.map(factLine).join(', ')}`
    case 'acknowledged':
      return `${at} message ${entry.message}`
    case 'saw':
      return `${at} ${entry.observer}: ${entry.topic}: ${entry.facts.map(factLine).join(', ')}`
    case 'found':
      return `${at} ${entry.key} #${entry.number}${entry.stale ? ' stale' : ''}`
    case 'held':
      return `${at} ${entry.key} #${entry.number}`
    case 'asked':
      return `${at} command ${entry.command} ${JSON.stringify(entry.terms)}`
    case 'heard':
      return `${at} command ${entry.command} ${entry.state}${entry.final ? ', final' : ''}`
    case 'wrote':
      return `${at} ${entry.device} because of ${entry.command === null ? 'nothing' : `command ${entry.command}`}`
    case 'died':
    case 'started':
      return at
  }
}

function factLine(fact: Fact): string {
  return `${factId(fact)}${fact.sourceMs === null ? '' : ` of ${fact.sourceMs}`}`
}
