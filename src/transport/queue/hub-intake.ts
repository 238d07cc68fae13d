import type { DecodedOpenHub } from '../../codec/queue/open-hub.ts'
import { QueueError } from '../../codec/queue/queue-error.ts'
import type { Sink } from '../../domain/message.ts'
import type { Clock } from '../../util/clock.ts'
import { Settlement } from '../../util/settlement.ts'
import type { BookCounts } from './ack-book.ts'
import { type DeadLetter, DeadLetters } from './dead-letters.ts'

/** What is being settled at once; the hub keeps nothing, so what comes beyond that is lost and counted. */
const underWayAtMost = 1_000
const bytesAtMost = 4 * 1024 * 1024
const failuresToDoubt = 5

export interface HubIntakeParts {
  readonly clock: Clock
  readonly sink: Sink
  /** Messages have a tag, which is all that can keep one from being decrypted. */
  readonly tagged: boolean
  readonly onMessage: (receivedMs: number, verified: boolean) => void
  readonly onDead: (letter: DeadLetter) => void
  readonly onDefect: (thrown: unknown) => void
}

export type HubDecode = (payload: Uint8Array, receivedMs: number) => DecodedOpenHub

/** What the Open Hub brings, from the payload to the sink. There is nothing to acknowledge. */
export class HubIntake {
  readonly #parts: HubIntakeParts
  readonly #counts = { received: 0, settled: 0, dead: 0, shed: 0 }
  readonly #dead: DeadLetters
  #underWay = 0
  #bytes = 0
  #row = 0
  #unverified = 0

  constructor(parts: HubIntakeParts) {
    this.#parts = parts
    this.#dead = new DeadLetters(parts.onDead)
  }

  /** R-T4. Messages have no id, so duplicates show further down only. */
  get counts(): BookCounts {
    return { ...this.#counts, acked: 0, duplicate: 0, stale: 0, pending: this.#underWay }
  }

  /** Dead letters by reason. */
  get deadByReason(): ReadonlyMap<string, number> {
    return this.#dead.byReason
  }

  /** Messages whose tag fits with nothing, taken or not. */
  get unverified(): number {
    return this.#unverified
  }

  /** False when so many in a row could not be decrypted that it must be the key. */
  heard(payload: Uint8Array, decode: HubDecode): boolean {
    const { clock } = this.#parts
    const receivedMs = clock.now()
    this.#counts.received++
    if (this.#underWay >= underWayAtMost || this.#bytes >= bytesAtMost) {
      this.#counts.shed++
      return true
    }
    let decoded: DecodedOpenHub
    try {
      decoded = decode(payload, receivedMs)
    } catch (thrown) {
      return this.#refuse(payload, receivedMs, thrown)
    }
    this.#row = 0
    if (decoded.tagUnverified) this.#unverified++
    this.#parts.onMessage(receivedMs, !decoded.tagUnverified)
    this.#handOver(decoded, payload, receivedMs)
    return true
  }

  /** Another connection, another key. */
  connected(): void {
    this.#row = 0
  }

  #handOver({ message }: DecodedOpenHub, payload: Uint8Array, receivedMs: number): void {
    const bytes = payload.byteLength
    this.#underWay++
    this.#bytes += bytes
    let over = false
    const end = (how: 'settled' | 'dead' | 'shed') => {
      if (over) return
      over = true
      this.#underWay--
      this.#bytes -= bytes
      this.#counts[how]++
    }
    // Nobody brings it again where there is no room for it now.
    const settlement = new Settlement(
      (delivered) => end(delivered ? 'settled' : 'dead'),
      () => end('shed'),
    )
    try {
      this.#parts.sink({ message, receivedMs }, settlement)
      settlement.seal()
    } catch (thrown) {
      this.#parts.onDefect(thrown)
      end('dead')
      this.#dead.add(payload, bytes, receivedMs, 'bridge/internal')
    }
  }

  #refuse(payload: Uint8Array, receivedMs: number, thrown: unknown): boolean {
    const known = thrown instanceof QueueError
    if (!known) this.#parts.onDefect(thrown)
    this.#counts.dead++
    this.#dead.add(payload, payload.byteLength, receivedMs, known ? thrown.reason : 'bridge/internal')
    if (known && thrown.keySuspect) this.#row++
    if (known && thrown.code === 'decrypt' && this.#parts.tagged) this.#unverified++
    return this.#row < failuresToDoubt
  }
}
