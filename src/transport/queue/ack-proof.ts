import type { Clock, Timer } from '../../util/clock.ts'

/** So many acknowledgements one ping asks for. */
export const acksOfPing = 32
/** Longer than that nothing waits for an answer. */
export const proofMs = 2_000

export interface AckProofParts {
  readonly clock: Clock
  readonly ping: (mark: string) => void
  /** So many more acknowledgements were read, or are believed to be. */
  readonly onProven: (acks: number) => void
}

interface Question {
  readonly mark: string
  /** How many acknowledgements went out between the question before and this one. */
  readonly acks: number
  readonly at: number
}

/**
 * Which of our acknowledgements the queue has read: it answers a ping behind them after it has read them. Those of
 * which nobody knows are lost should this process die, and their messages come again. A queue that lets a ping wait is
 * believed, and one that has never answered any is not asked again on this connection.
 */
export class AckProof {
  readonly #parts: AckProofParts
  #open: Question[] = []
  /** Acknowledgements since the last ping. */
  #acks = 0
  #pings = 0
  #timer: Timer | undefined
  #hasAnswered = false
  #isMute = false

  constructor(parts: AckProofParts) {
    this.#parts = parts
  }

  /** An acknowledgement was written. */
  sent(): void {
    const { clock, ping, onProven } = this.#parts
    if (this.#isMute) {
      onProven(1)
      return
    }
    if (++this.#acks < acksOfPing) return
    const mark = String(++this.#pings)
    this.#open.push({ mark, acks: this.#acks, at: clock.monotonic() })
    this.#acks = 0
    this.#watch()
    ping(mark)
  }

  /** A pong came. Of several pings only the last needs to be answered (RFC 6455, 5.5.3). */
  answered(mark: string): void {
    const at = this.#open.findIndex((question) => question.mark === mark)
    if (at < 0) return
    this.#hasAnswered = true
    this.#prove(this.#open.splice(0, at + 1))
  }

  stop(): void {
    this.#timer?.cancel()
    this.#open = []
    this.#isMute = true
  }

  /** One timer for all of them: it is not moved when the oldest was answered, it looks again. */
  #watch(): void {
    const { clock } = this.#parts
    const [oldest] = this.#open
    if (this.#timer || !oldest) return
    this.#timer = clock.after(oldest.at + proofMs - clock.monotonic(), () => {
      this.#timer = undefined
      const sinceMs = clock.monotonic() - proofMs
      const late = this.#open.filter(({ at }) => at <= sinceMs)
      this.#open = this.#open.slice(late.length)
      if (late.length > 0) this.#believe(late)
      this.#watch()
    })
  }

  #believe(late: readonly Question[]): void {
    if (this.#hasAnswered) {
      this.#prove(late)
      return
    }
    const rest = { mark: '', acks: this.#acks, at: 0 }
    const all = [...late, ...this.#open, rest]
    this.stop()
    this.#prove(all)
  }

  #prove(questions: readonly Question[]): void {
    this.#parts.onProven(questions.reduce((sum, { acks }) => sum + acks, 0))
  }
}
