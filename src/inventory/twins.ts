import type { Json } from '../domain/data-point.ts'
import { sameJson } from '../domain/state.ts'
import { BoundedMap } from '../util/bounded-map.ts'

/** Which way a live report came: both tell of the same press. */
export type Side = 'lan' | 'queue'

interface Told {
  readonly side: Side
  readonly code: string
  readonly value: Json
  readonly timeMs: number
  /** By our own clock, for both sides. */
  readonly receivedMs: number
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
   * Whether the other side has told this already. `isDated`: the cloud's time is known, so that both date things alike;
   * else the two are recognised by when they come as well.
   */
  take(deviceId: string, side: Side, saying: Omit<Told, 'side'>, isDated = true): boolean {
    const { code, value, timeMs, receivedMs } = saying
    const told = this.#told.get(deviceId) ?? []
    const isClose = (one: Told) =>
      Math.abs(one.timeMs - timeMs) <= apartMs ||
      (!isDated && Math.abs(one.receivedMs - receivedMs) <= apartMs)
    const at = told.findIndex(
      (one) => one.side !== side && one.code === code && isClose(one) && sameJson(one.value, value),
    )
    if (at >= 0) {
      told.splice(at, 1)
      return true
    }
    told.push({ side, code, value, timeMs, receivedMs })
    if (told.length > keptAtMost) told.shift()
    this.#told.set(deviceId, told)
    return false
  }

  forget(deviceId: string): void {
    this.#told.delete(deviceId)
  }
}
