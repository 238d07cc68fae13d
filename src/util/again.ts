import { type Clock, sleep } from './clock.ts'

export interface AgainParts {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** After the first trouble; doubled each time, up to `mostMs`. */
  readonly firstMs: number
  readonly mostMs: number
  readonly work: () => void
}

/** Does something once more after trouble, until it has gone well. */
export class Again {
  readonly #parts: AgainParts
  #pauseMs: number
  #isWaiting = false

  constructor(parts: AgainParts) {
    this.#parts = parts
    this.#pauseMs = parts.firstMs
  }

  /** It met trouble; nothing when the next try is waited for already. */
  later(): void {
    if (!this.#isWaiting) void this.#wait()
  }

  /** It went well: the next trouble is a first one. */
  well(): void {
    this.#pauseMs = this.#parts.firstMs
  }

  /** Never rejects. */
  async #wait(): Promise<void> {
    const { clock, signal, mostMs, work } = this.#parts
    const pauseMs = this.#pauseMs
    this.#isWaiting = true
    this.#pauseMs = Math.min(2 * pauseMs, mostMs)
    await sleep(clock, pauseMs, signal).catch(() => {})
    this.#isWaiting = false
    if (!signal.aborted) work()
  }
}
