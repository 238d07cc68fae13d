/** Far more than a device or a gateway has to say. */
const perSecond = 200
const burst = 200
/** At once, so that one device never holds up the others for long. */
const perTurn = 25

/** How many frames of one device are read, and when (I-9). */
export class Flow {
  #tokens = burst
  #at: number
  #turn = 0

  /** `now` is monotonic, here as below. */
  constructor(now: number) {
    this.#at = now
  }

  /** Another turn of the loop begins. */
  turn(now: number): void {
    this.#turn = 0
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * perSecond) / 1_000)
    this.#at = now
  }

  /** Milliseconds until the next frame may be read; 0: now. */
  take(): number {
    if (this.#tokens < 1) return 100
    if (this.#turn >= perTurn) return 1
    this.#tokens--
    this.#turn++
    return 0
  }
}
