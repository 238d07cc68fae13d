import { backoff } from '../../util/backoff.ts'
import { type Clock, deadline, sleep } from '../../util/clock.ts'
import { toBridgeError } from '../../util/error.ts'
import type { Random } from '../../util/random.ts'
import { orAborted } from '../../util/signal.ts'
import type { HubConfig } from './hub-config.ts'
import { QueueLinkError } from './link-error.ts'

/** A configuration and how long it is good for; monotonic milliseconds. */
export interface Held {
  readonly config: HubConfig
  readonly renewAt: number
  readonly expiresAt: number
}

export interface HubSupplyParts {
  readonly fetch: (signal: AbortSignal) => Promise<HubConfig>
  readonly clock: Clock
  readonly random: Random
  /** A public word for why there is none. */
  readonly onFailure: (word: string) => void
}

const renewBeforeMs = 60_000
/** A call that never comes back must not be the end of renewing. */
const patienceMs = 60_000
const usual = { baseMs: 1_500, capMs: 60_000, floor: 0.5 }
/** What ends by somebody's hand only, and costs calls until then. */
const slow = { baseMs: 15 * 60_000, capMs: 6 * 3_600_000, floor: 0.9 }
const slowWords: ReadonlySet<string> = new Set(['quota', 'permission'])

const noAnswer = new QueueLinkError('timeout', 'The cloud did not answer the question for a configuration.')

/** Asks for configurations until there is one. */
export class HubSupply {
  readonly #parts: HubSupplyParts
  #usual: Generator<number, never, void>
  #slow: Generator<number, never, void>

  constructor(parts: HubSupplyParts) {
    this.#parts = parts
    this.#usual = backoff(usual, parts.random)
    this.#slow = backoff(slow, parts.random)
  }

  /** Never gives up; rejects when the signal aborts only. */
  async next(signal: AbortSignal): Promise<Held> {
    const { clock, random, onFailure } = this.#parts
    for (;;) {
      const askedAt = clock.monotonic()
      try {
        const config = await this.#ask(signal)
        this.#usual = backoff(usual, random)
        this.#slow = backoff(slow, random)
        const { lifetimeMs } = config
        // A very short life (a test's) is used to its half.
        const renewAt = askedAt + Math.max(lifetimeMs - renewBeforeMs, lifetimeMs / 2)
        return { config, renewAt, expiresAt: askedAt + lifetimeMs }
      } catch (thrown) {
        signal.throwIfAborted()
        const word = toBridgeError(thrown).code.split('/')[1] ?? 'error'
        onFailure(word)
        await sleep(clock, (slowWords.has(word) ? this.#slow : this.#usual).next().value, signal)
      }
    }
  }

  async #ask(signal: AbortSignal): Promise<HubConfig> {
    const { fetch, clock } = this.#parts
    const end = deadline(clock, patienceMs, () => noAnswer, signal)
    try {
      return await orAborted(fetch(end.signal), end.signal)
    } finally {
      end.cancel()
    }
  }
}
