import type { Settle } from '../util/settlement.ts'
import { Line } from './line.ts'
import { largestPayload, type Outgoing } from './message.ts'
import { WaitingStates } from './waiting-states.ts'

/** A message on its way; the same object from the offer to its end. */
export interface Entry {
  readonly message: Outgoing
  readonly bytes: number
  settle: readonly Settle[]
  /** Of a state that waits: rises along the line. */
  place: number
  /** How often the connection dropped while this one was alone in flight. */
  strikes: number
  suspect: boolean
  /** In flight, and a newer one of its topic was taken before it: it never goes again. */
  overtaken: boolean
}

export interface OutboxCaps {
  readonly states: number
  readonly stateBytes: number
  readonly events: number
  readonly eventBytes: number
}

export const outboxCaps: OutboxCaps = {
  states: 50_000,
  stateBytes: 64 * 1024 * 1024,
  events: 10_000,
  eventBytes: 16 * 1024 * 1024,
}

/** Messages without an answer that wait to be written. */
const unansweredAtMost = 512
const strikesToDie = 3
/** What a message weighs besides its texts. */
const entryBytes = 64
/** Nobody waits for most messages. */
const nobody: readonly Settle[] = []
const largestEntry = largestPayload + 512 + entryBytes

/**
 * R-M2, R-M4 as a state machine without I/O. States wait by topic, the newest wins; events wait in line, none is
 * merged, and go before states; answers go before events. What was in flight when the connection dropped comes back, is suspected, and goes one
 * at a time. Whoever waits for a message is told once: true when the broker has it or a newer one of its topic.
 */
export class Outbox {
  readonly #caps: OutboxCaps
  readonly #states: WaitingStates
  readonly #events = new Line<Entry>()
  /** What somebody asked for and waits for; it does not stand behind what happened meanwhile. */
  readonly #answers = new Line<Entry>()
  readonly #flying = new Set<Entry>()
  /** Goes before everything else; what came back from a dropped connection, never more than was in flight. */
  #ahead: Entry[] = []
  #suspects = 0
  #unanswered = 0
  readonly counts = { offered: 0, merged: 0, settled: 0, dead: 0, refused: 0 }

  constructor(caps: OutboxCaps = outboxCaps) {
    this.#caps = caps
    this.#states = new WaitingStates(caps)
  }

  /** Waiting and in flight. */
  get size(): number {
    return this.#states.size + this.#waitingEvents + this.#ahead.length + this.#flying.size
  }

  get inFlight(): number {
    return this.#flying.size
  }

  /** Those in flight that the broker answers. */
  get unanswered(): number {
    return this.#unanswered
  }

  get bytes(): number {
    return this.#states.bytes + this.#eventBytes
  }

  /** Whether a state of any size gets in. */
  get hasRoom(): boolean {
    return this.#states.hasRoomFor(largestEntry)
  }

  /**
   * The newest value of a topic. A waiting older one goes; who waited for it waits for this one. It does not overtake
   * the document that it goes after. At the cap topics that do not wait yet are refused: false, and nobody is told.
   */
  offerState(message: Outgoing, settle?: Settle): boolean {
    const entry = this.#newEntry(message, settle)
    const waiting = this.#states.get(message.topic)
    if (!waiting) return this.#took(this.#states.join(entry))
    this.#supersede(waiting, entry)
    this.#states.replace(waiting, entry)
    return true
  }

  /** An event, never merged; false at the cap, and nobody is told. */
  offerEvent(message: Outgoing, settle?: Settle): boolean {
    return this.#queueEvent(this.#events, this.#newEntry(message, settle))
  }

  /** The same for an answer, which goes before events and has room of its own: what happens costs nobody his answer (I-4). */
  offerAnswer(message: Outgoing, settle?: Settle): boolean {
    return this.#queueEvent(this.#answers, this.#newEntry(message, settle))
  }

