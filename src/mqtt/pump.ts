import { type Clock, every, type Timer } from '../util/clock.ts'
import type { BrokerLink, PublishRefused } from './link.ts'
import { faultOfMessage } from './message.ts'
import type { Entry, Outbox } from './outbox.ts'

export const windowAtMost = 64
const ackMs = 10_000
const checkMs = 1_000
const unsentAtMost = 4 * 1024 * 1024
/** Our socket is given no more than this ahead of the broker. */
const aheadAtMost = 512 * 1024
const poisonMs = 2_000

export interface PumpParts {
  readonly link: BrokerLink
  readonly outbox: Outbox
  readonly clock: Clock
  readonly onDead: (entry: Entry, reason: string) => void
  readonly onSettled: () => void
}

/** Moves messages from the outbox to one connection, inside its window and with a deadline on every answer (R-M2). */
export class Pump {
  readonly #parts: PumpParts
  readonly #window: number
  /** In the order of sending: the first is the oldest. */
  readonly #sentAt = new Map<Entry, number>()
  #check: Timer | undefined
  #scheduled = false
  #open = false
  #lastPublishAt = Number.NEGATIVE_INFINITY

  constructor(parts: PumpParts) {
    this.#parts = parts
    this.#window = Math.max(1, Math.min(windowAtMost, parts.link.limits.receiveMaximum))
  }

  start(): void {
    this.#open = true
    this.#check = every(this.#parts.clock, checkMs, () => this.#review())
    this.pump()
  }

  stop(): void {
    this.#open = false
    this.#check?.cancel()
  }

  /** Whether the connection ended so soon after a publish that one of those in flight may be the cause (R-M4). */
  get poisonSuspected(): boolean {
    return this.#parts.clock.monotonic() - this.#lastPublishAt < poisonMs
  }

  /** Called when there may be something to send; many calls in one turn are one. */
  pump(): void {
    if (this.#scheduled || !this.#open) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#run()
    })
  }

  #run(): void {
    const { link, outbox } = this.#parts
    while (this.#open && link.unsentBytes < aheadAtMost) {
      const entry = outbox.take(this.#window)
      if (!entry) return
      this.#send(entry)
    }
  }

  #send(entry: Entry): void {
    const { link, outbox, clock, onDead, onSettled } = this.#parts
    const fault = faultOfMessage(
      entry.message.topic,
      Buffer.byteLength(entry.message.payload),
      link.limits.maximumPacketSize,
    )
    if (fault !== undefined) {
      outbox.dead(entry)
      onDead(entry, fault)
      return
    }
    const now = clock.monotonic()
    this.#lastPublishAt = now
    this.#sentAt.set(entry, now)
    link.publish(this.#fit(entry), (refused?: PublishRefused) => {
      if (!this.#sentAt.delete(entry)) return
      if (refused) {
        outbox.dead(entry)
        onDead(entry, refused.reason)
      } else {
        outbox.settled(entry)
        onSettled()
      }
      this.pump()
    })
  }

  /** What the server said that it cannot do is left out. */
  #fit(entry: Entry): Entry['message'] {
    const { maximumQos, retainAvailable } = this.#parts.link.limits
    const { message } = entry
    if (message.qos <= maximumQos && (retainAvailable || !message.retain)) return message
    return { ...message, qos: maximumQos === 0 ? 0 : message.qos, retain: message.retain && retainAvailable }
  }

  /** Callbacks are hints, never the only way out. */
  #review(): void {
    const { link, clock } = this.#parts
    const oldest = this.#sentAt.values().next()
    if (!oldest.done && clock.monotonic() - oldest.value > ackMs) link.destroy('silent')
    else if (link.unsentBytes > unsentAtMost) link.destroy('silent')
    else this.pump()
  }
}
