import type { DataPoint, Json, ValueCodec } from '../../domain/data-point.ts'
import { powerCodes } from '../../domain/energy.ts'
import type { DeviceRecord } from '../../inventory/events.ts'
import { Ring } from '../../util/ring.ts'
import type { PowerSample } from './protocol.ts'

const wattsOf: Readonly<Record<string, number>> = { W: 1, kW: 1_000, w: 1, kw: 1_000, mW: 0.001 }

/** An hour of them at the pace of `everyMs`. */
const samplesKept = 240
export const everyMs = 15_000
/** So many devices have a line of their own; all count in the sum. */
const devicesKept = 24

/** What the metering devices took during the last hour. */
export class PowerChart {
  readonly samples = new Ring<PowerSample>(samplesKept)
  readonly #codec: Pick<ValueCodec, 'views'>
  readonly #devices = new Set<string>()

  constructor(codec: Pick<ValueCodec, 'views'>) {
    this.#codec = codec
  }

  /** Notes what all devices take now; false when none of them says. */
  sample(records: Iterable<DeviceRecord>, timeMs: number): boolean {
    const watts: Record<string, number> = Object.create(null)
    let sum = 0
    let isAny = false
    for (const record of records) {
      const power = this.#wattsOf(record)
      if (power === undefined) continue
      isAny = true
      sum += power
      if (this.#hasLine(record.device.id)) watts[record.device.id] = rounded(power)
    }
    if (!isAny) return false
    watts[''] = rounded(sum)
    this.samples.push({ timeMs, watts })
    return true
  }

  /** It is gone: another device may have its line. */
  forget(deviceId: string): void {
    this.#devices.delete(deviceId)
  }

  #hasLine(deviceId: string): boolean {
    if (this.#devices.size < devicesKept) this.#devices.add(deviceId)
    return this.#devices.has(deviceId)
  }

  /** Undefined for a device that measures nothing, or cannot be asked. */
  #wattsOf({ device, specification, state }: DeviceRecord): number | undefined {
    if (!specification || !device.online) return undefined
    for (const pattern of powerCodes) {
      let sum: number | undefined
      for (const [code, fact] of state.entries()) {
        const point = pattern.test(code) ? specification.points.get(code) : undefined
        const watts = point && this.#wattsAt(point, fact.value)
        if (watts !== undefined) sum = (sum ?? 0) + watts
      }
      if (sum !== undefined) return sum
    }
    return undefined
  }

  /** Of a phase, which holds voltage, current and power together, the power, in kW. */
  #wattsAt(point: DataPoint, value: Json): number | undefined {
    if (typeof value === 'number') return value * (wattsOf[point.unit ?? 'W'] ?? 1)
    const power = this.#codec.views(point, value).find(({ name }) => name === 'power')?.value
    return typeof power === 'number' ? power * 1_000 : undefined
  }
}

function rounded(watts: number): number {
  return Math.round(watts * 10) / 10
}
