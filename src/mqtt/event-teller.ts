import type { Json } from '../domain/data-point.ts'
import type { LiveSource } from '../domain/report.ts'
import { BoundedMap } from '../util/bounded-map.ts'
import type { Clock } from '../util/clock.ts'
import { type Settle, Settlement } from '../util/settlement.ts'
import { EventMemory } from './event-memory.ts'
import type { Happening } from './event-table.ts'
import { LastCopies } from './last-copies.ts'
import {
  ageOf,
  cloudEvent,
  type EventObject,
  type EventPayload,
  eventId,
  eventPayload,
} from './payload-event.ts'
import type { Publisher } from './publisher.ts'
import type { Found } from './scan.ts'
import { encodeLevel, type TopicName, type TopicTree } from './topic.ts'

export interface EventTellerParts {
  readonly publisher: Publisher
  readonly tree: TopicTree
  readonly clock: Clock
  /** Masks what nobody may read in something that came from outside. */
  readonly redact: (data: Json) => Json
  readonly settings: {
    /** Whether each event leaves a retained copy. */
    readonly last: boolean
    /** How long a copy stays; 0 = for ever. */
    readonly lastTtlMs: number
    /** Older events are stale. */
    readonly maxEventAgeMs: number
    /** Where stale events are told: as copies alone, as events too, or not at all. */
    readonly stale: 'last' | 'both' | 'drop'
  }
}

/** A place in the tree where something is told; reports leave no copy. */
export interface Place {
  readonly happening: Happening | 'Report'
  readonly params: Readonly<Record<string, string>>
}

/** One thing that happened, and where it is told; the first place says whose events it is counted among. */
export interface Telling {
  readonly kind: string
  readonly object: EventObject
  readonly data: Json
  /** What a retained copy says instead, where it may not say all. */
  readonly lastData?: Json
  readonly places: readonly Place[]
  readonly source: LiveSource
  readonly timeMs: number
  readonly receivedMs: number
}

/** The same, with what all its places share. */
interface Prepared {
  readonly telling: Telling
  readonly event: EventPayload
  readonly tells: boolean
  readonly path: string
  readonly seq: number
}

/** A place as it is written. */
interface Address {
  readonly name: TopicName
  readonly topic: string
  /** What stands behind the word for events, and for copies. */
  readonly ending: string
}

/** Objects whose events are numbered; those that were silent longest start again. */
const numberedAtMost = 20_000
/** Beyond it there is no date. */
const latestMs = 8_640_000_000_000_000

/** Says once what happened: as an event, as a retained copy, or both, and nothing to who brings it again. */
export class EventTeller {
  readonly counts = { told: 0, kept: 0, duplicate: 0, stale: 0, refused: 0 }
  readonly #parts: EventTellerParts
  readonly #events: EventMemory
  /** Apart, so that many reports do not push rings and presses out of the memory. */
  readonly #reports: EventMemory
  readonly #copies: LastCopies
  readonly #seq = new BoundedMap<string, number>(numberedAtMost)
  /** Built once, told thousands of times. */
  readonly #addresses = new BoundedMap<string, Address>(numberedAtMost)

