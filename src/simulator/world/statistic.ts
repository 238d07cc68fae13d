import type { Emitter } from '../../util/emitter.ts'
import type { DpEntry } from '../world-file.ts'
import type { SimDevice } from './device.ts'
import type { WorldEvents } from './event.ts'

const hourMs = 3_600_000
const keptHours = 24 * 31

/** Whether a point reports portions that the cloud adds up. */
export function isSummed(dp: DpEntry): boolean {
  return dp.type === 'Integer' && /^(add_ele|forward_energy_add)\d*$/.test(dp.code)
}

interface Sum {
  total: number
  /** By the number of the hour since 1970. */
  readonly hours: Map<number, number>
}

/** Portions added up, in all and for every hour. */
export class Statistics {
  readonly #sums = new Map<string, Map<string, Sum>>()

  constructor(events: Emitter<WorldEvents>) {
    events.on('status', ({ device, points }) => {
      for (const { dp, value, timeMs } of points)
        if (isSummed(dp) && typeof value === 'number') this.#add(device, dp.code, value, timeMs)
    })
    events.on('removed', ({ device }) => this.#sums.delete(device.id))
  }

  /** In the raw unit of the point. */
  total(device: SimDevice, code: string): number {
    return this.#sums.get(device.id)?.get(code)?.total ?? 0
  }

  /** What came in a span of time, to the hour. */
  between(device: SimDevice, code: string, fromMs: number, untilMs: number): number {
    let sum = 0
    for (const [hour, portion] of this.#sums.get(device.id)?.get(code)?.hours ?? [])
      if (hour * hourMs >= fromMs && hour * hourMs < untilMs) sum += portion
    return sum
  }

  #add(device: SimDevice, code: string, portion: number, timeMs: number): void {
    const ofDevice = this.#sums.get(device.id) ?? new Map<string, Sum>()
    this.#sums.set(device.id, ofDevice)
    const sum = ofDevice.get(code) ?? { total: 0, hours: new Map<number, number>() }
    ofDevice.set(code, sum)
    sum.total += portion
    const hour = Math.floor(timeMs / hourMs)
    sum.hours.set(hour, (sum.hours.get(hour) ?? 0) + portion)
    if (sum.hours.size > keptHours) sum.hours.delete(sum.hours.keys().next().value as number)
  }
}
