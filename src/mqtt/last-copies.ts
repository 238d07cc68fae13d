import { isId } from '../domain/id.ts'
import { futureToleranceMs } from '../domain/state.ts'
import type { Clock, Timer } from '../util/clock.ts'
import { isRecord, limits, parseJson } from '../util/json.ts'
import type { Settle } from '../util/settlement.ts'
import { largestPayload } from './message.ts'
import type { Payload } from './payload.ts'
import { cloudEvent } from './payload-event.ts'
import type { Publisher } from './publisher.ts'
import type { Found } from './scan.ts'
import { encodeLevel, type TopicName, type TopicTree } from './topic.ts'

export interface LastCopiesParts {
  readonly publisher: Publisher
  readonly tree: TopicTree
  readonly clock: Clock
  /** False: there shall be none, those of an earlier run included. */
  readonly wanted: boolean
  /** How long after it happened a copy stays; 0 = for ever. */
  readonly ttlMs: number
}

/** What a copy is made of, besides its text. */
export interface CopyFacts {
  readonly id: string
  readonly kind: string
  readonly time: string
  readonly timeMs: number
  /** The automation that ran, where its action has a topic of its own. */
  readonly automation?: string | undefined
}

interface Copy extends CopyFacts {
  readonly group: string
  readonly name: TopicName
  readonly topic: string
  readonly text: string
  /** Wall clock; infinite where copies stay for ever. */
  readonly untilMs: number
  delivered: boolean
  readonly waiting: Settle[]
}

/** The copies that may stand at the same time; past it the oldest goes. */
const copiesAtMost = 10_000
/** A broker that lets messages expire by itself does so first. */
const graceMs = 1_000

/**
 * The retained copies of last events. They stand among what the publisher owns, so that they go with the thing that
 * they are about; but they are not said again with the rest, because a copy that is said again looks like news: only
 * when the broker has lost one it is, and says so.
 */
export class LastCopies {
  readonly #parts: LastCopiesParts
  readonly #copies = new Map<string, Copy>()
  #timer: Timer | undefined
  #dueMs = Number.POSITIVE_INFINITY

  constructor(parts: LastCopiesParts) {
    this.#parts = parts
  }

  /** Whether what happened at that time would leave a copy. */
  lives(timeMs: number): boolean {
    const { wanted, clock } = this.#parts
    return wanted && this.#untilMs(timeMs) > clock.now()
  }

  /** The copy of an event; the newest by its own time stays, and who brings an older one waits for that. */
  put(name: TopicName, topic: string, facts: CopyFacts, payload: Payload, settle?: Settle): void {
    const older = this.#copies.get(topic)
    if (older && older.timeMs > facts.timeMs && this.#isSane(older) && this.#stands(older)) {
      if (older.delivered) settle?.(true)
      else if (settle) older.waiting.push(settle)
      return
    }
    const group = this.#groupOf(topic, facts)
    if (older && older.group !== group) this.#parts.publisher.owned.remove(older.group, topic)
    const untilMs = this.#untilMs(facts.timeMs)
    const { id, kind, time, timeMs, automation } = facts
    const copy = { id, kind, time, timeMs, automation, group, name, topic, text: payload.text, untilMs }
    this.#say({ ...copy, delivered: false, waiting: settle ? [settle] : [] })
  }

