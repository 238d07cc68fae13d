import type { Clock } from '../util/clock.ts'

/** What is as old as this when it is heard was held up. */
const lateMs = 600
const spanMs = 250
/** A backlog brings many at once; of a few the clocks of their devices may be wrong. */
const least = 20

interface Span {
  readonly from: number
  readonly heard: number
  readonly youngestMs: number
}

/** Whether what is told waits in a queue of its own: then even the youngest of what was heard lately is old. */
export class Backlog {
  readonly #clock: Clock
  #before: Span | undefined
  #present: Span

  constructor(clock: Clock) {
    this.#clock = clock
    this.#present = { from: clock.monotonic(), heard: 0, youngestMs: Number.POSITIVE_INFINITY }
  }

  /** Something was told that happened at `timeMs`, where it is `nowMs` by the same clock. */
  heard(timeMs: number, nowMs: number): void {
    this.#turn()
    const { from, heard, youngestMs } = this.#present
    this.#present = { from, heard: heard + 1, youngestMs: Math.min(youngestMs, nowMs - timeMs) }
  }

  get isLate(): boolean {
    this.#turn()
    const spans = [this.#before, this.#present].filter((span) => span !== undefined)
    const heard = spans.reduce((sum, span) => sum + span.heard, 0)
    return heard >= least && spans.every(({ youngestMs }) => youngestMs >= lateMs)
  }

  #turn(): void {
    const now = this.#clock.monotonic()
    const sinceMs = now - this.#present.from
    if (sinceMs < spanMs) return
    this.#before = sinceMs < 2 * spanMs ? this.#present : undefined
    this.#present = { from: now, heard: 0, youngestMs: Number.POSITIVE_INFINITY }
  }
}
