import { BoundedMap } from '../util/bounded-map.ts'
import type { Clock } from '../util/clock.ts'
import type { Settle } from '../util/settlement.ts'

interface Told {
  readonly at: number
  /** Undefined while it is on its way. */
  delivered: boolean | undefined
  /** Who brought it meanwhile. */
  readonly waiting: Settle[]
}

const keptMs = 2 * 3_600_000
const keptAtMost = 10_000

/**
 * Which events were told, for two hours: whoever brings one of them again waits for the first telling, and nothing is
 * told. The platform keeps a message for two hours, so it cannot bring an older one again.
 */
export class EventMemory {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #told = new BoundedMap<string, Told>(keptAtMost)

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  get size(): number {
    return this.#told.size
  }

  /** True when the event was told; then `settle` learns what became of it. */
  knows(key: string, settle?: Settle): boolean {
    const told = this.#told.get(key)
    if (!told) return false
    if (this.#clock.monotonic() - told.at > keptMs) {
      this.#told.delete(key)
      return false
    }
    if (told.delivered !== undefined) settle?.(told.delivered)
    else if (settle) told.waiting.push(settle)
    return true
  }

  /** The event is being told; gives what learns of its fate. */
  begin(key: string, settle?: Settle): Settle {
    const told: Told = {
      at: this.#clock.monotonic(),
      delivered: undefined,
      waiting: settle ? [settle] : [],
    }
    this.#told.set(key, told)
    return (delivered) => {
      told.delivered = delivered
      for (const tell of told.waiting.splice(0)) tell(delivered)
    }
  }

  /** There was no room for it: it was not told. */
  forget(key: string): void {
    this.#told.delete(key)
  }

  /** An earlier run told it. */
  recall(key: string): void {
    if (!this.#told.has(key))
      this.#told.set(key, { at: this.#clock.monotonic(), delivered: true, waiting: [] })
  }
}
