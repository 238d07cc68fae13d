import { type Clock, every, type Timer } from '../util/clock.ts'
import { type Deferred, deferred } from '../util/deferred.ts'
import type { Outgoing } from './message.ts'

const everyMs = 15_000
const answerMs = 10_000
/** Before the first has returned nothing is published, so a refusal must show soon. */
const firstAnswerMs = 6_000
const missesAllowed = 1

export interface CanaryParts {
  readonly topic: string
  readonly clock: Clock
  readonly token: () => string
  readonly publish: (message: Outgoing) => void
  /** Called when the connection has to be taken for dead. */
  readonly onDead: () => void
}

/**
 * R-M8: a message to ourselves, there and back. It proves that the connection works in both directions and that the
 * broker lets us publish, which a 3.1.1 acknowledgement does not.
 */
export class Canary {
  readonly #parts: CanaryParts
  readonly #first: Deferred<void> = deferred()
  #rounds: Timer | undefined
  #deadline: Timer | undefined
  #token: string | undefined
  #misses = 0
  #isProved = false

  constructor(parts: CanaryParts) {
    this.#parts = parts
  }

  /** Resolves when the first one has returned. */
  get proved(): Promise<void> {
    return this.#first.promise
  }

  start(): void {
    this.#send()
    this.#rounds = every(this.#parts.clock, everyMs, () => this.#send())
  }

  returned(payload: string): void {
    if (payload !== this.#token) return
    this.#deadline?.cancel()
    this.#token = undefined
    this.#misses = 0
    this.#isProved = true
    this.#first.resolve()
  }

  stop(): void {
    this.#rounds?.cancel()
    this.#deadline?.cancel()
  }

  #send(): void {
    const { topic, clock, token, publish } = this.#parts
    this.#token = token()
    this.#deadline?.cancel()
    this.#deadline = clock.after(this.#isProved ? answerMs : firstAnswerMs, () => this.#missed())
    publish({ topic, payload: this.#token, qos: 1, retain: false })
  }

  #missed(): void {
    this.#misses++
    if (!this.#isProved || this.#misses > missesAllowed) this.#parts.onDead()
    else this.#send()
  }
}
