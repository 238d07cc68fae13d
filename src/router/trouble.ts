import type { Path } from '../domain/command.ts'
import { BoundedMap } from '../util/bounded-map.ts'
import type { Clock } from '../util/clock.ts'

interface Failures {
  readonly count: number
  /** Monotonic. */
  readonly at: number
}

const waysAtMost = 10_000
const firstHoldMs = 10_000
const longestHoldMs = 300_000

/**
 * Which ways have failed a command lately. They come second for a while, which grows as long as they go on failing: a
 * link that goes up and down would otherwise take a command with it each time.
 */
export class RouteTrouble {
  readonly #clock: Clock
  readonly #failures = new BoundedMap<string, Failures>(waysAtMost)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  failed(deviceId: string, path: Path): void {
    const key = keyOf(deviceId, path)
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    this.#failures.set(key, { count, at: this.#clock.monotonic() })
  }

  worked(deviceId: string, path: Path): void {
    this.#failures.delete(keyOf(deviceId, path))
  }

  isTroubled(deviceId: string, path: Path): boolean {
    const failures = this.#failures.get(keyOf(deviceId, path))
    if (!failures) return false
    const holdMs = Math.min(longestHoldMs, firstHoldMs * 2 ** (failures.count - 1))
    return this.#clock.monotonic() - failures.at < holdMs
  }
}

function keyOf(deviceId: string, path: Path): string {
  return `${path} ${deviceId}`
}
