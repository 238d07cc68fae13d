import type { Json } from '../domain/data-point.ts'
import { sameJson } from '../domain/state.ts'
import { BoundedMap } from '../util/bounded-map.ts'
import type { Delivery } from './delivery.ts'

/** Which way a live report came: both tell of the same press. */
export type Side = 'lan' | 'queue'

export interface Saying {
  readonly code: string
  readonly value: Json
  readonly timeMs: number
  /** By our own clock, for both sides. */
  readonly receivedMs: number
  /** What becomes of it, where nobody brings it again. */
  readonly delivery?: Delivery | undefined
}

interface Told extends Saying {
  readonly side: Side
}

/** The clocks of cloud and bridge agree to this much. */
const apartMs = 2_000
const devicesAtMost = 10_000
const keptAtMost = 64

/**
 * What a device says over the LAN it says to the cloud too. The second to arrive is no news: each saying takes at most
 * one of the other side away, so that two presses stay two.
 */
export class Twins {
  readonly #told = new BoundedMap<string, Told[]>(devicesAtMost)

  /**
   * What the other side has told already; undefined when this is news. `isDated`: the cloud's time is known, so that
   * both date things alike; else the two are recognised by when they come as well.
   */
  take(deviceId: string, side: Side, saying: Saying, isDated = true): Told | undefined {
    const { code, value, timeMs, receivedMs } = saying
    const told = this.#told.get(deviceId) ?? []
    const isClose = (one: Told) =>
      Math.abs(one.timeMs - timeMs) <= apartMs ||
      (!isDated && Math.abs(one.receivedMs - receivedMs) <= apartMs)
    const at = told.findIndex(
      (one) => one.side !== side && one.code === code && isClose(one) && sameJson(one.value, value),
    )
    const twin = told[at]
    if (twin) {
      // What was lost is told by whoever brings it, however often that takes.
      if (!twin.delivery?.isLost) told.splice(at, 1)
      return twin
    }
    this.#keep(deviceId, { ...saying, side })
    return undefined
  }

  /** The message that took it away has to come again. */
  again(deviceId: string, told: Told): void {
    this.#keep(deviceId, told)
  }

  #keep(deviceId: string, one: Told): void {
    const told = this.#told.get(deviceId) ?? []
    told.push(one)
    if (told.length > keptAtMost) told.shift()
    this.#told.set(deviceId, told)
  }

  forget(deviceId: string): void {
    this.#told.delete(deviceId)
  }
}
