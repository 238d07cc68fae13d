import { valueCodec } from '../codec/data-point/codec.ts'
import type { PointWrite } from '../domain/command.ts'
import type { ReportedPoint } from '../domain/report.ts'
import { codeOfDpId, pointByDpId } from '../domain/specification.ts'
import { BounceGuard } from '../inventory/bounce-guard.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { LanValues } from '../transport/lan/device.ts'
import type { Clock } from '../util/clock.ts'

export interface LanReportsParts {
  readonly inventory: Pick<Inventory, 'specification' | 'apply'>
  readonly clock: Clock
  /** The clock that dates reports. */
  readonly now: () => number
}

/** What devices say on the LAN, as reports: by code, dated by their arrival, without what is only an echo of before. */
export class LanReports {
  readonly #parts: LanReportsParts
  readonly #guard: BounceGuard

  constructor(parts: LanReportsParts) {
    this.#parts = parts
    this.#guard = new BounceGuard(parts.clock)
  }

  /** What is about to be written; other values of these points are doubted for a while. */
  wrote(deviceId: string, points: readonly PointWrite[]): void {
    for (const { code, shown } of points) this.#guard.wrote(deviceId, code, shown)
  }

  /** Clocks of devices may have begun at power-on, so ours counts. */
  take(said: LanValues): void {
    const { inventory, now } = this.#parts
    const specification = inventory.specification(said.deviceId)
    const points: ReportedPoint[] = []
    for (const [dpId, raw] of said.values) {
      const point = pointByDpId(specification, dpId)
      const reported = { code: point?.code ?? codeOfDpId(dpId), dpId, raw }
      const value = point && !point.momentary ? valueCodec.decode(point, raw).value : undefined
      const tell = () => this.#apply(said, [{ ...reported, timeMs: now() }])
      if (value === undefined || this.#guard.admits(said.deviceId, reported.code, value, tell))
        points.push({ ...reported, timeMs: now() })
    }
    if (points.length > 0) this.#apply(said, points)
  }

  stop(): void {
    this.#guard.stop()
  }

  #apply({ deviceId, receivedMs, asked }: LanValues, points: readonly ReportedPoint[]): void {
    const { inventory } = this.#parts
    inventory.apply({ deviceId, source: 'lan', receivedMs, points, ...(asked ? { asked } : {}) })
  }
}
