import type { WeatherKind } from '../domain/definition.ts'
import { type Clock, deadline } from '../util/clock.ts'
import { BridgeError, isAbort, toBridgeError } from '../util/error.ts'

export interface WeatherListParts {
  /** Asks the platform what weather automations can wait for. Rejects with BridgeError. */
  readonly read: (signal: AbortSignal) => Promise<readonly WeatherKind[]>
  readonly clock: Clock
  readonly onError: (error: BridgeError, what: string) => void
}

const dayMs = 86_400_000
/** Somebody waits for an answer that is about something else. */
const patienceMs = 4_000

/** What weather the platform can watch: asked when it matters, once a day at most, also when that failed. */
export class WeatherList {
  readonly #parts: WeatherListParts
  #kinds: readonly WeatherKind[] | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | undefined

  constructor(parts: WeatherListParts) {
    this.#parts = parts
  }

  /** Undefined while nothing was told. */
  get kinds(): readonly WeatherKind[] | undefined {
    return this.#kinds
  }

  /** Whether what is known is not older than a day, or cannot be had today. */
  get isFresh(): boolean {
    const { clock } = this.#parts
    return this.#asking === undefined && clock.monotonic() - this.#askedAt < dayMs
  }

  /** Resolves when the list is as good as it gets today; never rejects. */
  refresh(): Promise<void> {
    if (this.isFresh) return Promise.resolve()
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<void> {
    const { clock, read, onError } = this.#parts
    this.#askedAt = clock.monotonic()
    const late = () => new BridgeError('cloud/unavailable', 'No answer within 4 s.', { retry: 'later' })
    const end = deadline(clock, patienceMs, late)
    try {
      const kinds = await read(end.signal)
      if (kinds.length > 0) this.#kinds = kinds
    } catch (thrown) {
      if (!isAbort(thrown)) onError(toBridgeError(thrown), 'the list of weather conditions')
    } finally {
      end.cancel()
    }
  }
}
