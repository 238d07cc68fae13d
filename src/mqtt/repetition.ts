import { type Clock, every, type Timer } from '../util/clock.ts'
import type { Outgoing } from './message.ts'

export interface RepetitionParts {
  readonly clock: Clock
  /** Messages a second; 0 = as fast as there is room. */
  readonly perSecond: () => number
  readonly hasRoom: () => boolean
  readonly offer: (message: Outgoing) => void
}

const tickMs = 20

/** R-M10: says one message after the other, at a pace that leaves room for what happens meanwhile. */
export class Repetition {
  readonly #parts: RepetitionParts
  #ticking: Timer | undefined

  constructor(parts: RepetitionParts) {
    this.#parts = parts
  }

  get isRunning(): boolean {
    return this.#ticking !== undefined
  }

  /** What was being said is left where it is. */
  start(messages: Iterator<Outgoing, void>): void {
    const { clock, perSecond, hasRoom, offer } = this.#parts
    this.stop()
    const rate = perSecond()
    const perTick = rate === 0 ? Number.POSITIVE_INFINITY : (rate * tickMs) / 1000
    const mostCredit = Math.max(1, perTick)
    let credit = mostCredit
    const feed = () => {
      for (; credit >= 1 && hasRoom(); credit--) {
        const next = messages.next()
        if (next.done) {
          this.stop()
          break
        }
        offer(next.value)
      }
      credit = Math.min(credit + perTick, mostCredit)
    }
    this.#ticking = every(clock, tickMs, feed)
    feed()
  }

  stop(): void {
    this.#ticking?.cancel()
    this.#ticking = undefined
  }
}
