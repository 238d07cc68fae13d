import type { Clock, Timer } from '../../util/clock.ts'

/** Waits that somebody may cut short. */
export class Pause {
  readonly #clock: Clock
  #timer: Timer | undefined
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves after so long, or when woken; `Infinity`: when woken. One waits at a time. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      if (ms !== Number.POSITIVE_INFINITY) this.#timer = this.#clock.after(ms, () => this.wake())
    })
  }

  wake(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
