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
  /** A command; the handler is bound before anything is subscribed. */
  readonly onCommand: (message: Incoming) => void
  /** Looks around before anything is published; a word of reason keeps us silent for a minute. */
  readonly prepare: (signal: AbortSignal) => Promise<string | undefined>
  /** The connection is proved: everything may be published. */
  readonly onUp: (link: BrokerLink) => void
  readonly onDown: (end: LinkEnd, message: string) => void
  readonly onDead: (entry: Entry, reason: string) => void
  readonly onSettled: () => void
}

const healthyMs = 30_000
const patientMs = 60_000
/** R-M9: so many drops so young mean that somebody else uses our client id. */
const youngMs = 10_000
const youngDrops = 3

/** The life with the broker: connect, prove, publish, and again, without end, until stopped. */
export class Session {
  readonly #parts: SessionParts
  readonly #life = new AbortController()
  #running: Promise<void> = Promise.resolve()
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

  /** Waits up to `flushMs` for the outbox to empty, says goodbye and ends. */
  async stop(goodbye: Outgoing, flushMs: number): Promise<void> {
    const { outbox, clock } = this.#parts
    if (this.#link && this.#pump) {
      outbox.offerState(goodbye)
      this.#pump.pump()
      const until = clock.monotonic() + flushMs
      while (outbox.size > 0 && clock.monotonic() < until && this.#link) await sleep(clock, 10)
    }
    this.#life.abort()
    await this.#link?.close()
    await this.#running
  }

  async #loop(): Promise<void> {
    const { clock, random } = this.#parts
    const newDelays = () => backoff({ baseMs: 1_000, capMs: 5_000 }, random)
    let delays = newDelays()
    while (!this.#life.signal.aborted) {
      const end = await this.#once()
      if (this.#life.signal.aborted) return
      this.reconnects.set(end.error.end, (this.reconnects.get(end.error.end) ?? 0) + 1)
      if (end.upMs >= healthyMs) delays = newDelays()
      const wait = this.#pauseAfter(end) ?? delays.next().value
      this.#parts.onDown(end.error.end, end.error.message)
      try {
        await sleep(clock, wait, this.#life.signal)
      } catch {
        return
      }
    }
  }

  /** Some ends are not worth a quick try. Undefined = the usual back-off. */
  #pauseAfter(end: { error: LinkError; upMs: number; suspicious: boolean }): number | undefined {
    if (end.error.end === 'credentials') return patientMs
    if (this.#reason === 'base-in-use') return patientMs
    const young = end.upMs > 0 && end.upMs < youngMs && !end.suspicious
    this.#drops = young ? this.#drops + 1 : 0
    if (end.error.end !== 'taken-over' && this.#drops < youngDrops) return undefined
    this.#drops = 0
    this.#turn('down', 'client-id-in-use')
    return patientMs
  }

  /** One connection from its first byte to its end. */
  async #once(): Promise<{ error: LinkError; upMs: number; suspicious: boolean }> {
    const { clock, outbox } = this.#parts
    let upAt: number | undefined
    let suspicious = false
    try {
      const link = await this.#connect()
      upAt = clock.monotonic()
      throw await link.ended
    } catch (thrown) {
      const error = toLinkError(thrown)
      this.#pump?.stop()
      suspicious = (this.#pump?.poisonSuspected ?? false) && outbox.inFlight > 0 && error.end !== 'silent'
      for (const entry of outbox.disconnected(suspicious)) this.#parts.onDead(entry, 'poison')
      this.#pump = undefined
      this.#link = undefined
      if (this.#reason !== 'base-in-use') this.#turn('down', error.end)
      return { error, upMs: upAt === undefined ? 0 : clock.monotonic() - upAt, suspicious }
    }
  }

  async #connect(): Promise<BrokerLink> {
    const { connector, tree, clock, will, token, prepare } = this.#parts
    const signal = this.#life.signal
    const refusal = await prepare(signal)
    if (refusal !== undefined) {
      this.#turn('down', refusal)
      throw new LinkError('refused', refusal)
    }
    this.#turn('down', 'connecting')
    const probe = tree.build('bridgeProbe', {})
    let canary: Canary | undefined
    const link = await connector.connect({
      suffix: '',
      will,
      signal,
      onMessage: (message) => {
        if (message.topic !== probe) this.#parts.onCommand(message)
        else canary?.returned(utf8(message.payload) ?? '')
      },
    })
    canary = new Canary({
      topic: probe,
      clock,
      token,
      publish: (message) => link.publish(message, () => {}),
      onDead: () => link.destroy('silent'),
    })
    void link.ended.then(() => canary?.stop())
    try {
      await this.#prove(link, canary, probe)
    } catch (thrown) {
      link.destroy('closed')
      throw thrown
    }
    return link
  }

  /** R-M10: subscribe, canary, and only then the first message. */
  async #prove(link: BrokerLink, canary: Canary, probe: string): Promise<void> {
    const { tree, outbox, clock, onDead, onUp } = this.#parts
    await link.subscribe(tree.commandFilter, {
      qos: 2,
      noLocal: true,
      retainAsPublished: true,
      withoutStored: true,
    })
    await link.subscribe(probe, { qos: 1 })
    canary.start()
    const end = await Promise.race([canary.proved, link.ended])
    if (end !== undefined) throw end.end === 'silent' ? new LinkError('rights', noRights) : end
    this.#link = link
    this.#pump = new Pump({
      link,
      outbox,
      clock,
      onDead,
      onSettled: () => {
        this.#lastSettledMs = clock.now()
        this.#parts.onSettled()
      },
    })
    this.#turn('up', null)
    onUp(link)
    this.#pump.start()
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
