import type { LinkHealth, LinkStatus } from '../domain/link.ts'
import { backoff } from '../util/backoff.ts'
import { type Clock, sleep } from '../util/clock.ts'
import { isAbort } from '../util/error.ts'
import { utf8 } from '../util/json.ts'
import type { Random } from '../util/random.ts'
import { Canary } from './canary.ts'
import { type BrokerConnector, type BrokerLink, type LinkEnd, LinkError, type Will } from './link.ts'
import type { Incoming, Outgoing } from './message.ts'
import type { Entry, Outbox } from './outbox.ts'
import { Pump } from './pump.ts'
import type { TopicTree } from './topic.ts'

export interface SessionParts {
  readonly connector: BrokerConnector
  readonly tree: TopicTree
  readonly outbox: Outbox
  readonly clock: Clock
  readonly random: Random
  readonly token: () => string
  readonly will: Will
  /** Filters besides that of commands; one that the broker refuses is told and nothing else. */
  readonly listensTo?: () => readonly string[]
  readonly onDeaf?: (filter: string) => void
  /** A command, or a message of another filter; the handler is bound before anything is subscribed. */
  readonly onCommand: (message: Incoming) => void
  /** Filters of commands below other bases. What is stored there is told as well, to be refused and removed. */
  readonly alsoObeyed?: readonly string[]
  /** Looks around before anything is published; rejects with LinkError when nothing may be. */
  readonly prepare: (signal: AbortSignal) => Promise<void>
  /** The connection is proved: everything may be published. */
  readonly onUp: (link: BrokerLink) => void
  readonly onDown: (end: LinkEnd, message: string) => void
  readonly onDead: (entry: Entry, reason: string) => void
  readonly onSettled: () => void
}

const healthyMs = 30_000
const patientMs = 60_000
/** From CONNACK to the return of the first canary. */
const proveMs = 10_000
/** R-M9: so many drops so young mean that somebody else uses our client id. */
const youngMs = 10_000
const youngDrops = 3
/** Ends after which a quick try only annoys. */
const patientEnds: ReadonlySet<LinkEnd> = new Set<LinkEnd>(['credentials', 'base-in-use', 'taken-over'])

/** Ends that come from the other side and may be its answer to a message. */
const poisonedEnds: ReadonlySet<LinkEnd> = new Set<LinkEnd>(['closed', 'protocol'])

interface Ended {
  readonly error: LinkError
  /** How long the broker had us; undefined when it did not take us. */
  readonly heldMs: number | undefined
  /** For how long of that we could publish. */
  readonly upMs: number
  /** One of the messages in flight may be the cause. */
  readonly suspicious: boolean
}

