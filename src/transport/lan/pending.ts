import type { Reply } from '../../codec/lan/reply.ts'
import type { Request } from '../../codec/lan/request.ts'
import { SendError, type SendOutcome } from '../../domain/link.ts'
import type { Clock, Timer } from '../../util/clock.ts'
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
  readonly clock: Clock
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: SendError) => void
  /** It was written, and no answer came in time; called again when none comes later either. */
  readonly onLate: () => void
}

const busy = 'The device was busy with other requests.'

/** One question: it has one end, whatever happens. */
export class Pending {
  readonly #parts: PendingParts
  #timer: Timer | undefined
  #seq: number | undefined
  #settled = false
  readonly #writeUntil: number
  #timesLate = 0

  constructor(parts: PendingParts) {
    this.#parts = parts
    this.#writeUntil = parts.clock.monotonic() + answerMs - leastMs
  }

  /** Its time begins. Whoever can write it at once does that before: the device waits. */
  start(): void {
    if (this.#settled) return
    const { clock, signal } = this.#parts
    this.#timer = clock.after(answerMs, this.#onTime)
    signal.addEventListener('abort', this.#onAbort, { once: true })
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
  mayWrite(): boolean {
    if (!this.#settled && this.#parts.clock.monotonic() > this.#writeUntil) this.#giveUp(busy)
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
    this.done()
  }

  /** No answer is waited for any more. */
  done(): void {
    this.#timer?.cancel()
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#parts.signal.removeEventListener('abort', this.#onAbort)
    // What was written keeps its place until it is answered.
    if (this.#seq === undefined) this.#timer?.cancel()
    return true
  }

  #giveUp(message: string): void {
    if (!this.#settle()) return
    const outcome = this.#seq === undefined ? 'not-sent' : 'unknown'
    this.#parts.reject(new SendError(outcome, 'lan/timeout', message, { retry: 'later' }))
  }

  readonly #onAbort = (): void => this.#giveUp('The request was given up before the device answered.')

  readonly #onTime = (): void => {
    const wasWritten = this.#seq !== undefined
    this.#giveUp(wasWritten ? 'The device did not answer in time; it may have acted.' : busy)
    if (!wasWritten) return
    this.#timesLate++
    if (this.#timesLate === 1) this.#timer = this.#parts.clock.after(answerMs, this.#onTime)
    this.#parts.onLate()
  }
}