  constructor(parts: EventTellerParts) {
    this.#parts = parts
    this.#events = new EventMemory(parts.clock)
    this.#reports = new EventMemory(parts.clock)
    const { settings } = parts
    this.#copies = new LastCopies({
      ...parts,
      get wanted() {
        return settings.last
      },
      get ttlMs() {
        return settings.lastTtlMs
      },
    })
  }

  /** At the first connection: what an earlier run left is ours, and what it tells of is not told again. */
  adopt(found: Pick<Found, 'topics' | 'payloads'>): void {
    const { tree } = this.#parts
    for (const { topic, id } of this.#copies.adopt(found))
      this.#events.recall(keyOf(id, topic.slice(tree.base.length + '/last/'.length)))
  }

  /** At every other connection: what the broker lost is said again, marked as a replay. */
  restore(found: Pick<Found, 'topics' | 'payloads'>): void {
    this.#copies.restore(found)
  }

  settingsChanged(): void {
    this.#copies.settingsChanged()
  }

  stop(): void {
    this.#copies.stop()
  }

  /** Whether something of that age is an event still. */
  isFresh(telling: Pick<Telling, 'timeMs' | 'receivedMs'>): boolean {
    return !this.#isStale(telling) || this.#parts.settings.stale === 'both'
  }

  /** False when there is no room; then `settle` is not called. */
  tell(telling: Telling, settle: Settle = () => {}): boolean {
    const dated = { ...telling, timeMs: dateOf(telling) }
    const dataText = JSON.stringify(dated.data)
    const id = eventId(dated.kind, dated.object, dated.timeMs, dataText)
    const tells = this.isFresh(dated)
    const path = pathOf(dated)
    // A copy alone has the number of the event before it: a hole in the numbers is a message lost.
    const seq = (this.#seq.get(path) ?? 0) + (tells ? 1 : 0)
    const event = this.#event(dated, { id, seq }, dataText)
    const hasRoom = this.#tellAll({ telling: dated, event, tells, path, seq }, settle)
    if (!hasRoom) this.counts.refused++
    return hasRoom
  }

  #tellAll(prepared: Prepared, settle: Settle): boolean {
    const { places } = prepared.telling
    const [only, ...others] = places
    if (only && others.length === 0) return this.#tellAt(only, prepared, settle)
    let hasRoom = true
    const whole = new Settlement(settle, () => {
      hasRoom = false
    })
    for (const place of places) whole.join((part) => this.#tellAt(place, prepared, part))
    whole.seal()
    return hasRoom
  }

  #tellAt(place: Place, prepared: Prepared, settle: Settle): boolean {
    const { telling, event, tells, path, seq } = prepared
    const { id } = event
    const { tree, publisher } = this.#parts
    const { name, topic, ending } = this.#addressOf(place)
    const memory = place.happening === 'Report' ? this.#reports : this.#events
    const key = keyOf(id, ending)
    if (memory.knows(key, settle)) {
      this.counts.duplicate++
      return true
    }
    const keeps = place.happening !== 'Report' && this.#isKept(telling)
    if (!tells && !keeps) {
      this.counts.stale++
      settle(false)
      return true
    }
    const told = new Settlement(memory.begin(key, settle))
    const user = cloudEvent(encodeLevel(telling.kind), `/${tree.base}/${path}`, event)
    if (tells && !publisher.tellAt(name, topic, event, { user, settle: told.part() })) {
      memory.forget(key)
      return false
    }
    // Events leave the outbox before states: no broker holds the copy of an event that it was not told before.
    if (keeps) {
      const { lastData } = telling
      const copy = lastData === undefined ? event : this.#event({ ...telling, data: lastData }, { id, seq })
      const lastName = `last${place.happening}` as TopicName
      const facts = { ...telling, id, time: event.time, automation: telling.object.automation }
      this.#copies.put(lastName, `${tree.base}/last/${ending}`, facts, copy, told.part())
      this.counts.kept++
    }
    told.seal()
    if (tells) {
      this.#seq.set(path, seq)
      this.counts.told++
    }
    return true
  }

  #event(
    telling: Telling,
    { id, seq }: { readonly id: string; readonly seq: number },
    dataText = JSON.stringify(telling.data),
  ): EventPayload {
    const { kind, object, timeMs, receivedMs, source } = telling
    const data = this.#parts.redact(telling.data)
    const text = data === telling.data ? dataText : JSON.stringify(data)
    const stale = this.#isStale(telling)
    return eventPayload({ kind, object, timeMs, receivedMs, source, id, seq, stale, dataText: text })
  }

  #addressOf({ happening, params }: Place): Address {
    const key = [happening, ...Object.values(params)].join('\0')
    const known = this.#addresses.get(key)
    if (known) return known
    const { tree } = this.#parts
    const name = `event${happening}` as TopicName
    const topic = tree.build(name, params as never)
    const address = { name, topic, ending: topic.slice(tree.base.length + '/event/'.length) }
    this.#addresses.set(key, address)
    return address
  }

  #isStale(telling: Pick<Telling, 'timeMs' | 'receivedMs'>): boolean {
    return ageOf(telling) > this.#parts.settings.maxEventAgeMs
  }

  #isKept(telling: Telling): boolean {
    const isDropped = this.#parts.settings.stale === 'drop' && this.#isStale(telling)
    return !isDropped && this.#copies.lives(telling.timeMs)
  }
}

function keyOf(id: string, ending: string): string {
  return `${id} ${ending}`
}

/** Whose events they are counted among: `device/<id>`, `queue/<word>`. */
function pathOf({ places }: Telling): string {
  const [{ happening, params } = { happening: 'Queue' as const, params: {} }] = places
  if (happening === 'Queue') return `queue/${encodeLevel(params['bizCode'] ?? '')}`
  for (const kind of ['device', 'scene', 'automation', 'home'])
    if (params[kind] !== undefined) return `${kind}/${params[kind]}`
  return happening
}

function dateOf({ timeMs, receivedMs }: Telling): number {
  return Number.isSafeInteger(timeMs) && timeMs >= 0 && timeMs <= latestMs ? timeMs : receivedMs
}
