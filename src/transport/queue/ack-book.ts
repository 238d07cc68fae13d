import { hash } from 'node:crypto'
import { BoundedMap } from '../../util/bounded-map.ts'

/** What became of a message. `stale`: something newer was there before it. `dead`: refused on purpose. */
export type Fate = 'settled' | 'stale' | 'dead'

/** A frame as it came, not looked at yet. */
export interface Raw {
  readonly text: string
  /** What it weighed on the wire; the text of an oversized one is only its beginning. */
  readonly bytes: number
  /** Monotonic milliseconds. */
  readonly at: number
  readonly receivedMs: number
}

/** A message from its first frame to its settlement, over any number of connections. */
export interface Entry {
  readonly id: string
  readonly bytes: number
  /** Frames of it on the present connection that have no acknowledgement. */
  owed: number
  /** When the oldest of them came. */
  since: number
  /** Kept back: it could not be decoded, and it may be the key's fault. */
  held: boolean
  over: boolean
}

export interface BookCaps {
  /**
   * R-Q5: frames without an acknowledgement that the queue has read, and messages that are being settled. They come
   * again should this process die.
   */
  readonly frames: number
  readonly bytes: number
  /** What was read already when reading stopped. */
  readonly line: number
  readonly lineBytes: number
  /** What is read though the window is full, as the answers that make room come behind it. */
  readonly ahead: number
  readonly aheadBytes: number
  /** R-Q3: settled messages that are remembered. */
  readonly settled: number
}

export const bookCaps: BookCaps = {
  frames: 256,
  bytes: 4 * 1024 * 1024,
  line: 4_096,
  lineBytes: 4 * 1024 * 1024,
  ahead: 1_024,
  aheadBytes: 1024 * 1024,
  settled: 20_000,
}

/** R-T4: received = settled + duplicate + stale + dead + shed + pending, at every moment. */
export interface BookCounts {
  readonly received: number
  readonly acked: number
  readonly settled: number
  readonly duplicate: number
  readonly stale: number
  readonly dead: number
  /** Let go without an acknowledgement when the connection ended; the queue sends them again. */
  readonly shed: number
  readonly pending: number
}

/** `settled`: acknowledge this frame now. `waiting`: it is acknowledged with the one that is under way. */
export type Entered = Entry | 'settled' | 'waiting'

/**
 * R-Q3, R-Q5 as a state machine without I/O: which frames the queue still waits for, which messages are under way and
 * which are done. A frame is acknowledged exactly once, when its message is settled, and only on the connection that
 * brought it. A message outlives its connection: redelivered, it is the same one.
 */
export class AckBook {
  readonly #caps: BookCaps
  readonly #open = new Map<string, Entry>()
  readonly #done: BoundedMap<string, true>
  #line: Raw[] = []
  #lineBytes = 0
  #bytes = 0
  #owed = 0
  /** Acknowledgements that the queue may not have read. */
  #unproven = 0
  /** Under way, but its connection is gone. */
  #orphans = 0
  /** When the first frame came that nobody can acknowledge. */
  #strangerAt: number | undefined
  #held = 0
  #taken: Raw | undefined
  readonly #counts = { received: 0, acked: 0, settled: 0, duplicate: 0, stale: 0, dead: 0, shed: 0 }

  constructor(caps: BookCaps = bookCaps) {
    this.#caps = caps
    this.#done = new BoundedMap(caps.settled)
  }

