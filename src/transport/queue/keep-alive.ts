import type { Clock, Timer } from '../../util/clock.ts'

export const silenceMs = 30_000
export const answerMs = 10_000

export interface KeepAliveParts {
  readonly clock: Clock
  readonly ping: () => void
  /** Nothing came after the ping: the other side is gone, whatever the socket says. */
  readonly onDead: () => void
}

/** R-Q1: a ping after 30 s of silence, and any frame within 10 s of it, or the connection is dead. */
export class KeepAlive {
  readonly #parts: KeepAliveParts
  #timer: Timer | undefined
  #lastAt: number
  /** From when silence counts. */
  #quietAt: number
  #pingedAt: number | undefined

  constructor(parts: KeepAliveParts) {
    this.#parts = parts
    this.#lastAt = parts.clock.monotonic()
    this.#quietAt = this.#lastAt
  }

  /** When the other side gave its last sign of life, monotonic. */
  get lastAt(): number {
    return this.#lastAt
  }

  /** A frame of any kind. */
  heard(): void {
    this.#lastAt = this.#parts.clock.monotonic()
    this.#quietAt = this.#lastAt
    this.#pingedAt = undefined
  }

  /** Watches from now on. Does nothing while it is watching. */
  start(): void {
    if (this.#timer) return
    this.#quietAt = this.#parts.clock.monotonic()
    this.#pingedAt = undefined
    this.#arm(silenceMs)
  }

  /** Nothing is read, so nothing can be heard: that is no silence. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #arm(ms: number): void {
    this.#timer = this.#parts.clock.after(ms, () => this.#check())
  }

  /** The timer is not moved with every frame; it looks what came meanwhile. */
  #check(): void {
    const now = this.#parts.clock.monotonic()
    const dueAt = this.#pingedAt === undefined ? this.#quietAt + silenceMs : this.#pingedAt + answerMs
    if (now < dueAt) this.#arm(dueAt - now)
    else if (this.#pingedAt === undefined) {
      this.#pingedAt = now
      this.#arm(answerMs)
      this.#parts.ping()
    } else {
      this.stop()
      this.#parts.onDead()
    }
  }
}
