import { futureToleranceMs } from '../domain/state.ts'

/** The platform tells presence in whole seconds, rounded down, and its clock is not ours. */
const toleranceMs = 2_000

/**
 * When it was last said of each device whether it is there. A message that is older than another is old news; one that
 * is clearly older than a list is too, and so is a list that was asked for before a message came about.
 */
export class PresenceTimes {
  readonly #told = new Map<string, number>()
  readonly #read = new Map<string, number>()

  /** A list of devices says it, which was asked for at that time: whether it counts. */
  read(deviceId: string, askedMs: number): boolean {
    const isOld = askedMs < (this.#told.get(deviceId) ?? Number.NEGATIVE_INFINITY)
    if (!isOld) this.#read.set(deviceId, askedMs)
    return !isOld
  }

  /** A message says it, which came at `nowMs`: whether it counts. */
  told(deviceId: string, saidMs: number, nowMs: number): boolean {
    // R-Q2: otherwise one wrong clock would silence all that comes after it.
    const atMs = saidMs > nowMs + futureToleranceMs ? nowMs : saidMs
    const none = Number.NEGATIVE_INFINITY
    const isOld =
      atMs < (this.#told.get(deviceId) ?? none) || atMs + toleranceMs < (this.#read.get(deviceId) ?? none)
    if (!isOld) this.#told.set(deviceId, atMs)
    return !isOld
  }

  forget(deviceId: string): void {
    this.#told.delete(deviceId)
    this.#read.delete(deviceId)
  }
}
