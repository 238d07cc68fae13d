import { type Clock, every, type Timer } from '../util/clock.ts'
import type { BrokerLink, PublishRefused } from './link.ts'
import { faultOfMessage, type Outgoing } from './message.ts'
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

interface Express {
  readonly message: Outgoing
  readonly done: (refused?: PublishRefused) => void
}

/** Moves messages from the outbox to one connection, inside its window and with a deadline on every answer (R-M2). */
export class Pump {
  readonly #parts: PumpParts
  readonly #window: number
  /** In the order of sending: the first is the oldest. */
  readonly #sentAt = new Map<Entry | Express, number>()
  #express: Express | undefined
  #expressInFlight = 0
  #check: Timer | undefined
  #deadline: Timer | undefined
  #scheduled = false
  #open = false
  #stopped = false
  #lastPublishAt = Number.NEGATIVE_INFINITY

  constructor(parts: PumpParts) {
    this.#parts = parts
    this.#window = Math.max(1, Math.min(windowAtMost, parts.link.limits.receiveMaximum))
  }

  /** From now on the outbox is emptied. */
  start(): void {
    this.#open = true
    this.#check = every(this.#parts.clock, checkMs, () => this.#review())
    this.pump()
  }

  stop(): void {
    this.#open = false
    this.#stopped = true
    this.#check?.cancel()
    this.#deadline?.cancel()
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

  /**
   * A message ahead of the outbox, also before that is opened; it has its place in the window and its deadline like any
   * other. One waits at a time: a newer one takes its place.
   */
  express(message: Outgoing, done: Express['done']): void {
    this.#express = { message, done }
    this.#run()
  }

  #run(): void {
    const { link, outbox } = this.#parts
    const express = this.#express
    if (express && !this.#stopped && outbox.unanswered + this.#expressInFlight < this.#window) {
      this.#express = undefined
      this.#sendExpress(express)
    }
    // What is written at once asks for more at once, which is what happens here.
    this.#scheduled = true
    while (this.#open && link.unsentBytes < aheadAtMost) {
      const entry = outbox.take(this.#window - this.#expressInFlight)
      if (!entry) break
      this.#send(entry)
    }
    this.#scheduled = false
  }

  #sendExpress(express: Express): void {
    this.#expressInFlight++
    this.#note(express, this.#parts.clock.monotonic())
    this.#parts.link.publish(express.message, (refused) => {
      if (!this.#sentAt.delete(express)) return
      this.#expressInFlight--
      express.done(refused)
      this.pump()
    })
  }

  #send(entry: Entry): void {
    const { link, outbox, clock, onDead, onSettled } = this.#parts
    const message = this.#fit(entry.message)
    const fault = faultOfMessage(message, link.limits.maximumPacketSize)
    if (fault !== undefined) {
      outbox.dead(entry)
      onDead(entry, fault)
      return
    }
    const now = clock.monotonic()
    this.#lastPublishAt = now
    // Most are written by the time that this returns: there is no answer to wait for.
    let isDone = false
    link.publish(message, (refused) => {
      if (isDone || this.#stopped) return
      isDone = true
      this.#sentAt.delete(entry)
      if (refused) {
        outbox.dead(entry)
        onDead(entry, refused.reason)
      } else {
        outbox.settled(entry)
        onSettled()
      }
      this.pump()
    })
    if (!isDone) this.#note(entry, now)
  }

  /** What the server said that it cannot do is left out. */
  #fit(message: Outgoing): Outgoing {
    const { maximumQos, retainAvailable } = this.#parts.link.limits
    if (message.qos <= maximumQos && (retainAvailable || !message.retain)) return message
    return { ...message, qos: maximumQos === 0 ? 0 : message.qos, retain: message.retain && retainAvailable }
  }

  #note(sent: Entry | Express, at: number): void {
    this.#sentAt.set(sent, at)
    this.#deadline ??= this.#parts.clock.after(ackMs, () => this.#overdue())
  }

  /** The answer of the oldest was due some time ago, is due now, or the deadline is that of a younger one. */
  #overdue(): void {
    const { link, clock } = this.#parts
    this.#deadline = undefined
    const oldest = this.#sentAt.values().next()
    if (oldest.done) return
    const left = oldest.value + ackMs - clock.monotonic()
    if (left > 0) this.#deadline = clock.after(left, () => this.#overdue())
    else link.destroy('silent')
  }

  #review(): void {
    const { link } = this.#parts
    if (link.unsentBytes > unsentAtMost) link.destroy('silent')
    else this.pump()
  }
}
