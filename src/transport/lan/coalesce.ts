import type { Clock, Timer } from '../../util/clock.ts'
import type { LanCounts } from './counts.ts'

export type Tell = (cid: string | null, values: ReadonlyMap<number, unknown>) => void

/** A device that pushes more often than that is not in a hurry to have each of them told. */
const perSecond = 20
const gatherMs = 100

/** What a device pushes; when it pushes without end, the latest values of each tenth of a second. */
export class Coalesce {
  readonly #clock: Clock
  readonly #counts: LanCounts
  readonly #tell: Tell
  readonly #gathered = new Map<string | null, Map<number, unknown>>()
  #timer: Timer | undefined
  #second = 0
  #told = 0

  constructor(clock: Clock, counts: LanCounts, tell: Tell) {
    this.#clock = clock
    this.#counts = counts
    this.#tell = tell
  }

  push(cid: string | null, values: ReadonlyMap<number, unknown>): void {
    const second = Math.floor(this.#clock.monotonic() / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#told = 0
    }
    if (this.#gathered.size === 0 && this.#told < perSecond) {
      this.#told++
      this.#tell(cid, values)
      return
    }
    this.#counts.merged++
    const gathered = this.#gathered.get(cid) ?? new Map<number, unknown>()
    for (const [id, value] of values) gathered.set(id, value)
    this.#gathered.set(cid, gathered)
    this.#timer ??= this.#clock.after(gatherMs, () => this.flush())
  }

  /** Tells what was gathered, now. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#gathered.size === 0) return
    const gathered = [...this.#gathered]
    this.#gathered.clear()
    for (const [cid, values] of gathered) this.#tell(cid, values)
  }
}
