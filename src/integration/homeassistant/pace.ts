import type { Clock, Timer } from '../../util/clock.ts'

export interface Rhythm {
  /** Milliseconds from one turn to the next. */
  readonly everyMs: number
  /** Turns that came due while the process was busy are made up for, this many at once at most. */
  readonly atOnce: number
}

/** Turns in an even rhythm, as long as there is something to do. */
export class Pace {
  readonly #clock: Clock
  readonly #rhythm: Rhythm
  readonly #turn: () => boolean
  #timer: Timer | undefined
  /** When the latest turn was due. */
  #dueMs = 0

  /** `turn` does one thing, and says whether more is to be done. */
  constructor(clock: Clock, rhythm: Rhythm, turn: () => boolean) {
    this.#clock = clock
    this.#rhythm = rhythm
    this.#turn = turn
  }

  /** There is something to do. */
  go(): void {
    if (this.#timer) return
    this.#dueMs = this.#clock.monotonic()
    this.#wait()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #wait(): void {
    const { everyMs } = this.#rhythm
    const waitMs = Math.max(0, this.#dueMs + everyMs - this.#clock.monotonic())
    this.#timer = this.#clock.after(waitMs, () => this.#take())
  }

  #take(): void {
    const { everyMs, atOnce } = this.#rhythm
    const due = Math.max(1, Math.floor((this.#clock.monotonic() - this.#dueMs) / everyMs))
    const turns = Math.min(due, atOnce)
    // What was missed beyond that is let go of: nobody wants all of it in a rush.
    this.#dueMs += due * everyMs
    let isMore = true
    for (let i = 0; i < turns && isMore; i++) isMore = this.#turn()
    this.#timer = undefined
    if (isMore) this.#wait()
  }
}
