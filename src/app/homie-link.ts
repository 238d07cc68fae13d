import { type BrokerConnector, type BrokerLink, LinkError, type Will } from '../mqtt/link.ts'
import { faultOfMessage, type Incoming, type Outgoing } from '../mqtt/message.ts'
import { backoff } from '../util/backoff.ts'
import { type Clock, sleep } from '../util/clock.ts'
import type { Random } from '../util/random.ts'

export interface HomieLinkParts {
  readonly connector: BrokerConnector
  readonly clock: Clock
  readonly random: Random
  /** Added to the client id. */
  readonly suffix: string
  /** What the broker says for us when we are gone. */
  readonly will: Will | undefined
  readonly filter: string
  readonly onMessage: (message: Incoming) => void
  /** The broker listens: everything is to be said to it. */
  readonly onUp: () => void
  readonly onDown: (error: LinkError) => void
  /** It is too large, or the broker refuses it; all others go on. `first`: of this reason on this connection. */
  readonly onDead: (message: Outgoing, reason: string, first: boolean) => void
  /** The broker has this message, or will not have it. */
  readonly onTaken?: (message: Outgoing) => void
  /** Little waits by now: there is room for more. */
  readonly onRoom?: () => void
}

/** Messages that the broker has not acknowledged yet. */
const inFlightAtMost = 50
/** Beyond all that there is to say at first. One that never acknowledges must not fill our memory: the connection is made anew, and all is said again. */
const waitingAtMost = 100_000
/** Who has much to say waits while so many messages do. */
const roomyBelow = 500

/**
 * A connection of its own, whose Will vouches for the root device where there is one. What is said over it keeps its order, and nothing is
 * kept over its end: who comes back is told everything.
 */
export class HomieLink {
  readonly #parts: HomieLinkParts
  readonly #life = new AbortController()
  readonly #waiting: Outgoing[] = []
  #link: BrokerLink | undefined
  #inFlight = 0
  #mayWait = waitingAtMost
  readonly #deadFor = new Set<string>()
  #running: Promise<void> | undefined

  constructor(parts: HomieLinkParts) {
    this.#parts = parts
  }

  get isUp(): boolean {
    return this.#link !== undefined
  }

  get hasRoom(): boolean {
    return this.#link !== undefined && this.#waiting.length < roomyBelow
  }

  start(): void {
    this.#running ??= this.#loop()
  }

  /** The broker is another one by now, or lets us in otherwise. */
  renew(): void {
    this.#link?.destroy('renewed')
  }

  say(topic: string, payload: string, retain: boolean): void {
    if (!this.#link) return
    this.#waiting.push({ topic, payload, qos: retain ? 1 : 0, retain })
    if (this.#waiting.length > this.#mayWait) this.#link.destroy('silent')
    else this.#pump()
  }

  /** Says what waits and ends; with a goodbye the broker keeps the Will to itself. */
  async stop(flushMs: number): Promise<void> {
    const { clock } = this.#parts
    const until = clock.monotonic() + flushMs
    while (this.#link && this.#waiting.length + this.#inFlight > 0 && clock.monotonic() < until)
      await sleep(clock, 10)
    this.#life.abort()
    await this.#link?.close()
    await this.#running
  }

  async #loop(): Promise<void> {
    const { clock, random, onDown } = this.#parts
    const { signal } = this.#life
    let delays = backoff({ baseMs: 1_000, capMs: 30_000 }, random)
    while (!signal.aborted) {
      try {
        const link = await this.#connect()
        delays = backoff({ baseMs: 1_000, capMs: 30_000 }, random)
        throw await link.ended
      } catch (thrown) {
        this.#link = undefined
        this.#waiting.length = 0
        this.#inFlight = 0
        if (signal.aborted) return
        onDown(thrown instanceof LinkError ? thrown : new LinkError('protocol', String(thrown)))
      }
      try {
        await sleep(clock, delays.next().value, signal)
      } catch {
        return
      }
    }
  }

  async #connect(): Promise<BrokerLink> {
    const { connector, suffix, will, filter, onMessage, onUp } = this.#parts
    const { signal } = this.#life
    const link = await connector.connect({ suffix, ...(will ? { will } : {}), onMessage, signal })
    try {
      await link.subscribe(filter, { qos: 2, noLocal: true, retainAsPublished: true, withoutStored: true })
    } catch (thrown) {
      link.destroy('closed')
      throw thrown
    }
    this.#link = link
    this.#deadFor.clear()
    this.#mayWait = Number.POSITIVE_INFINITY
    onUp()
    this.#mayWait = this.#waiting.length + waitingAtMost
    return link
  }

  #pump(): void {
    const link = this.#link
    while (link && this.#inFlight < inFlightAtMost) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#send(link, next)
    }
  }

  #send(link: BrokerLink, message: Outgoing): void {
    const fault = faultOfMessage(message, link.limits.maximumPacketSize)
    if (fault !== undefined) {
      this.#dead(message, fault)
      this.#parts.onTaken?.(message)
      return
    }
    this.#inFlight++
    link.publish(message, (refused) => {
      if (this.#link !== link) return
      this.#inFlight--
      if (refused) this.#dead(message, refused.reason)
      this.#parts.onTaken?.(message)
      this.#pump()
      if (this.hasRoom) this.#parts.onRoom?.()
    })
  }

  #dead(message: Outgoing, reason: string): void {
    const first = !this.#deadFor.has(reason)
    this.#deadFor.add(reason)
    this.#parts.onDead(message, reason, first)
  }
}
