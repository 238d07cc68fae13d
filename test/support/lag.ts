import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * How late this process comes to its own timers. What is measured in it by the clock on the wall is as late: bounds on
 * such times are meant beside that.
 */
export class Lag implements Disposable {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: 5 })

  constructor() {
    this.#histogram.enable()
  }

  get worstMs(): number {
    return this.#histogram.max / 1e6
  }

  [Symbol.dispose](): void {
    this.#histogram.disable()
  }
}