  get counts(): BookCounts {
    return { ...this.#counts, pending: this.#open.size + this.#line.length + (this.#taken ? 1 : 0) }
  }

  /** Messages that are being settled. */
  get underWay(): number {
    return this.#open.size
  }

  /** The window is full: nothing more is looked at. */
  get isShut(): boolean {
    const { frames, bytes } = this.#caps
    return this.#owed + this.#orphans + this.#unproven >= frames || this.#bytes >= bytes
  }

  /** Whether more should be read. Of a window that is full of bytes no answer of the queue makes room. */
  get takesMore(): boolean {
    const { bytes, ahead, aheadBytes } = this.#caps
    if (!this.isShut) return this.#line.length === 0
    const awaitsAnswer = this.#unproven > 0 && this.#bytes < bytes
    return awaitsAnswer && this.#line.length < ahead && this.#lineBytes < aheadBytes
  }

  /** More came after reading had stopped than one piece from a socket explains. */
  get isOverfull(): boolean {
    return this.#line.length > this.#caps.line || this.#lineBytes > this.#caps.lineBytes
  }

  /** A frame came. */
  arrived(raw: Raw): void {
    this.#counts.received++
    this.#line.push(raw)
    this.#lineBytes += raw.text.length
  }

  /** The next frame to look at; it must go into `enter` or `unreadable` before the next one is taken. */
  next(): Raw | undefined {
    if (this.isShut) return undefined
    this.#taken = this.#line.shift()
    this.#lineBytes -= this.#taken?.text.length ?? 0
    return this.#taken
  }

  /** The taken frame is one of this message. */
  enter(raw: Raw, id: string): Entered {
    this.#taken = undefined
    const known = this.#open.get(id)
    if (known) return this.#again(known, raw)
    if (this.#done.has(keyOf(id))) {
      // Moves to the young end: what is still sent again is still to be known.
      this.#done.set(keyOf(id), true)
      this.#counts.duplicate++
      this.#counts.acked++
      return 'settled'
    }
    const entry = { id, bytes: raw.bytes, owed: 1, since: raw.at, held: false, over: false }
    this.#open.set(id, entry)
    this.#owed++
    this.#bytes += raw.bytes
    return entry
  }

  /** The taken frame tells no message id: it is dead, and stays unacknowledged until the connection ends. */
  unreadable(raw: Raw): void {
    this.#taken = undefined
    this.#counts.dead++
    this.#strangerAt ??= raw.at
  }

  /** The message is done. Gives how many frames are to be acknowledged now; 0 for one that was done before. */
  settle(entry: Entry, how: Fate): number {
    if (entry.over) return 0
    const { owed } = entry
    this.#remove(entry)
    this.#done.set(keyOf(entry.id), true)
    this.#counts[how]++
    this.#counts.acked += owed
    return owed
  }

  /**
   * There was no room for what follows from the message. Its frames stay unacknowledged, which ends the connection in
   * time, and the queue brings it again.
   */
  shed(entry: Entry): void {
    if (entry.over) return
    if (entry.owed > 0) this.#strangerAt = Math.min(this.#strangerAt ?? Infinity, entry.since)
    this.#remove(entry)
    this.#counts.shed++
  }

  /** Whether anything is kept back. */
  get holds(): boolean {
    return this.#held > 0
  }

  /** What is kept back, oldest first. */
  held(): Entry[] {
    return this.holds ? [...this.#open.values()].filter(({ held }) => held) : []
  }

  hold(entry: Entry): void {
    if (entry.held || entry.over) return
    entry.held = true
    this.#held++
  }

  /** It is not kept back any more, and has to be settled now. */
  release(entry: Entry): void {
    if (!entry.held) return
    entry.held = false
    this.#held--
  }

  /** When the oldest frame came that has no acknowledgement; undefined when there is none. */
  oldest(): number | undefined {
    let oldest = Math.min(this.#strangerAt ?? Infinity, this.#line[0]?.at ?? Infinity)
    for (const { owed, since } of this.#open.values()) if (owed > 0) oldest = Math.min(oldest, since)
    return oldest === Infinity ? undefined : oldest
  }

  /** An acknowledgement is written. */
  sent(): void {
    this.#unproven++
  }

  /** So many of them were read. */
  proven(acks: number): void {
    this.#unproven = Math.max(0, this.#unproven - acks)
  }

  /** The connection is gone: the queue sends again whatever it waited for. What is being settled goes on. */
  disconnected(): void {
    for (const entry of this.held()) {
      this.#remove(entry)
      this.#counts.shed++
    }
    this.#counts.shed += this.#line.length
    this.#line = []
    this.#lineBytes = 0
    this.#strangerAt = undefined
    for (const entry of this.#open.values()) entry.owed = 0
    this.#owed = 0
    this.#unproven = 0
    this.#orphans = this.#open.size
  }

  #again(entry: Entry, raw: Raw): 'waiting' {
    this.#counts.duplicate++
    if (entry.owed === 0) {
      entry.since = raw.at
      this.#orphans--
    }
    entry.owed++
    this.#owed++
    return 'waiting'
  }

  #remove(entry: Entry): void {
    this.release(entry)
    entry.over = true
    this.#open.delete(entry.id)
    this.#bytes -= entry.bytes
    this.#owed -= entry.owed
    if (entry.owed === 0) this.#orphans--
  }
}

/** Real ids are short; a long one must not weigh twenty thousand times. */
function keyOf(id: string): string {
  return id.length <= 64 ? id : hash('sha256', id)
}
