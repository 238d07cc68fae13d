import { BoundedMap } from '../util/bounded-map.ts'
import type { Clock } from '../util/clock.ts'

const barMs = 3_600_000
const barredAtMost = 1_000

/** Topics at which the broker hung up again and again: each is left alone for an hour, so that all others can be heard. */
export class BarredTopics {
  readonly #clock: Clock
  readonly #until = new BoundedMap<string, number>(barredAtMost)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  bar(topic: string): void {
    this.#until.set(topic, this.#clock.monotonic() + barMs)
  }

  has(topic: string): boolean {
    const until = this.#until.size === 0 ? undefined : this.#until.get(topic)
    if (until === undefined) return false
    if (until > this.#clock.monotonic()) return true
    this.#until.delete(topic)
    return false
  }
}
