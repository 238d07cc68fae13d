import type { Inventory } from '../inventory/inventory.ts'
import type { Clock } from '../util/clock.ts'

export interface LanStalenessParts {
  readonly clock: Clock
  readonly inventory: Pick<Inventory, 'markLanStale'>
  /** Somebody else tells what happens to devices that the LAN has lost. */
  readonly othersTell: () => boolean
}

const staleAfterMs = 60_000

/** R-S1: what a device said on the LAN is stale when it has been gone for a minute, and nobody else speaks of it. */
export class LanStaleness {
  readonly #parts: LanStalenessParts
  /** Monotonic, since when a device that was there is gone. */
  readonly #gone = new Map<string, number>()

  constructor(parts: LanStalenessParts) {
    this.#parts = parts
  }

  seen(deviceId: string, isUp: boolean): void {
    const { clock, inventory } = this.#parts
    if (!isUp) {
      if (!this.#gone.has(deviceId)) this.#gone.set(deviceId, clock.monotonic())
      return
    }
    this.#gone.delete(deviceId)
    inventory.markLanStale(deviceId, false)
  }

  forget(deviceId: string): void {
    this.#gone.delete(deviceId)
  }

  review(): void {
    const { clock, inventory, othersTell } = this.#parts
    const told = othersTell()
    for (const [deviceId, since] of this.#gone)
      inventory.markLanStale(deviceId, !told && clock.monotonic() - since >= staleAfterMs)
  }
}