/** The life with the broker: connect, prove, publish, and again, without end, until stopped. */
export class Session {
  readonly #parts: SessionParts
  readonly #life = new AbortController()
  #running: Promise<void> = Promise.resolve()
  /** The present connection, from its first try to the pause after its end. */
  #try = new AbortController()
  #link: BrokerLink | undefined
  #pump: Pump | undefined
  #status: LinkStatus = 'down'
  #reason: string | null = 'starting'
  #sinceMs: number
  #lastSettledMs: number | null = null
  #drops = 0
  readonly reconnects = new Map<LinkEnd, number>()

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#sinceMs = parts.clock.now()
  }

  start(): void {
    this.#running = this.#loop()
  }

  get health(): LinkHealth {
    return { state: this.#status, sinceMs: this.#sinceMs, reason: this.#reason, lastMs: this.#lastSettledMs }
  }

  get protocol(): string | null {
    return this.#link?.limits.protocol ?? null
  }

  /** There is something in the outbox. */
  wake(): void {
    this.#pump?.pump()
  }

  /**
   * Ends the connection, or the wait for one, and makes a new one at once. What the broker has not acknowledged goes
   * over the new one, and as nobody says goodbye the one that is left says the Will.
   */
  renew(): void {
    this.#try.abort(new LinkError('renewed', 'the settings of the connection have changed'))
    this.#link?.destroy('renewed')
  }

  /** What is listened to besides commands has changed. */
  async listen(): Promise<void> {
    const link = this.#link
    for (const filter of link ? (this.#parts.listensTo?.() ?? []) : []) {
      try {
        await link?.subscribe(filter, { qos: 1, noLocal: true })
      } catch {
        this.#parts.onDeaf?.(filter)
      }
    }
  }

  /** Waits up to `flushMs` for the outbox to empty, says goodbye and ends. */
  async stop(goodbye: Outgoing, flushMs: number): Promise<void> {
    const { outbox, clock } = this.#parts
    let said = false
    if (this.#link && this.#pump) {
      outbox.offerState(goodbye, (delivered) => {
        said = delivered
      })
      this.#pump.pump()
      const until = clock.monotonic() + flushMs
      while (outbox.size > 0 && clock.monotonic() < until && this.#link) await sleep(clock, 10)
    }
    this.#life.abort()
    this.#try.abort()
    // Without a DISCONNECT the broker says the Will for us.
    if (said) await this.#link?.close()
    else this.#link?.destroy('stopped')
    await this.#running
  }

  async #loop(): Promise<void> {
    const { clock, random } = this.#parts
    const newDelays = () => backoff({ baseMs: 1_000, capMs: 5_000 }, random)
    let delays = newDelays()
    while (!this.#life.signal.aborted) {
      this.#try = new AbortController()
      const end = await this.#once()
      if (this.#life.signal.aborted) return
      const word = this.#try.signal.aborted ? 'renewed' : end.error.end
      this.reconnects.set(word, (this.reconnects.get(word) ?? 0) + 1)
      // A suspicious end tells of a message, not of the broker: the next try need not be later than the first.
      if (end.upMs >= healthyMs || end.suspicious) delays = newDelays()
      const contested = this.#isContested(end)
      this.#turn('down', contested ? 'client-id-in-use' : word)
      this.#parts.onDown(word, end.error.message)
      const wait = contested || patientEnds.has(word) ? patientMs : delays.next().value
      try {
        await sleep(clock, wait, this.#try.signal)
      } catch {
        if (this.#life.signal.aborted) return
        delays = newDelays()
      }
    }
  }

  /** R-M9: another client uses our id. Older brokers do not say so; then it shows in connections that die young. */
  #isContested({ error, heldMs, suspicious }: Ended): boolean {
    if (error.end === 'taken-over') return true
    if (error.end !== 'closed' || (heldMs ?? 0) >= youngMs) this.#drops = 0
    else if (heldMs !== undefined && !suspicious) this.#drops++
    if (this.#drops < youngDrops) return false
    this.#drops = 0
    return true
  }

  /** One connection from its first byte to its end. */
  async #once(): Promise<Ended> {
    const { clock, outbox, onDead } = this.#parts
    let heldAt: number | undefined
    let upAt: number | undefined
    try {
      await this.#parts.prepare(this.#try.signal)
      this.#turn('down', 'connecting')
      const { link, canary } = await this.#connect()
      heldAt = clock.monotonic()
      await this.#prove(link, canary)
      upAt = clock.monotonic()
      this.#rise(link)
      throw await link.ended
    } catch (thrown) {
      const error = toLinkError(thrown)
      const pump = this.#pump
      pump?.stop()
      this.#pump = undefined
      this.#link = undefined
      const suspicious = poisonedEnds.has(error.end) && outbox.inFlight > 0 && !!pump?.poisonSuspected
      for (const entry of outbox.disconnected(suspicious)) onDead(entry, 'poison')
      const now = clock.monotonic()
      const heldMs = heldAt === undefined ? undefined : now - heldAt
      return { error, heldMs, upMs: now - (upAt ?? now), suspicious }
    }
  }

  async #connect(): Promise<{ readonly link: BrokerLink; readonly canary: Canary }> {
    const { connector, tree, clock, will, token, outbox } = this.#parts
    const probe = tree.build('bridgeProbe', {})
    let canary: Canary | undefined
    const link = await connector.connect({
      suffix: '',
      will,
      signal: this.#try.signal,
      onMessage: (message) => {
        if (message.topic !== probe) this.#parts.onCommand(message)
        else canary?.returned(utf8(message.payload) ?? '')
      },
    })
    const pump = new Pump({
      link,
      outbox,
      clock,
      onDead: this.#parts.onDead,
      onSettled: () => {
        this.#lastSettledMs = clock.now()
        this.#parts.onSettled()
      },
    })
    this.#pump = pump
    const prober = new Canary({
      topic: probe,
      clock,
      token,
      publish: (message, done) => pump.express(message, done),
      onDead: (why) => link.destroy(why),
    })
    canary = prober
    void link.ended.then(() => prober.stop())
    return { link, canary: prober }
  }

  /** R-M10: subscribe, canary; only then may anything be published. */
  async #prove(link: BrokerLink, canary: Canary): Promise<void> {
    const { tree, clock, alsoObeyed = [] } = this.#parts
    const late = clock.after(proveMs, () => link.destroy('silent'))
    const ending = this.#try.signal
    const onAbort = () => link.destroy('stopped')
    ending.addEventListener('abort', onAbort, { once: true })
    try {
      ending.throwIfAborted()
      await link.subscribe(tree.commandFilter, {
        qos: 2,
        noLocal: true,
        retainAsPublished: true,
        withoutStored: true,
      })
      for (const filter of alsoObeyed)
        await link.subscribe(filter, { qos: 2, noLocal: true, retainAsPublished: true })
      await link.subscribe(tree.build('bridgeProbe', {}), { qos: 1 })
      canary.start()
      const end = await Promise.race([canary.proved, link.ended])
      if (end !== undefined) throw end.end === 'rights' ? new LinkError('rights', noRights) : end
    } catch (thrown) {
      link.destroy('closed')
      throw thrown
    } finally {
      late.cancel()
      ending.removeEventListener('abort', onAbort)
    }
  }

  #rise(link: BrokerLink): void {
    this.#link = link
    this.#turn('up', null)
    this.#parts.onUp(link)
    this.#pump?.start()
    void this.listen()
  }

  #turn(status: LinkStatus, reason: string | null): void {
    if (status === this.#status && reason === this.#reason) return
    this.#status = status
    this.#reason = reason
    this.#sinceMs = this.#parts.clock.now()
  }
}

const noRights =
  'a message to our own probe topic did not come back: the broker’s access list does not let us publish or read below the base'

function toLinkError(thrown: unknown): LinkError {
  if (thrown instanceof LinkError) return thrown
  if (isAbort(thrown)) return new LinkError('stopped', 'stopped')
  return new LinkError('protocol', thrown instanceof Error ? thrown.message : String(thrown))
}
