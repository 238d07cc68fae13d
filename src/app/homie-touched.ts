import type { Clock, Timer } from '../util/clock.ts'

/** Descriptions change in bursts while a home is read: what a burst touches is told together. */
const burstMs = 250

/** What is to be described anew, given over a moment after the first was touched. */
export class HomieTouched {
  readonly #clock: Clock
  readonly #give: (subjects: readonly string[]) => void
  readonly #subjects = new Set<string>()
  #timer: Timer | undefined

  constructor(clock: Clock, give: (subjects: readonly string[]) => void) {
    this.#clock = clock
    this.#give = give
  }

  /** Whether something waits to be given. */
  get isWaiting(): boolean {
    return this.#subjects.size > 0
  }

  add(subject: string): void {
    this.#subjects.add(subject)
    this.#timer ??= this.#clock.after(burstMs, () => {
      this.#timer = undefined
      const subjects = [...this.#subjects]
      this.#subjects.clear()
      this.#give(subjects)
    })
  }

  /** It has gone. */
  remove(subject: string): void {
    this.#subjects.delete(subject)
  }

  clear(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#subjects.clear()
  }
}
