import type { PointWrite } from '../domain/command.ts'
import type { Json } from '../domain/data-point.ts'
import { sameJson } from '../domain/state.ts'
import { type Deferred, deferred } from '../util/deferred.ts'

export interface ObservedValue {
  readonly code: string
  readonly value: Json
  readonly timeMs: number
}

/**
 * Waits until every point of a write was reported with the value that was sent. Only reports dated after the sending
 * count where they come from a read: an answer that was on its way tells nothing.
 */
export class Confirmation {
  readonly #expected: Map<string, Json>
  readonly #sentMs: number
  readonly #done: Deferred<void> = deferred()
  #isReported = false

  /** `sentMs` by the clock that dates reports. */
  constructor(points: readonly PointWrite[], sentMs: number) {
    this.#expected = new Map(points.map((point) => [point.code, point.shown]))
    this.#sentMs = sentMs
    if (this.#expected.size === 0) this.#done.resolve()
  }

  get confirmed(): Promise<void> {
    return this.#done.promise
  }

  /** Some point was reported with the value, rather than known to have had it. */
  get isReported(): boolean {
    return this.#isReported
  }

  /** Codes that were not reported yet. */
  get missing(): readonly string[] {
    return [...this.#expected.keys()]
  }

  /** The device took the write, and these points had the value before: it will not report them. */
  unchanged(codes: readonly string[]): void {
    for (const code of codes) this.#expected.delete(code)
    if (this.#expected.size === 0) this.#done.resolve()
  }

  observe(observed: readonly ObservedValue[], read: boolean): void {
    for (const { code, value, timeMs } of observed) {
      if (read && timeMs < this.#sentMs) continue
      if (!this.#expected.has(code) || !sameJson(this.#expected.get(code), value)) continue
      this.#expected.delete(code)
      this.#isReported = true
    }
    if (this.#expected.size === 0) this.#done.resolve()
  }
}
