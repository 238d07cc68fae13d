import type { Clock } from '../../util/clock.ts'

/** A time in which the queue was not heard; wall clock, milliseconds. */
export interface Gap {
  readonly fromMs: number
  readonly toMs: number
}

/** R-Q5: from here on what is known of the devices has to be read again. */
export const gapToReconcileMs = 60_000
/** R-Q5: from here on messages may be lost for good; the platform keeps them two hours. */
export const gapToTellMs = 110 * 60_000

/** For how long nothing was heard. Measured without the wall clock, which may be set meanwhile. */
export class GapWatch {
  readonly #clock: Clock
  /** Since when there is nothing, monotonic; undefined while the queue is heard, or never was. */
  #since: number | undefined

  /** `heardMs`: when an earlier run heard the queue for the last time, by the wall clock. */
  constructor(clock: Clock, heardMs: number | null) {
    this.#clock = clock
    if (heardMs !== null) this.#since = clock.monotonic() - Math.max(0, clock.now() - heardMs)
  }

  /** The queue is heard no more; `at` is the last sign of life. A gap that is open already goes on. */
  lost(at: number): void {
    this.#since ??= at
  }

  /** The queue is heard again: the gap, if it was long enough to matter; where nothing is kept, any does. */
  found(longerThanMs = gapToReconcileMs): Gap | undefined {
    if (this.#since === undefined) return undefined
    const lengthMs = this.#clock.monotonic() - this.#since
    this.#since = undefined
    const toMs = this.#clock.now()
    return lengthMs > longerThanMs ? { fromMs: Math.round(toMs - lengthMs), toMs } : undefined
  }
}