  #queueEvent(line: Line<Entry>, entry: Entry): boolean {
    const { events, eventBytes } = this.#caps
    const hasRoom = line.length < events && line.bytes + entry.bytes <= eventBytes
    if (hasRoom) line.push(entry)
    return this.#took(hasRoom)
  }

  /** An event that tells of states: it does not overtake those that wait now. */
  offerFollower(message: Outgoing, settle?: Settle): boolean {
    return this.#took(this.#states.follow(this.#newEntry(message, settle)))
  }

  /** A state that goes before everything that waits; it stands alone, so there is no cap. */
  offerFirst(message: Outgoing): void {
    const entry = this.#newEntry(message, undefined)
    const isOlder = (other: Entry) => other.message.retain && other.message.topic === message.topic
    const older = [...this.#ahead.filter(isOlder), this.#states.remove(message.topic)]
    for (const other of older) if (other) this.#supersede(other, entry)
    this.#ahead = [entry, ...this.#ahead.filter((other) => !isOlder(other))]
  }

  /**
   * The next message to send, now in flight; undefined when the window is full or nothing may go. The window is that of
   * messages with an answer (R-M2); the others are in flight only until they are written, and have a bound of their own.
   */
  take(window: number): Entry | undefined {
    if (this.#unanswered >= window || this.#flying.size - this.#unanswered >= unansweredAtMost)
      return undefined
    // A suspect flies alone.
    if (this.#suspects > 0) return undefined
    const entry =
      this.#ahead.length > 0
        ? this.#takeAhead()
        : (this.#answers.shift() ?? this.#events.shift() ?? this.#states.take())
    if (!entry) return undefined
    this.#flying.add(entry)
    if (entry.suspect) this.#suspects++
    if (entry.message.qos > 0) this.#unanswered++
    return entry
  }

  /** The broker took it. */
  settled(entry: Entry): void {
    if (!this.#flying.has(entry)) return
    // Only answers can come in another order than their messages went.
    if (entry.message.retain && entry.message.qos > 0) this.#overtake(entry)
    this.#land(entry)
    this.counts.settled++
    for (const settle of entry.settle) settle(true)
  }

  /** It will never be delivered. */
  dead(entry: Entry): void {
    if (this.#land(entry)) this.#bury(entry)
  }

  /**
   * The connection is gone. `recent`: it dropped so soon after the last publish that one of those in flight may be
   * the cause. Gives the entries that died of it: the verdict is on the topic, and what waits for it goes with it.
   */
  disconnected(recent: boolean): readonly Entry[] {
    const flying = [...this.#flying]
    const alone = recent && flying.length === 1 && flying[0]?.suspect === true
    const open = flying.filter(({ overtaken }) => !overtaken)
    this.counts.merged += flying.length - open.length
    const back = this.#newestOf(open)
    this.#flying.clear()
    this.#suspects = 0
    this.#unanswered = 0
    for (const entry of back) {
      if (alone) entry.strikes++
      entry.suspect ||= recent
    }
    // Those that dropped the connection before wait for the unsuspicious ones.
    this.#ahead = [...back, ...this.#ahead].sort((a, b) => a.strikes - b.strikes)
    const poison = back.find((entry) => entry.strikes >= strikesToDie)
    if (!poison) return []
    const dying = this.#removeTopic(poison.message.topic)
    for (const entry of dying) this.#bury(entry)
    return dying
  }

  get #waitingEvents(): number {
    return this.#answers.length + this.#events.length
  }

  get #eventBytes(): number {
    return this.#answers.bytes + this.#events.bytes
  }

  #land(entry: Entry): boolean {
    const flew = this.#flying.delete(entry)
    if (flew && entry.suspect) this.#suspects--
    if (flew && entry.message.qos > 0) this.#unanswered--
    return flew
  }

  #newEntry(message: Outgoing, settle: Settle | undefined): Entry {
    this.counts.offered++
    const bytes = message.topic.length + message.payload.length + entryBytes
    return {
      message,
      bytes,
      settle: settle ? [settle] : nobody,
      place: 0,
      strikes: 0,
      suspect: false,
      overtaken: false,
    }
  }

  /** Who waited for the older one waits for the newer one. */
  #supersede(older: Entry, newer: Entry): void {
    this.counts.merged++
    if (older.settle.length > 0) newer.settle = [...older.settle, ...newer.settle]
  }

  /** Brokers should answer in order; where one does not, a value that left earlier must not follow its successor. */
  #overtake(newer: Entry): void {
    for (const entry of this.#flying) {
      if (entry === newer) return
      if (!entry.message.retain || entry.message.topic !== newer.message.topic) continue
      entry.overtaken = true
      newer.settle = [...entry.settle, ...newer.settle]
      entry.settle = nobody
    }
  }

  #took(isTaken: boolean): boolean {
    if (!isTaken) this.counts.refused++
    return isTaken
  }

  #takeAhead(): Entry | undefined {
    const first = this.#ahead[0]
    if (!first) return undefined
    const { after } = this.#states.get(first.message.topic)?.message ?? first.message
    const document =
      after === undefined ? undefined : this.#ahead.find(({ message }) => message.topic === after)
    if (after !== undefined && !document) {
      const waiting = this.#states.remove(after)
      if (waiting) return waiting
    }
    const next = document ?? first
    if (next.suspect && this.#flying.size > 0) return undefined
    this.#ahead = this.#ahead.filter((entry) => entry !== next)
    return this.#newest(next)
  }

  /** A state that came back, or the value that replaced it meanwhile, under the same suspicion. */
  #newest(entry: Entry): Entry {
    const newer = entry.message.retain ? this.#states.remove(entry.message.topic) : undefined
    if (!newer) return entry
    this.#supersede(entry, newer)
    newer.strikes = entry.strikes
    newer.suspect = entry.suspect
    return newer
  }

  /** Of several values of one topic in flight only the last comes back: an older one must not follow it. */
  #newestOf(flying: Iterable<Entry>): Entry[] {
    const back = new Map<string | Entry, Entry>()
    for (const entry of flying) {
      const key = entry.message.retain ? entry.message.topic : entry
      const older = back.get(key)
      if (older) this.#supersede(older, entry)
      back.delete(key)
      back.set(key, entry)
    }
    return [...back.values()].map((entry) => this.#newest(entry))
  }

  #removeTopic(topic: string): Entry[] {
    const isOn = (entry: Entry) => entry.message.topic === topic
    const removed = this.#ahead.filter(isOn)
    this.#ahead = this.#ahead.filter((entry) => !isOn(entry))
    removed.push(...this.#answers.remove(isOn), ...this.#events.remove(isOn))
    removed.push(...this.#states.removeAll(isOn))
    return removed
  }

  #bury(entry: Entry): void {
    this.counts.dead++
    for (const settle of entry.settle) settle(false)
  }
}
