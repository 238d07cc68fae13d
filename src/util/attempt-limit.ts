import { BoundedMap } from './bounded-map.ts'
import type { Clock } from './clock.ts'

const failuresAMinute = 5
const refusalMs = 60_000
const addressesKept = 4_096

/** R-E6: five wrong passwords a minute from one address, then nobody from there is heard for a minute. */
export class AttemptLimit {
  readonly #clock: Clock
  readonly #failures = new BoundedMap<string, number[]>(addressesKept)
  readonly #refusedUntil = new BoundedMap<string, number>(addressesKept)
  /** The last try of each address that has one waiting. */
  readonly #trying = new Map<string, Promise<unknown>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isRefused(address: string): boolean {
    return (this.#refusedUntil.get(address) ?? Number.NEGATIVE_INFINITY) > this.#clock.monotonic()
  }

  /** Runs the tries of an address one after the other: many at once would all be made before the first of them counts. */
  async inTurn<T>(address: string, run: () => Promise<T>): Promise<T> {
    const trying = (this.#trying.get(address) ?? Promise.resolve()).then(run, run)
    this.#trying.set(address, trying)
    try {
      return await trying
    } finally {
      if (this.#trying.get(address) === trying) this.#trying.delete(address)
    }
  }

  failed(address: string): void {
    const now = this.#clock.monotonic()
    const recent = (this.#failures.get(address) ?? []).filter((at) => at > now - 60_000)
    recent.push(now)
    this.#failures.set(address, recent)
    if (recent.length >= failuresAMinute) this.#refusedUntil.set(address, now + refusalMs)
  }
}
