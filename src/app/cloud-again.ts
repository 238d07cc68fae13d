import type { LinkHealth } from '../domain/link.ts'
import type { Clock, Timer } from '../util/clock.ts'

export interface CloudAgainParts {
  readonly clock: Clock
  readonly health: () => LinkHealth
  /** One light call that may go before its time; how it ends shows in the health. */
  readonly ask: () => Promise<unknown>
}

const everyMs = 5_000
/** After so long the usual pauses do. */
const forMs = 5 * 60_000

/**
 * The platform was heard again on another way, so it is worth a look whether it can be asked too: nobody else calls it
 * while nothing has to be read, and it would be called down until somebody gives a command.
 */
export class CloudAgain {
  readonly #parts: CloudAgainParts
  #timer: Timer | undefined
  #until = 0

  constructor(parts: CloudAgainParts) {
    this.#parts = parts
  }

  heard(): void {
    const { clock } = this.#parts
    this.#until = clock.monotonic() + forMs
    if (!this.#timer) this.#look()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#until = 0
  }

  #look(): void {
    const { clock, health, ask } = this.#parts
    this.#timer = undefined
    const { state, reason } = health()
    if (state !== 'down' || reason !== 'unavailable' || clock.monotonic() >= this.#until) return
    ask().catch(() => {})
    this.#timer = clock.after(everyMs, () => this.#look())
  }
}
