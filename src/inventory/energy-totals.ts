import type { DataPoint, Json } from '../domain/data-point.ts'
import {
  furtherSum,
  isPortion,
  isTwin,
  type Portion,
  type PortionSum,
  type PublishedSum,
  shownSum,
  withPortion,
} from '../domain/energy.ts'
import type { ReportedPoint, Source } from '../domain/report.ts'

/** How a value was heard of. */
interface Heard {
  readonly source: Source
  readonly receivedMs: number
  /** The other way has told it already. */
  readonly isEcho: boolean
}

/** By device and code. */
export type EnergyState = Readonly<Record<string, Readonly<Record<string, PortionSum>>>>

/** What was heard of one sum while it was not known what an earlier run had published. */
interface Unsettled {
  saved: PortionSum | undefined
  readonly portions: Portion[]
}

/** More of a point are not remembered: those before them count as saved. */
const portionsAtMost = 256

/** The running sums of what devices report in portions; they never fall, and outlive a restart. */
export class EnergyTotals {
  readonly #sums = new Map<string, Map<string, PortionSum>>()
  /** By device and code; what an earlier run published may hold these portions, or not. Undefined once that is known. */
  #unsettled: Map<string, Map<string, Unsettled>> | undefined = new Map()
  /** Sums of an earlier run: the other way may tell their last portion still. */
  readonly #inherited = new WeakSet<PortionSum>()

  get state(): EnergyState {
    return Object.fromEntries([...this.#sums].map(([id, sums]) => [id, Object.fromEntries(sums)]))
  }

  /** What an earlier run counted. */
  restore(state: EnergyState): void {
    for (const [id, sums] of Object.entries(state)) {
      this.#sums.set(id, new Map(Object.entries(sums)))
      for (const sum of Object.values(sums)) this.#inherited.add(sum)
    }
  }

  /**
   * What an earlier run published is not lost, whatever it had saved: what was heard since goes on from there. True
   * when there is another sum now.
   */
  adopt(deviceId: string, code: string, published: PublishedSum): boolean {
    const before = this.#sums.get(deviceId)?.get(code)
    const unsettled = this.#unsettled?.get(deviceId)?.get(code)
    const further = furtherSum(unsettled ? unsettled.saved : before, published)
    if (!further) return false
    this.#inherited.add(further)
    const now = (unsettled?.portions ?? []).reduce((sum, portion) => this.#with(sum, portion), further)
    this.#put(deviceId, code, now)
    return before === undefined || shownSum(now) !== shownSum(before)
  }

  /** Everything that an earlier run published was adopted. */
  settle(): void {
    this.#unsettled = undefined
  }

  /** The sum in shown units; undefined before the first report. */
  total(deviceId: string, code: string): number | undefined {
    const sum = this.#sums.get(deviceId)?.get(code)
    return sum && shownSum(sum)
  }

  /** Takes an accepted value in; true when there is another sum now. */
  observe(
    deviceId: string,
    point: DataPoint,
    shown: Json,
    reported: ReportedPoint,
    { source, receivedMs, isEcho }: Heard,
  ): boolean {
    if (!isPortion(point) || typeof shown !== 'number' || source === 'snapshot') return false
    const { scale, code } = point
    const before = this.#sums.get(deviceId)?.get(code)
    const raw = Math.round(shown * 10 ** scale)
    const { timeMs, saidMs } = reported
    const portion = { raw, scale, timeMs, source, saidMs, receivedMs, isEcho }
    this.#note(deviceId, code, before, portion)
    const now = this.#with(before, portion)
    if (now === before) return false
    this.#put(deviceId, code, now)
    return before === undefined || shownSum(now) !== shownSum(before)
  }

  forget(deviceId: string): void {
    this.#sums.delete(deviceId)
    this.#unsettled?.delete(deviceId)
  }

  /** Of the last portion that an earlier run counted nobody remembers who has told it: it is recognised once. */
  #with(before: PortionSum | undefined, portion: Portion): PortionSum {
    if (!before || !this.#inherited.has(before) || !isTwin(before, portion))
      return withPortion(before, portion)
    this.#inherited.delete(before)
    return before
  }

  #note(deviceId: string, code: string, saved: PortionSum | undefined, portion: Portion): void {
    if (!this.#unsettled) return
    const codes = this.#unsettled.get(deviceId) ?? new Map<string, Unsettled>()
    const unsettled = codes.get(code) ?? { saved, portions: [] }
    this.#unsettled.set(deviceId, codes.set(code, unsettled))
    unsettled.portions.push(portion)
    const crowdedOut = unsettled.portions.length > portionsAtMost ? unsettled.portions.shift() : undefined
    if (crowdedOut) unsettled.saved = withPortion(unsettled.saved, crowdedOut)
  }

  #put(deviceId: string, code: string, sum: PortionSum): void {
    const sums = this.#sums.get(deviceId) ?? new Map<string, PortionSum>()
    this.#sums.set(deviceId, sums.set(code, sum))
  }
}
