import { decodeFrame, type Frame } from '../../codec/queue/frame.ts'
import { QueueError } from '../../codec/queue/queue-error.ts'
import type { QueueMessage, Sink } from '../../domain/message.ts'
import type { Clock } from '../../util/clock.ts'
import { Settlement } from '../../util/settlement.ts'
import { AckBook, type BookCounts, type Entry, type Fate, type Raw } from './ack-book.ts'
import { type DeadLetter, DeadLetters } from './dead-letters.ts'
import { KeyWatch } from './key-watch.ts'

/** R-Q1: a frame that weighs more is not read. */
export const largestFrame = 1024 * 1024
/** Where a message tells its id; it comes first, and everything else may be left. */
const headChars = 4_096

export interface Readable {
  readonly message: QueueMessage
  readonly signOk: boolean
}

export interface IntakeParts {
  readonly clock: Clock
  /** Throws QueueError. */
  readonly decode: (frame: Frame, receivedMs: number) => Readable
  /** A message whose signature is wrong is dead; otherwise it is only counted. */
  readonly requireSign: boolean
  readonly sink: Sink
  readonly onMessage: (receivedMs: number) => void
  readonly onDead: (letter: DeadLetter) => void
  /** Hears what should never have been thrown; the message it was about is dead. */
  readonly onDefect: (thrown: unknown) => void
}

/** Why a message is kept back. */
interface Doubt {
  readonly raw: Raw
  readonly reason: string
  readonly publishTimeMs: number | null
}

/** The connection that brings the frames at present. */
export interface Outlet {
  ack(id: string): void
  /** Whether there is room for more. */
  regulate(room: boolean): void
  /** Nothing that this connection brings can be decoded. */
  giveUp(): void
  /** It does not stop sending. */
  overrun(): void
  /** Something found no room, and all before it is settled. */
  crowded(): void
}

/** What the queue brings, from the frame to the sink and, when that is done with it, to the acknowledgement (I-1). */
export class Intake {
  readonly #parts: IntakeParts
  readonly #book: AckBook
  readonly #keys = new KeyWatch()
  readonly #dead: DeadLetters
  /** Why something is kept back; gone with it. */
  readonly #reasons = new WeakMap<Entry, Doubt>()
  #outlet: Outlet | undefined
  #badSigns = 0
  #working = false
  #draining = false
  /** Something of this connection found no room: what came after it must not overtake it. */
  #crowded = false

  constructor(parts: IntakeParts, book: AckBook = new AckBook()) {
    this.#parts = parts
    this.#book = book
    this.#dead = new DeadLetters(parts.onDead)
  }

  get counts(): BookCounts {
    return this.#book.counts
  }

  /** Dead letters by reason. */
  get deadByReason(): ReadonlyMap<string, number> {
    return this.#dead.byReason
  }

  /** Messages whose signature was wrong. */
  get badSigns(): number {
    return this.#badSigns
  }

  get keys(): Pick<KeyWatch, 'mismatch' | 'proven'> {
    return this.#keys
  }

  /** When the oldest frame came that has no acknowledgement, monotonic. */
  get oldest(): number | undefined {
    return this.#book.oldest()
  }

  /** Something is kept back because it may be the key that is wrong. */
  get holds(): boolean {
    return this.#book.holds
  }

  /** Messages that are being settled. */
  get underWay(): number {
    return this.#book.underWay
  }

  /** What is not acknowledged waits for us, not for the queue. */
  get isBehind(): boolean {
    return this.#crowded || this.#book.underWay > 0
  }

  connected(outlet: Outlet): void {
    this.#outlet = outlet
    this.#keys.connected()
    this.#work()
  }

  /** Whatever has no acknowledgement comes again; `gaveUp` because nothing could be decoded. */
  disconnected(gaveUp: boolean): void {
    this.#outlet = undefined
    this.#crowded = false
    if (gaveUp) this.#keys.gaveUp()
    this.#book.disconnected()
  }

  /** The queue has read so many more of the acknowledgements. */
  proven(acks: number): void {
    this.#book.proven(acks)
    this.#work()
  }

  /** Nothing more is taken; what is being settled is still acknowledged. */
  drain(): void {
    this.#draining = true
    this.#work()
  }

