import { encodeAck, type Frame } from '../../codec/queue/frame.ts'
import type { LinkHealth } from '../../domain/link.ts'
import type { Sink } from '../../domain/message.ts'
import { type Clock, sleep } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import type { Secret } from '../../util/secret.ts'
import type { BookCounts } from './ack-book.ts'
import { Connection } from './connection.ts'
import type { DeadLetter } from './dead-letters.ts'
import { type ConsumerAddress, Dial } from './dial.ts'
import { type Gap, GapWatch } from './gap.ts'
import type { DeliveryGate } from './gate.ts'
import { Intake, largestFrame, type Readable } from './intake.ts'
import { type LinkEnd, QueueLinkError, toLinkError } from './link-error.ts'
import { HealthKeeper } from './link-health.ts'
import { Patience } from './patience.ts'
import type { OpenSocket, QueueSocket } from './socket.ts'

export interface ConsumerParts {
  readonly address: ConsumerAddress
  readonly openSocket: OpenSocket
  /** Throws QueueError. */
  readonly decode: (frame: Frame, receivedMs: number) => Readable
  /** False: a message whose signature is wrong is counted and taken. */
  readonly requireSign: boolean
  readonly sink: Sink
  readonly gate: DeliveryGate
  readonly clock: Clock
  readonly random: Random
  /** When an earlier run heard the queue for the last time, by the wall clock; null when there was none. */
  readonly heardMs: number | null
  readonly onHealth: (health: LinkHealth) => void
  /** The queue was not heard for more than a minute: what is known has to be read again. */
  readonly onGap: (gap: Gap) => void
  readonly onDead: (letter: DeadLetter) => void
  /** Hears what should never have been thrown. */
  readonly onDefect: (thrown: unknown) => void
  /** A connection ended or did not come about. */
  readonly onEnd?: (end: QueueLinkError) => void
}

/** After a message that is too large to be read, the next connection reads it, so that it can be acknowledged. */
const largestToSkip = 8 * 1024 * 1024
const gatePollMs = 250

/** Ends after which messages wait for the broker, and the queue keeps them better than we do. */
const heldBack: ReadonlySet<LinkEnd> = new Set<LinkEnd>(['busy', 'broker-down'])

/** The platform's message service over WebSocket: connects, and again, without end, until stopped. */
export class QueueConsumer implements AsyncDisposable {
  readonly reconnects = new Map<LinkEnd, number>()
  readonly #parts: ConsumerParts
  readonly #dial: Dial
  readonly #intake: Intake
  readonly #health: HealthKeeper
  readonly #patience: Patience
  readonly #gaps: GapWatch
  readonly #life = new AbortController()
  #connection: Connection | undefined
  #running: Promise<void> = Promise.resolve()
  #largest = largestFrame
  /** A connection was given up, and nothing has decoded since. */
  #doubtful = false
  #waitForOutbox = false
  /** The last connection ended because we were behind, which is no trouble of the queue. */
  #wasBehind = false

