import type { Clock, Timer } from '../util/clock.ts'
import type { Inventory } from './inventory.ts'

export interface PairingWatchParts {
  readonly inventory: Pick<Inventory, 'device'>
  readonly budget: { left(priority: 'reconcile'): number }
  readonly clock: Clock
  /** Has the devices of a home read again soon. */
  readonly look: (homeId: string) => void
}

const fastestMs = 5_000
/** A device that joined at the last moment may be missing from the lists for so long. */
const lagMs = 10_000
/** What of the calls that reading may still use today goes into one pairing. */
const share = 0.1
const fewestLooks = 3

/** While a gateway pairs, the devices of its home are listed every few seconds, so that what joins is soon seen. */
export class PairingWatch {
  readonly #parts: PairingWatchParts
  /** By gateway. */
  readonly #timers = new Map<string, Timer>()

  constructor(parts: PairingWatchParts) {
    this.#parts = parts
  }

  /** The gateway pairs for so long from now on; 0 ends it, after a last look. */
  watch(gatewayId: string, seconds: number): void {
    const { budget, clock } = this.#parts
    const lastsMs = seconds * 1_000
    const looks = Math.max(fewestLooks, Math.floor(budget.left('reconcile') * share))
    const everyMs = Math.max(fastestMs, lastsMs / looks)
    this.#timers.get(gatewayId)?.cancel()
    this.#next(gatewayId, everyMs, clock.monotonic() + lastsMs + lagMs)
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }

  #next(gatewayId: string, everyMs: number, until: number): void {
    const { clock, inventory, budget, look } = this.#parts
    const timer = clock.after(everyMs, () => {
      const homeId = inventory.device(gatewayId)?.device.homeId
      const over = homeId === undefined || clock.monotonic() + everyMs > until
      if (homeId !== undefined && budget.left('reconcile') > 0) look(homeId)
      if (over) this.#timers.delete(gatewayId)
      else this.#next(gatewayId, everyMs, until)
    })
    this.#timers.set(gatewayId, timer)
  }
}