  /**
   * Copies that an earlier run left: they are ours from now on. Gives them, so that their events are not told again.
   * What cannot be read, or is too old, is cleared.
   */
  adopt(found: Pick<Found, 'topics' | 'payloads'>): CopyFactsAt[] {
    const { tree, publisher } = this.#parts
    const adopted: CopyFactsAt[] = []
    for (const topic of found.topics) {
      if (!tree.isLast(topic)) continue
      const text = found.payloads.get(topic)
      const facts = factsOf(text)
      if (facts) adopted.push({ topic, ...facts })
      if (this.#copies.has(topic)) continue
      if (!facts || text === undefined || !this.lives(facts.timeMs)) publisher.clearTopic(topic)
      else this.#adopt(topic, text, facts)
    }
    return adopted
  }

  /** After a reconnect: what the broker does not hold any more is said again. */
  restore(found: Pick<Found, 'topics' | 'payloads'>): void {
    for (const copy of [...this.#copies.values()]) {
      if (!this.#stands(copy)) this.#copies.delete(copy.topic)
      // What was never taken by a broker still waits in the outbox.
      else if (copy.delivered && factsOf(found.payloads.get(copy.topic))?.id !== copy.id)
        this.#say({ ...copy, text: replayed(copy.text), delivered: false, waiting: [] })
    }
  }

  /** Where none is wanted any more none stays. */
  settingsChanged(): void {
    if (!this.#parts.wanted) for (const copy of [...this.#copies.values()]) this.#clear(copy)
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #adopt(topic: string, text: string, facts: CopyFacts): void {
    const name = this.#parts.tree.parse(topic)?.name
    if (name === undefined) return
    const untilMs = this.#untilMs(facts.timeMs)
    const group = this.#groupOf(topic, facts)
    const copy = { ...facts, group, name, topic, text, untilMs, delivered: true, waiting: [] }
    this.#parts.publisher.owned.put(group, { topic, payload: text, qos: 1, retain: true })
    this.#keep(copy)
  }

  #say(copy: Copy): void {
    this.#keep(copy)
    const { publisher, clock } = this.#parts
    const { untilMs, group, name, topic, text } = copy
    publisher.retainAt(
      group,
      name,
      topic,
      { text, contentType: 'application/json' },
      {
        user: cloudEvent(encodeLevel(copy.kind), this.#sourceOf(copy), copy),
        expirySeconds: untilMs === Number.POSITIVE_INFINITY ? null : seconds(untilMs - clock.now()),
        settle: (delivered) => {
          copy.delivered = delivered
          for (const tell of copy.waiting.splice(0)) tell(delivered)
        },
      },
    )
  }

  #keep(copy: Copy): void {
    this.#copies.delete(copy.topic)
    this.#copies.set(copy.topic, copy)
    if (this.#copies.size > copiesAtMost) {
      const [oldest] = this.#copies.values()
      if (oldest) this.#clear(oldest)
    }
    this.#wakeAt(copy.untilMs)
  }

  #clear(copy: Copy): void {
    this.#copies.delete(copy.topic)
    if (this.#stands(copy)) this.#parts.publisher.clear(copy.group, copy.topic)
  }

  /** Copies go with their thing, of which nobody tells us. */
  #stands({ group, topic }: Copy): boolean {
    return this.#parts.publisher.owned.has(group, topic)
  }

  /** R-Q2: what a wrong clock has dated far ahead is not the newest until that time comes. */
  #isSane({ timeMs }: Copy): boolean {
    return timeMs <= this.#parts.clock.now() + futureToleranceMs
  }

  #untilMs(timeMs: number): number {
    const { ttlMs, clock } = this.#parts
    // A source whose clock is ahead of ours makes nothing live longer.
    return ttlMs === 0 ? Number.POSITIVE_INFINITY : Math.min(timeMs, clock.now()) + ttlMs
  }

  #wakeAt(untilMs: number): void {
    if (untilMs >= this.#dueMs) return
    const { clock } = this.#parts
    this.#timer?.cancel()
    this.#dueMs = untilMs
    this.#timer = clock.after(Math.max(0, untilMs - clock.now()) + graceMs, () => this.#sweep())
  }

  #sweep(): void {
    const now = this.#parts.clock.now()
    this.#dueMs = Number.POSITIVE_INFINITY
    let next = Number.POSITIVE_INFINITY
    for (const copy of [...this.#copies.values()]) {
      if (copy.untilMs <= now) this.#clear(copy)
      else next = Math.min(next, copy.untilMs)
    }
    this.#wakeAt(next)
  }

  /** The thing that the copy is about, with which it goes. */
  #groupOf(topic: string, { automation }: CopyFacts): string {
    const params = this.#parts.tree.parse(topic)?.params ?? {}
    for (const kind of ['device', 'scene', 'automation', 'home']) {
      const id = params[kind]
      if (id !== undefined) return `${kind}/${id}`
    }
    return automation === undefined ? 'last' : `automation/${automation}`
  }

  #sourceOf({ topic, group }: Copy): string {
    const { tree } = this.#parts
    const [, object, name] = (tree.relative(topic) ?? '').split('/')
    return `/${tree.base}/${group === 'last' ? `${object}/${name}` : group}`
  }
}

export type CopyFactsAt = CopyFacts & { readonly topic: string }

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000))
}

/** What an earlier run wrote, or anybody else; undefined when it is no event. */
function factsOf(text: string | undefined): CopyFacts | undefined {
  const event = tolerant(text ?? '')
  if (!event) return undefined
  const { id, kind, time, timeMs, automation } = event
  if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id)) return undefined
  if (typeof kind !== 'string' || typeof time !== 'string' || !Number.isSafeInteger(timeMs)) return undefined
  return {
    id,
    kind,
    time,
    timeMs: timeMs as number,
    automation: typeof automation === 'string' && isId(automation) ? automation : undefined,
  }
}

/** Ours stands before anything that came from outside, and in no text that did: quotes are escaped there. */
function replayed(text: string): string {
  return text.replace('"replay":false', '"replay":true')
}

/** What we wrote nests one level deeper than what we took. */
const copyLimits = { ...limits.cloud, bytes: largestPayload, depth: limits.cloud.depth + 2 }

function tolerant(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseJson(text, copyLimits)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
