import type { Outgoing } from './message.ts'

/** Why a message left the outbox without the broker's word: told once, never retried. */
export type DeadReason = 'poison' | 'refused' | 'invalid' | 'full'

export type Settle = (delivered: boolean) => void

/** A message on its way; the same object from the offer to its end. */
export interface Entry {
  readonly message: Outgoing
  readonly bytes: number
  settle: Settle[]
  /** How often the connection dropped while this one was alone in flight. */
  strikes: number
  suspect: boolean
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

const strikesToDie = 3

/**
 * R-M2, R-M4 as a state machine without I/O. States wait by topic, the newest wins; events wait in line, none is
 * merged. What was in flight when the connection dropped comes back, is suspected, and goes one at a time.
 */
export class Outbox {
  readonly #caps: OutboxCaps
  readonly #states = new Map<string, Entry>()
  readonly #events: Entry[] = []
  #eventHead = 0
  readonly #flying = new Set<Entry>()
  #suspects: Entry[] = []
  #stateBytes = 0
  #eventBytes = 0
  readonly counts = { offered: 0, merged: 0, settled: 0, dead: 0, refused: 0 }

  constructor(caps: OutboxCaps = outboxCaps) {
    this.#caps = caps
  }

  /** Waiting and in flight. */
  get size(): number {
    return (
      this.#states.size + (this.#events.length - this.#eventHead) + this.#suspects.length + this.#flying.size
    )
  }

  get inFlight(): number {
    return this.#flying.size
  }

  get bytes(): number {
    return this.#stateBytes + this.#eventBytes
  }

  /** The newest value of a topic. A waiting older one goes; who waited for it waits for this one. */
  offerState(message: Outgoing, settle?: Settle): boolean {
    this.counts.offered++
    const bytes = weigh(message)
    const waiting = this.#states.get(message.topic)
    if (
      !waiting &&
      (this.#states.size >= this.#caps.states || this.#stateBytes + bytes > this.#caps.stateBytes)
    ) {
      this.counts.refused++
      return false
    }
    const entry = newEntry(message, bytes, settle)
    if (waiting) {
      this.counts.merged++
      this.#stateBytes -= waiting.bytes
      entry.settle.unshift(...waiting.settle)
    }
    this.#stateBytes += bytes
    // Keeps its place in line: a busy topic cannot push itself behind the others for ever.
    this.#states.set(message.topic, entry)
    return true
  }

  /** An event, never merged. */
  offerEvent(message: Outgoing, settle?: Settle): boolean {
    this.counts.offered++
    const bytes = weigh(message)
    const waiting = this.#events.length - this.#eventHead
    if (waiting >= this.#caps.events || this.#eventBytes + bytes > this.#caps.eventBytes) {
      this.counts.refused++
      return false
    }
    this.#eventBytes += bytes
    this.#events.push(newEntry(message, bytes, settle))
    return true
  }

  /** The next message to send, now in flight; undefined when the window is full or nothing may go. */
  take(window: number): Entry | undefined {
    if (this.#flying.size >= window) return undefined
    const entry = this.#suspects.length > 0 ? this.#takeSuspect() : (this.#takeEvent() ?? this.#takeState())
    if (entry) this.#flying.add(entry)
    return entry
  }

  /** The broker took it. */
  settled(entry: Entry): void {
    if (!this.#flying.delete(entry)) return
    this.counts.settled++
    for (const settle of entry.settle) settle(true)
  }

  /** It will never be delivered. */
  dead(entry: Entry): void {
    if (!this.#flying.delete(entry)) return
    this.counts.dead++
    for (const settle of entry.settle) settle(false)
  }

  /**
   * The connection is gone. `recent`: it dropped so soon after the last publish that one of those in flight may be
   * the cause. Gives the entries that died of it.
   */
  disconnected(recent: boolean): readonly Entry[] {
    const flying = [...this.#flying]
    this.#flying.clear()
    const alone = flying.length === 1 && flying[0]?.suspect === true
    const died: Entry[] = []
    const back: Entry[] = []
    for (const entry of flying) {
      if (recent && alone) entry.strikes++
      if (entry.strikes >= strikesToDie) {
        this.counts.dead++
        for (const settle of entry.settle) settle(false)
        died.push(entry)
        continue
      }
      const newer = entry.message.retain ? this.#states.get(entry.message.topic) : undefined
      if (newer) newer.settle.unshift(...entry.settle)
      else {
        entry.suspect = entry.suspect || recent
        back.push(entry)
      }
    }
    // Those that dropped the connection before wait for the unsuspicious ones.
    this.#suspects = [...back, ...this.#suspects].sort((a, b) => a.strikes - b.strikes)
    return died
  }

  /** Everything that waits and satisfies the test is given up, for instance states of a device that is gone. */
  drop(test: (topic: string) => boolean): void {
    for (const [topic, entry] of this.#states) {
      if (!test(topic)) continue
      this.#states.delete(topic)
      this.#stateBytes -= entry.bytes
      for (const settle of entry.settle) settle(false)
    }
  }

  #takeSuspect(): Entry | undefined {
    const first = this.#suspects[0]
    if (!first) return undefined
    // A suspect flies alone; what only came back without suspicion may fly with others.
    if (first.suspect ? this.#flying.size > 0 : [...this.#flying].some((entry) => entry.suspect))
      return undefined
    this.#suspects.shift()
    const newer = first.message.retain ? this.#states.get(first.message.topic) : undefined
    if (!newer) return first
    newer.settle.unshift(...first.settle)
    return this.#suspects.length > 0 ? this.#takeSuspect() : (this.#takeEvent() ?? this.#takeState())
  }

  #takeEvent(): Entry | undefined {
    const entry = this.#events[this.#eventHead]
    if (!entry) return undefined
    this.#eventHead++
    if (this.#eventHead > 1024 && this.#eventHead * 2 > this.#events.length) {
      this.#events.splice(0, this.#eventHead)
      this.#eventHead = 0
    }
    this.#eventBytes -= entry.bytes
    return entry
  }

  #takeState(): Entry | undefined {
    const first = this.#states.entries().next()
    if (first.done) return undefined
    const [topic, entry] = first.value
    this.#states.delete(topic)
    this.#stateBytes -= entry.bytes
    return entry
  }
}

function newEntry(message: Outgoing, bytes: number, settle: Settle | undefined): Entry {
  return { message, bytes, settle: settle ? [settle] : [], strikes: 0, suspect: false }
}

function weigh(message: Outgoing): number {
  return message.topic.length + message.payload.length + 64
}
