import { lanLeadMs } from '../inventory/report-merge.ts'
import { type Clock, sleep } from '../util/clock.ts'

/** Devices of which the cloud says something else than they said on the LAN a moment before: they are asked. */
export class LanDoubts {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #ask: (deviceId: string) => void
  readonly #waiting = new Set<string>()

  constructor(clock: Clock, signal: AbortSignal, ask: (deviceId: string) => void) {
    this.#clock = clock
    this.#signal = signal
    this.#ask = ask
  }

  /** Asked once for all that is doubted in a moment; by then what the LAN has to say of it has come. */
  add(deviceId: string): void {
    if (!this.#waiting.has(deviceId)) void this.#askSoon(deviceId)
  }

  /** Never rejects. */
  async #askSoon(deviceId: string): Promise<void> {
    this.#waiting.add(deviceId)
    await sleep(this.#clock, lanLeadMs, this.#signal).catch(() => {})
    this.#waiting.delete(deviceId)
    if (!this.#signal.aborted) this.#ask(deviceId)
  }
}
