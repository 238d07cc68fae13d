import type { LinkHealth } from '../domain/link.ts'
import { type Clock, every, type Timer } from '../util/clock.ts'
import type { Inventory } from './inventory.ts'

export interface PollStalenessParts {
  readonly inventory: Pick<Inventory, 'markStale'>
  readonly clock: Clock
  /** The way on which is polled. */
  readonly link: () => LinkHealth
  /** False while others tell what happens. */
  readonly pollNeeded: () => boolean
  /** How far apart the reads are at present. */
  readonly intervalMs: () => number
  /** Said again while it lasts. */
  readonly onStale: () => void
}

const staleAfterMs = 60_000
const watchMs = 5_000

/** R-S1: what was polled is stale after a minute without the link, or without a good read while one was due. */
export class PollStaleness {
  readonly #parts: PollStalenessParts
  #watch: Timer | undefined
  #lastGoodAt: number | undefined
  /** Monotonic, since when the link is seen down: its own `sinceMs` is wall clock, which may jump. */
  #downSince: number | undefined
  /** Monotonic, since when nobody else tells what happens. */
  #neededSince: number | undefined

  constructor(parts: PollStalenessParts) {
    this.#parts = parts
  }

  start(): void {
    this.#watch = every(this.#parts.clock, watchMs, () => this.#review())
  }

  stop(): void {
    this.#watch?.cancel()
  }

  /** Everything that was to be read was read. */
  good(): void {
    this.#lastGoodAt = this.#parts.clock.monotonic()
    this.#parts.inventory.markStale('poll', false)
  }

  #review(): void {
    const { clock, link, pollNeeded, inventory, onStale } = this.#parts
    const now = clock.monotonic()
    this.#downSince = link().state === 'down' ? (this.#downSince ?? now) : undefined
    // Nothing was due while others told what happens.
    this.#neededSince = pollNeeded() ? (this.#neededSince ?? now) : undefined
    const isDown = this.#downSince !== undefined && now - this.#downSince >= staleAfterMs
    if (!isDown && !this.#isSilent(now)) return
    inventory.markStale('poll', true)
    onStale()
  }

  #isSilent(now: number): boolean {
    if (this.#lastGoodAt === undefined || this.#neededSince === undefined) return false
    const dueSince = Math.max(this.#lastGoodAt, this.#neededSince)
    return now - dueSince > staleAfterMs + 2 * this.#parts.intervalMs()
  }
}
