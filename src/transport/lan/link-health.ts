import type { LinkHealth, LinkStatus } from '../../domain/link.ts'
import type { Clock } from '../../util/clock.ts'

/** The public state of the way to one device; told when it changes. */
export class LinkHealthKeeper {
  readonly #clock: Clock
  readonly #onChange: () => void
  #state: LinkStatus = 'down'
  #reason: string | null = 'starting'
  #sinceMs: number
  #lastMs: number | null = null

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock
    this.#onChange = onChange
    this.#sinceMs = clock.now()
  }

  get reason(): string | null {
    return this.#reason
  }

  /** `heardAt`: when the present connection was heard last, monotonic. */
  health(heardAt: number | undefined): LinkHealth {
    const lastMs = heardAt === undefined ? this.#lastMs : this.#wall(heardAt)
    return { state: this.#state, sinceMs: this.#sinceMs, reason: this.#reason, lastMs }
  }

  /** A connection is over. */
  heardLast(heardAt: number): void {
    this.#lastMs = this.#wall(heardAt)
  }

  turn(state: LinkStatus, reason: string | null): void {
    if (state === this.#state && reason === this.#reason) return
    this.#state = state
    this.#reason = reason
    this.#sinceMs = this.#clock.now()
    this.#onChange()
  }

  #wall(monotonic: number): number {
    return Math.round(this.#clock.now() - (this.#clock.monotonic() - monotonic))
  }
}
