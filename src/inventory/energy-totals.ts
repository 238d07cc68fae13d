import type { DataPoint, Json } from '../domain/data-point.ts'
import {
  isPortion,
  type PortionSum,
  type PublishedSum,
  shownSum,
  withPortion,
  withPublished,
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

/** The running sums of what devices report in portions; they never fall, and outlive a restart. */
export class EnergyTotals {
  readonly #sums = new Map<string, Map<string, PortionSum>>()
  /** What an earlier run saved, which may be less than it published. */
  #saved: EnergyState = {}

  get state(): EnergyState {
    return Object.fromEntries([...this.#sums].map(([id, sums]) => [id, Object.fromEntries(sums)]))
  }

  /** What an earlier run counted. */
  restore(state: EnergyState): void {
    this.#saved = state
    for (const [id, sums] of Object.entries(state)) this.#sums.set(id, new Map(Object.entries(sums)))
  }

  /** What an earlier run published is not lost, whatever it had saved; true when there is another sum now. */
  adopt(deviceId: string, code: string, published: PublishedSum): boolean {
    const sums = this.#sums.get(deviceId) ?? new Map<string, PortionSum>()
    const saved = Object.hasOwn(this.#saved, deviceId) ? this.#saved[deviceId]?.[code] : undefined
    const now = withPublished(sums.get(code), saved, published)
    if (!now) return false
    this.#sums.set(deviceId, sums.set(code, now))
    return true
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
    const sums = this.#sums.get(deviceId) ?? new Map<string, PortionSum>()
    const before = sums.get(code)
    const raw = Math.round(shown * 10 ** scale)
    const { timeMs, saidMs } = reported
    const now = withPortion(before, { raw, scale, timeMs, source, saidMs, receivedMs, isEcho })
    if (now === before) return false
    this.#sums.set(deviceId, sums.set(code, now))
    return before === undefined || shownSum(now) !== shownSum(before)
  }

  forget(deviceId: string): void {
    this.#sums.delete(deviceId)
  }
}
