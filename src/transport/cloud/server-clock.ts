import type { Clock } from '../../util/clock.ts'

/** Times of the platform may be whole seconds, and clocks differ a little. */
const toleranceMs = 2_000

/**
 * R-C3: the cloud's wall clock, learned from the time field of its answers and carried on by our monotonic clock, so
 * that a jump of our own wall clock moves neither a signature nor the date of a report.
 */
export class ServerClock {
  readonly #clock: Clock
  /** Cloud time minus monotonic time. */
  #offsetMs: number
  #isKnown = false

  constructor(clock: Clock) {
    this.#clock = clock
    this.#offsetMs = Math.round(clock.now() - clock.monotonic())
  }

  /** Milliseconds since 1970 as the cloud counts them. */
  now(): number {
    return Math.round(this.#clock.monotonic() + this.#offsetMs)
  }

  /** How far our wall clock is off, positive when the cloud is ahead. */
  get skewMs(): number {
    return this.now() - this.#clock.now()
  }

  /** Whether the cloud has told its time yet. */
  get isKnown(): boolean {
    return this.#isKnown
  }

  /** The cloud said `t` in answer to a request sent at `sentAt` of the monotonic clock; true when that moved us. */
  observe(t: number, sentAt: number): boolean {
    const receivedAt = this.#clock.monotonic()
    this.#isKnown = true
    // The cloud read its clock at some moment between: only an offset beyond both ends is proven wrong.
    const known = this.#offsetMs
    if (known >= t - receivedAt - toleranceMs && known <= t - sentAt + toleranceMs) return false
    this.#offsetMs = Math.round(t - (sentAt + receivedAt) / 2)
    return true
  }

  /** Changes whenever the cloud's time was learned anew. */
  get generation(): number {
    return this.#offsetMs
  }
}

/** Codes after which the clock is suspected: the time itself, and a signature that a wrong time spoils. */
export const clockSuspects: ReadonlySet<number> = new Set([1013, 1004])
