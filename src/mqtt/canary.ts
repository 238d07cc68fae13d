import type { Clock, Timer } from '../util/clock.ts'
import { type Deferred, deferred } from '../util/deferred.ts'
import type { PublishRefused } from './link.ts'
import type { Outgoing } from './message.ts'

const everyMs = 15_000
const answerMs = 10_000
/** Before the first has returned nothing is published, so a refusal must show soon. */
const firstAnswerMs = 4_000
const missesAllowed = 1

export interface CanaryParts {
  readonly topic: string
  readonly clock: Clock
  readonly token: () => string
  readonly publish: (message: Outgoing, done: (refused?: PublishRefused) => void) => void
  /**
   * Called when the connection is of no use: the broker is silent, or it answers and yet does not let us publish and
   * read.
   */
  readonly onDead: (why: 'silent' | 'rights') => void
}

/**
 * R-M8: a message to ourselves, there and back. It proves that the connection works in both directions and that the
 * broker lets us publish, which a 3.1.1 acknowledgement does not.
 */
export class Canary {
  readonly #parts: CanaryParts
  readonly #first: Deferred<void> = deferred()
  #next: Timer | undefined
  #deadline: Timer | undefined
  #token: string | undefined
  #isAcknowledged = false
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
    this.#next?.cancel()
    this.#deadline?.cancel()
    this.#token = undefined
  }

  #send(): void {
    const { topic, clock, publish } = this.#parts
    const token = this.#parts.token()
    this.#token = token
    this.#isAcknowledged = false
    this.#next?.cancel()
    this.#next = clock.after(everyMs, () => this.#send())
    this.#deadline?.cancel()
    this.#deadline = clock.after(this.#isProved ? answerMs : firstAnswerMs, () => this.#missed())
    publish({ topic, payload: token, qos: 1, retain: false }, (refused) => {
      if (token !== this.#token) return
      this.#isAcknowledged = true
      if (refused?.reason === 'not-authorized') this.#parts.onDead('rights')
    })
  }

  #missed(): void {
    this.#misses++
    if (!this.#isProved) this.#parts.onDead(this.#isAcknowledged ? 'rights' : 'silent')
    else if (this.#misses > missesAllowed) this.#parts.onDead('silent')
    else this.#send()
  }
}