  heard(text: string, bytes: number): void {
    const { clock } = this.#parts
    const kept = bytes > largestFrame ? text.slice(0, headChars) : text
    this.#book.arrived({ text: kept, bytes, at: clock.monotonic(), receivedMs: clock.now() })
    if (this.#outlet) this.#work()
  }

  /** A sink that settles at once comes by here again from within. */
  #work(): void {
    if (this.#working) return
    this.#working = true
    const outlet = this.#outlet
    while (this.#outlet && this.#outlet === outlet && !this.#isClosed) {
      const raw = this.#book.next()
      if (!raw) break
      this.#take(raw)
    }
    this.#working = false
    if (!this.#outlet) return
    if (this.#book.isOverfull) this.#outlet.overrun()
    else if (this.#crowded && this.#book.underWay === 0) this.#outlet.crowded()
    else this.#outlet.regulate(!this.#isClosed && this.#book.takesMore)
  }

  /** Nothing more is looked at. */
  get #isClosed(): boolean {
    return this.#draining || this.#crowded
  }

  #take(raw: Raw): void {
    if (raw.bytes > largestFrame) {
      this.#refuse(raw, idIn(raw.text), 'queue/too-large')
      return
    }
    let frame: Frame
    try {
      frame = decodeFrame(raw.text)
    } catch (thrown) {
      const { messageId, reason } = faultOf(thrown)
      this.#refuse(raw, messageId, reason)
      return
    }
    const entry = this.#enter(raw, frame.messageId)
    if (entry) this.#read(raw, frame, entry)
  }

  /** Undefined for a message that was here before. */
  #enter(raw: Raw, id: string): Entry | undefined {
    const entered = this.#book.enter(raw, id)
    if (entered === 'settled') this.#ack(id)
    return typeof entered === 'string' ? undefined : entered
  }

  /** R-Q4: a message that is no message. Without an id it stays unacknowledged, which ends the connection in time. */
  #refuse(raw: Raw, id: string | null, reason: string): void {
    if (id !== null) {
      const entry = this.#enter(raw, id)
      if (entry) this.#bury(entry, raw, reason)
      return
    }
    this.#book.unreadable(raw)
    this.#dead.add(raw.text, raw.bytes, raw.receivedMs, reason)
  }

  #read(raw: Raw, frame: Frame, entry: Entry): void {
    let readable: Readable
    try {
      readable = this.#parts.decode(frame, raw.receivedMs)
    } catch (thrown) {
      const { reason, keySuspect } = faultOf(thrown)
      if (!(thrown instanceof QueueError)) this.#parts.onDefect(thrown)
      if (keySuspect) this.#doubt(entry, { raw, reason, publishTimeMs: frame.publishTimeMs })
      else this.#bury(entry, raw, reason)
      return
    }
    this.#keys.succeeded()
    if (this.#book.holds) for (const held of this.#book.held()) this.#release(held, frame.publishTimeMs)
    this.#parts.onMessage(raw.receivedMs)
    if (!readable.signOk) this.#badSigns++
    if (!readable.signOk && this.#parts.requireSign) this.#bury(entry, raw, 'queue/sign')
    else this.#handOver(readable.message, raw, entry)
  }

  #handOver(message: QueueMessage, raw: Raw, entry: Entry): void {
    const settlement = new Settlement(
      (delivered) => {
        this.#settle(entry, delivered ? 'settled' : 'dead')
        this.#work()
      },
      () => this.#shed(entry),
    )
    try {
      this.#parts.sink({ message, receivedMs: raw.receivedMs }, settlement)
      settlement.seal()
    } catch (thrown) {
      // A defect of ours must not stop the others, and coming again would not make it better.
      this.#parts.onDefect(thrown)
      if (!entry.over) this.#bury(entry, raw, 'bridge/internal')
    }
  }

  #doubt(entry: Entry, doubt: Doubt): void {
    const verdict = this.#keys.failed()
    if (verdict === 'dead') {
      this.#bury(entry, doubt.raw, doubt.reason)
      return
    }
    this.#book.hold(entry)
    this.#reasons.set(entry, doubt)
    if (verdict === 'close') this.#outlet?.giveUp()
  }

  /**
   * A message decoded that was published at this time. Of the many that are held when we look on, those that are
   * younger may be sealed with a key that came after it: they wait for one of their own time.
   */
  #release(entry: Entry, provenMs: number | null): void {
    const doubt = this.#reasons.get(entry)
    if (!doubt) return
    const { raw, reason, publishTimeMs } = doubt
    if (this.#keys.looksOn && publishTimeMs !== null && provenMs !== null && publishTimeMs > provenMs) return
    this.#book.release(entry)
    this.#bury(entry, raw, reason)
  }

  #bury(entry: Entry, raw: Raw, reason: string): void {
    this.#settle(entry, 'dead')
    this.#dead.add(raw.text, raw.bytes, raw.receivedMs, reason)
  }

  /** The queue brings it again, with all that comes after it. */
  #shed(entry: Entry): void {
    this.#crowded ||= entry.owed > 0
    this.#book.shed(entry)
    this.#work()
  }

  #settle(entry: Entry, how: Fate): void {
    for (let owed = this.#book.settle(entry, how); owed > 0; owed--) this.#ack(entry.id)
  }

  #ack(id: string): void {
    if (!this.#outlet) return
    this.#book.sent()
    this.#outlet.ack(id)
  }
}

/** Anything but the codec's own errors is a defect of ours. */
function faultOf(thrown: unknown): Pick<QueueError, 'reason' | 'messageId' | 'keySuspect'> {
  if (!(thrown instanceof QueueError))
    return { reason: 'bridge/internal', messageId: null, keySuspect: false }
  const { reason, messageId, keySuspect, code } = thrown
  // A cipher that we do not know may be that of all messages from now on: they are not acknowledged away either.
  return { reason, messageId, keySuspect: keySuspect || code === 'unsupported_encryption' }
}

function idIn(head: string): string | null {
  return /"messageId":"([^"\\]{1,1024})"/.exec(head)?.[1] ?? null
}
