import type { LinkHealth, LinkStatus } from '../../domain/link.ts'
import type { Clock } from '../../util/clock.ts'

const silentMs = 15 * 60_000

/** The public state of a link, which changes in words only when something changed. */
export class HealthKeeper {
  readonly #clock: Clock
  readonly #onChange: (health: LinkHealth) => void
  #status: LinkStatus = 'down'
  #reason: string | null = 'starting'
  #sinceMs: number
  #lastMs: number | null = null
  /** Since when no message came on the present connection, monotonic. */
  #quietSince = 0

  constructor(clock: Clock, onChange: (health: LinkHealth) => void) {
    this.#clock = clock
    this.#onChange = onChange
    this.#sinceMs = clock.now()
  }

  get health(): LinkHealth {
    return { state: this.#status, sinceMs: this.#sinceMs, reason: this.#reason, lastMs: this.#lastMs }
  }

  /** A connection stands; that alone is no change worth telling. */
  connected(): void {
    this.#quietSince = this.#clock.monotonic()
  }

  /** A message came. */
  heard(atMs: number): void {
    this.#quietSince = this.#clock.monotonic()
    this.#lastMs = atMs
  }

  /**
   * Somebody else learned of a change that happened at `timeMs`, of which this link should have told. After 15 min
   * without any message that means that the platform sends us nothing.
   */
  changedElsewhere(timeMs: number): void {
    const quietMs = this.#clock.monotonic() - this.#quietSince
    // Tags that fit with nothing are no reason to expect nothing.
    const isExpected = this.#status === 'up' || this.#reason === 'tag-unverified'
    if (isExpected && quietMs >= silentMs && timeMs > Math.max(this.#sinceMs, this.#lastMs ?? 0))
      this.turn('degraded', 'silent')
  }

  turn(status: LinkStatus, reason: string | null): void {
    if (status === this.#status && reason === this.#reason) return
    this.#status = status
    this.#reason = reason
    this.#sinceMs = this.#clock.now()
    this.#onChange(this.health)
  }
}
