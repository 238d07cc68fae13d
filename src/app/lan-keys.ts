import { BoundedMap } from '../util/bounded-map.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from './log.ts'

export interface LanKeysParts {
  readonly clock: Clock
  readonly log: Logger
  /** Asks the account for a device; its key comes along. Undefined without a cloud. */
  readonly read: ((deviceId: string) => void) | undefined
}

/** R-L4: a device that was paired anew has another key; the account is asked for it this often at most. */
const askEveryMs = 30 * 60_000
const devicesAtMost = 10_000

/** Asks for the keys of devices that do not know the one that we have. */
export class LanKeys {
  readonly #parts: LanKeysParts
  /** Monotonic, when it was asked for last. */
  readonly #asked = new BoundedMap<string, number>(devicesAtMost)

  constructor(parts: LanKeysParts) {
    this.#parts = parts
  }

  wanted(deviceId: string): void {
    const { clock, log, read } = this.#parts
    const before = this.#asked.get(deviceId)
    if (!read || (before !== undefined && clock.monotonic() - before < askEveryMs)) return
    this.#asked.set(deviceId, clock.monotonic())
    log.warn(
      { deviceId },
      'the device does not know its local key any more; the account is asked for the new one',
    )
    read(deviceId)
  }
}
