import { backoff } from '../../util/backoff.ts'
import type { Random } from '../../util/random.ts'
import type { QueueLinkError } from './link-error.ts'

/** After so long a connection was a good one, and the next trouble is a new trouble. */
const healthyMs = 30_000
const mismatchMs = 5 * 60_000
const longestAskedMs = 10 * 60_000

/** R-B1 for the queue: how long until the next try. 1 s doubling to 60 s, up to half of it more or less. */
export class Patience {
  readonly #random: Random
  #delays: Generator<number, never, void>
  /** Bad credentials get better by somebody's hand only. */
  #forCredentials: Generator<number, never, void>

  constructor(random: Random) {
    this.#random = random
    this.#delays = this.#upTo(60_000)
    this.#forCredentials = this.#upTo(longestAskedMs)
  }

  /** Where it was not the queue's fault, and something else is waited for anyway. */
  get short(): number {
    return this.#upTo(60_000).next().value
  }

  /** `upMs`: for how long the connection stood; undefined when it did not come about. */
  after({ end, retryAfterMs }: QueueLinkError, upMs: number | undefined, keyMismatch: boolean): number {
    if ((upMs ?? 0) >= healthyMs) this.#delays = this.#upTo(60_000)
    if (upMs !== undefined) this.#forCredentials = this.#upTo(longestAskedMs)
    if (keyMismatch && end === 'undecodable') return mismatchMs
    const delay = (end === 'credentials' ? this.#forCredentials : this.#delays).next().value
    return Math.max(delay, Math.min(retryAfterMs ?? 0, longestAskedMs))
  }

  /** Between three quarters and three halves of 1 s, 2 s and so on, and never over the cap. */
  #upTo(capMs: number): Generator<number, never, void> {
    return backoff({ baseMs: 1_500, capMs, floor: 0.5 }, this.#random)
  }
}
