import type { Json } from '../domain/data-point.ts'
import { sameJson } from '../domain/state.ts'
import { BoundedMap } from '../util/bounded-map.ts'
import type { Clock, Timer } from '../util/clock.ts'

interface Written {
  readonly value: Json
  /** Monotonic. */
  readonly at: number
  /** A differing value that waits to be believed. */
  doubted: { readonly timer: Timer } | undefined
}

/** So long after a write a differing value may be the one of before. */
const doubtMs = 5_000
/** One that nobody takes back for so long is true. */
const provesMs = 1_000
const pointsAtMost = 20_000

/**
 * Some devices report the old value once more right after a write, and then the new one. What differs from a write of
 * the last seconds is told only when it stays.
 */
export class BounceGuard {
  readonly #clock: Clock
  readonly #written = new BoundedMap<string, Written>(pointsAtMost)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wrote(deviceId: string, code: string, value: Json): void {
    this.#forget(keyOf(deviceId, code))
    this.#written.set(keyOf(deviceId, code), { value, at: this.#clock.monotonic(), doubted: undefined })
  }

  /** Whether a value may be told now; else `tell` is called when it has stayed. */
  admits(deviceId: string, code: string, value: Json, tell: () => void): boolean {
    const key = keyOf(deviceId, code)
    const written = this.#written.get(key)
    if (!written) return true
    written.doubted?.timer.cancel()
    written.doubted = undefined
    if (this.#clock.monotonic() - written.at > doubtMs) {
      this.#written.delete(key)
      return true
    }
    if (sameJson(written.value, value)) return true
    const timer = this.#clock.after(provesMs, () => {
      this.#written.delete(key)
      tell()
    })
    written.doubted = { timer }
    return false
  }

  stop(): void {
    for (const [key] of [...this.#written.entries()]) this.#forget(key)
  }

  #forget(key: string): void {
    this.#written.get(key)?.doubted?.timer.cancel()
    this.#written.delete(key)
  }
}

function keyOf(deviceId: string, code: string): string {
  return `${deviceId} ${code}`
}