  constructor(parts: ConsumerParts) {
    this.#parts = parts
    const { clock, random, decode, requireSign, sink, onDead, onDefect } = parts
    this.#dial = new Dial(parts.address, parts.openSocket)
    this.#health = new HealthKeeper(clock, parts.onHealth)
    this.#patience = new Patience(random)
    this.#gaps = new GapWatch(clock, parts.heardMs)
    this.#intake = new Intake({
      clock,
      decode,
      requireSign,
      sink,
      onMessage: (receivedMs) => this.#heard(receivedMs),
      onDead,
      onDefect,
    })
  }

  start(): void {
    this.#running = this.#loop()
  }

  get health(): LinkHealth {
    return this.#health.health
  }

  get counts(): BookCounts {
    return this.#intake.counts
  }

  get deadByReason(): ReadonlyMap<string, number> {
    return this.#intake.deadByReason
  }

  /** Messages whose signature was wrong. */
  get badSigns(): number {
    return this.#intake.badSigns
  }

  /** What goes over the wire as a password; to be masked wherever it might show. */
  get password(): Secret {
    return this.#dial.password
  }

  /** Takes nothing more; what is being settled is still acknowledged. */
  drain(): void {
    this.#intake.drain()
  }

  /** Somebody else learned of a change that happened at `timeMs`, of which the queue should have told. */
  changedElsewhere(timeMs: number): void {
    this.#health.changedElsewhere(timeMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort()
    this.#connection?.leave(stopped)
    await this.#running
    this.#health.turn('down', 'shutdown')
  }

  /** Ends when the life ends; whatever else goes wrong is one more reason to try again. */
  async #loop(): Promise<void> {
    const { clock } = this.#parts
    const { signal } = this.#life
    try {
      for (;;) {
        await this.#gate()
        const { end, upMs } = await this.#once()
        signal.throwIfAborted()
        this.#count(end)
        const pauseMs = this.#wasBehind
          ? this.#patience.short
          : this.#patience.after(end, upMs, this.#intake.keys.mismatch)
        await sleep(clock, pauseMs, signal)
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    }
  }

  /** Nothing is fetched that could not be delivered; the queue keeps it for two hours. */
  async #gate(): Promise<void> {
    const { gate, clock } = this.#parts
    for (let waited = false; ; waited = true) {
      const up = gate.brokerUp()
      if (up && (!this.#waitForOutbox || gate.outboxEmpty())) {
        if (waited) this.#health.turn('down', 'connecting')
        return
      }
      this.#health.turn('down', up ? 'busy' : 'broker-down')
      await sleep(clock, gatePollMs, this.#life.signal)
    }
  }

  /** One connection, from the handshake until its socket is gone. */
  async #once(): Promise<{ readonly end: QueueLinkError; readonly upMs: number | undefined }> {
    const { clock } = this.#parts
    // Later on the reason of the last failure says more.
    if (this.health.reason === 'starting') this.#health.turn('down', 'connecting')
    let connection: Connection | undefined
    try {
      const socket = await this.#dial.open({
        largestMessage: this.#largest,
        signal: this.#life.signal,
        onText: (text, bytes) => this.#intake.heard(text, bytes),
        onSign: () => connection?.heard(),
        onPong: (mark) => connection?.answered(mark),
      })
      connection = this.#connected(socket)
    } catch (thrown) {
      this.#wasBehind = false
      this.#intake.disconnected(false)
      return { end: toLinkError(thrown), upMs: undefined }
    }
    const upAt = clock.monotonic()
    const end = await connection.gone
    this.#connection = undefined
    return { end, upMs: connection.lastAt - upAt }
  }

  #connected(socket: QueueSocket): Connection {
    const { clock, gate } = this.#parts
    const connection = new Connection({
      socket,
      intake: this.#intake,
      clock,
      gate,
      encodeAck,
      onOver: (end) => this.#over(connection, end),
    })
    this.#connection = connection
    this.#health.connected()
    this.#waitForOutbox = false
    this.#largest = largestFrame
    // After a connection that was given up only a message that decodes tells that the queue is heard again.
    if (this.#doubtful) this.#health.turn('degraded', this.#doubt)
    else this.#found()
    if (this.#life.signal.aborted) connection.leave(stopped)
    else this.#intake.connected(connection)
    return connection
  }

  /** Called once for each connection that stood. */
  #over(connection: Connection, { end }: QueueLinkError): void {
    this.#gaps.lost(connection.lastAt)
    this.#doubtful ||= end === 'undecodable'
    this.#waitForOutbox = heldBack.has(end)
    this.#wasBehind = end === 'broker-down' || (end === 'busy' && this.#intake.isBehind)
    if (end === 'too-large') this.#largest = largestToSkip
    this.#intake.disconnected(end === 'undecodable')
  }

  #count(end: QueueLinkError): void {
    this.reconnects.set(end.end, (this.reconnects.get(end.end) ?? 0) + 1)
    this.#health.turn('down', end.end === 'undecodable' ? this.#doubt : end.end)
    this.#parts.onEnd?.(end)
  }

  get #doubt(): 'key-mismatch' | 'undecodable' {
    return this.#intake.keys.mismatch ? 'key-mismatch' : 'undecodable'
  }

  #heard(receivedMs: number): void {
    this.#health.heard(receivedMs)
    this.#doubtful = false
    this.#found()
  }

  #found(): void {
    const gap = this.#gaps.found()
    if (this.#connection) this.#health.turn('up', null)
    if (gap) this.#parts.onGap(gap)
  }
}

const stopped = new QueueLinkError('stopped', 'The bridge is stopping.')
