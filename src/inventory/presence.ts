/** The platform tells presence in whole seconds, rounded down, and its clock is not ours. */
const toleranceMs = 2_000

/**
 * When it was last said of each device whether it is there. A message that is older than another is old news; one that
 * is clearly older than a list is too.
 */
export class PresenceTimes {
  readonly #told = new Map<string, number>()
  readonly #read = new Map<string, number>()

  /** A list of devices says it, which was asked for at that time. */
  read(deviceId: string, askedMs: number): void {
    this.#read.set(deviceId, askedMs)
  }

  /** A message says it: whether it counts. */
  told(deviceId: string, saidMs: number): boolean {
    const none = Number.NEGATIVE_INFINITY
    const isOld =
      saidMs < (this.#told.get(deviceId) ?? none) || saidMs + toleranceMs < (this.#read.get(deviceId) ?? none)
    if (!isOld) this.#told.set(deviceId, saidMs)
    return !isOld
  }

  forget(deviceId: string): void {
    this.#told.delete(deviceId)
    this.#read.delete(deviceId)
  }
}
