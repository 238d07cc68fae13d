import type { Clock, Timer } from '../../util/clock.ts'

/**
 * R-E2: so many publishes a second with a burst. What comes faster waits in order, and while any waits the library
 * reads no more of that connection, so that its sender waits too.
 */
export class PublishThrottle {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #burst: number
  readonly #waiting: (() => void)[] = []
  #tokens: number
  #filledAt: number
  #timer: Timer | undefined
  #stopped = false

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#filledAt = clock.monotonic()
  }

  /** Runs now or when its time has come; true when it has to wait. */
  pass(run: () => void): boolean {
    this.#fill()
    if (this.#stopped || (this.#waiting.length === 0 && this.#tokens >= 1)) {
      this.#tokens--
      run()
      return false
    }
    this.#waiting.push(run)
    this.#schedule()
    return true
  }

  /** The connection is gone: what it had sent is let through. */
  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    for (const run of this.#waiting.splice(0)) run()
  }

  #fill(): void {
    const now = this.#clock.monotonic()
    const filled = this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#burst, filled)
    this.#filledAt = now
  }

  #schedule(): void {
    if (this.#timer || this.#waiting.length === 0) return
    const waitMs = ((1 - this.#tokens) / this.#perSecond) * 1000
    this.#timer = this.#clock.after(Math.ceil(waitMs), () => {
      this.#timer = undefined
      this.#fill()
      while (this.#tokens >= 1 && this.#waiting.length > 0) {
        this.#tokens--
        this.#waiting.shift()?.()
      }
      this.#schedule()
    })
  }
}
