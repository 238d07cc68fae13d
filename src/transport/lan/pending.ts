import type { Reply } from '../../codec/lan/reply.ts'
import type { Request } from '../../codec/lan/request.ts'
import { SendError, type SendOutcome } from '../../domain/link.ts'
import { toBridgeError } from '../../util/error.ts'

/** From the call to the answer. */
export const answerMs = 3_000

/** With less time than this left nothing is written: no device would answer so fast. */
const leastMs = 250

export interface PendingParts {
  readonly request: Request
  readonly cid: string | null
  readonly paced: boolean
  readonly signal: AbortSignal
  /** Monotonic. */
  readonly askedAt: number
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: SendError) => void
}

/**
 * So long nobody notices that it is given up. Most are answered by then, and to watch a signal and to let it go takes
 * as long as to read an answer.
 */
const unwatchedMs = 100

const busy = 'The device was busy with other requests.'

/** One question: it has one end, whatever happens. */
export class Pending {
  readonly #parts: PendingParts
  #seq: number | undefined
  #settled = false
  #dueAt: number
  #timesLate = 0
  #isWatched = false

  constructor(parts: PendingParts) {
    this.#parts = parts
    this.#dueAt = parts.askedAt + answerMs
  }

  /** When it wants to be looked at, monotonic. */
  get lookAt(): number {
    return this.#isWatched ? this.#dueAt : this.#parts.askedAt + unwatchedMs
  }

  /** Says whether it was written and no answer came in time; one may still come later. */
  look(now: number): boolean {
    if (!this.#isWatched) this.#watch()
    return now >= this.#dueAt && this.#late()
  }

  get request(): Request {
    return this.#parts.request
  }

  get cid(): string | null {
    return this.#parts.cid
  }

  get paced(): boolean {
    return this.#parts.paced
  }

  /** Undefined while it is not written. */
  get seq(): number | undefined {
    return this.#seq
  }

  /** Whoever asked has his end; the answer may still come. */
  get isSettled(): boolean {
    return this.#settled
  }

  get isLate(): boolean {
    return this.#timesLate > 0
  }

  /** Nobody waits for the answer any more, not even to know whose it is. */
  get isGivenUp(): boolean {
    return this.#timesLate > 1
  }

  /** Whether it may still be written; otherwise it has its end now. */
  mayWrite(now: number): boolean {
    if (this.#parts.signal.aborted) this.#onAbort()
    else if (now > this.#dueAt - leastMs) this.#giveUp(busy)
    return !this.#settled
  }

  wrote(seq: number): void {
    this.#seq = seq
  }

  answer(reply: Reply): void {
    if (!this.#settle()) return
    this.#parts.resolve(reply)
  }

  fail(outcome: SendOutcome, thrown: unknown): void {
    if (!this.#settle()) return
    const { code, message } = toBridgeError(thrown)
    const isOurs = thrown instanceof RangeError
    // What was written may have been done, whyever nobody heard of it.
    const reason = isOurs ? 'lan/error' : outcome === 'unknown' ? 'lan/timeout' : code
    this.#parts.reject(
      new SendError(outcome, reason, message, {
        retry: isOurs ? 'never' : 'later',
        cause: thrown,
      }),
    )
  }

  #watch(): void {
    this.#isWatched = true
    if (this.#parts.signal.aborted) this.#onAbort()
    else if (!this.#settled) this.#parts.signal.addEventListener('abort', this.#onAbort)
  }

  #late(): boolean {
    const wasWritten = this.#seq !== undefined
    this.#giveUp(wasWritten ? 'The device did not answer in time; it may have acted.' : busy)
    if (wasWritten) this.#timesLate++
    this.#dueAt += answerMs
    return wasWritten
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    if (this.#isWatched) this.#parts.signal.removeEventListener('abort', this.#onAbort)
    return true
  }

  #giveUp(message: string): void {
    if (!this.#settle()) return
    const outcome = this.#seq === undefined ? 'not-sent' : 'unknown'
    this.#parts.reject(new SendError(outcome, 'lan/timeout', message, { retry: 'later' }))
  }

  readonly #onAbort = (): void => this.#giveUp('The request was given up before the device answered.')
}
