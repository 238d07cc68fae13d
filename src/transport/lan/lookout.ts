import type { Clock, Timer } from '../../util/clock.ts'

/**
 * One timer for many waits that nearly always end before it runs. Their end does not cancel it: making and cancelling a
 * timer for each would take longer than to look once for nothing.
 */
export class Lookout {
  readonly #clock: Clock
  readonly #look: (now: number) => number
  #timer: Timer | undefined
  #at = Number.POSITIVE_INFINITY

  /** `look` ends what is due and gives when the next will be, both monotonic; infinity when nothing waits. */
  constructor(clock: Clock, look: (now: number) => number) {
    this.#clock = clock
    this.#look = look
  }

  /** Looks then at the latest; both monotonic. */
  by(at: number, now: number): void {
    if (at >= this.#at) return
    this.cancel()
    this.#at = at
    this.#timer = this.#clock.after(at - now, () => this.#run())
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#at = Number.POSITIVE_INFINITY
  }

  #run(): void {
    this.cancel()
    const now = this.#clock.monotonic()
    this.by(this.#look(now), now)
  }
}
