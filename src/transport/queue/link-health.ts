import type { LinkHealth, LinkStatus } from '../../domain/link.ts'
import type { Clock } from '../../util/clock.ts'

/** The public state of a link, which changes in words only when something changed. */
export class HealthKeeper {
  readonly #clock: Clock
  readonly #onChange: (health: LinkHealth) => void
  #status: LinkStatus = 'down'
  #reason: string | null = 'starting'
  #sinceMs: number
  #lastMs: number | null = null

  constructor(clock: Clock, onChange: (health: LinkHealth) => void) {
    this.#clock = clock
    this.#onChange = onChange
    this.#sinceMs = clock.now()
  }

  get health(): LinkHealth {
    return { state: this.#status, sinceMs: this.#sinceMs, reason: this.#reason, lastMs: this.#lastMs }
  }

  /** A message came; no change worth telling. */
  heard(atMs: number): void {
    this.#lastMs = atMs
  }

  turn(status: LinkStatus, reason: string | null): void {
    if (status === this.#status && reason === this.#reason) return
    this.#status = status
    this.#reason = reason
    this.#sinceMs = this.#clock.now()
    this.#onChange(this.health)
  }
}
