import type { Clock, Timer } from '../../util/clock.ts'

/**
 * One timer for many waits that nearly always end before it runs. Their end does not cancel it: making and cancelling a
 * timer for each would take longer than to look once for nothing.
 */
export class Lookout {
  readonly #clock: Clock
  readonly #look: (now: number) => number
  #timer: Timer | undefined

  /** `look` ends what is due and gives when the next will be, both monotonic; infinity when nothing waits. */
  constructor(clock: Clock, look: (now: number) => number) {
    this.#clock = clock
    this.#look = look
  }

  /** Looks after so many milliseconds, or when it looks anyway: whoever waits longer is seen then. */
  within(ms: number): void {
    this.#timer ??= this.#clock.after(ms, () => {
      this.#timer = undefined
      const now = this.#clock.monotonic()
      const next = this.#look(now)
      if (next !== Number.POSITIVE_INFINITY) this.within(next - now)
    })
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
