import { readFileSync } from 'node:fs'
import { queueBase } from '../codec/queue/address.ts'
import { queueKey } from '../codec/queue/credential.ts'
import { createDecoder } from '../codec/queue/decode.ts'
import type { LinkHealth } from '../domain/link.ts'
import type { Sink } from '../domain/message.ts'
import { FreshnessWatch } from '../inventory/freshness.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { BookCounts } from '../transport/queue/ack-book.ts'
import { QueueConsumer } from '../transport/queue/consumer.ts'
import type { Gap } from '../transport/queue/gap.ts'
import type { DeliveryGate } from '../transport/queue/gate.ts'
import type { DeadLetter } from '../transport/queue/intake.ts'
import type { OpenSocket } from '../transport/queue/socket.ts'
import { wsOpener } from '../transport/queue/ws-socket.ts'
import { type Clock, every, type Timer } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import type { Redactor } from '../util/redact.ts'
import { Secret } from '../util/secret.ts'
import type { Config } from './config-types.ts'
import type { Logger } from './log.ts'
import type { Decode, Seams } from './seams.ts'

export interface QueueSideParts {
  /** Read at each use: it may be a live view. */
  readonly config: Config
  readonly inventory: Inventory
  readonly redactor: Redactor
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Another way to connect than a socket of our own, as in tests. */
  readonly openSocket?: OpenSocket | undefined
  readonly seams?: Seams | undefined
  /** When an earlier run heard the queue for the last time; null when none did. */
  readonly heardMs: number | null
  readonly gate: DeliveryGate
  /** What is needed to make sense of messages is there: the house, and what an earlier run has published of it. */
  readonly isPrepared: () => boolean
  readonly sink: Sink
  /** The lists of devices are to be read: something may have been missed. */
  readonly reconcile: () => void
  readonly onHealth: () => void
  readonly onGap: (gap: Gap) => void
  readonly onDead: (letter: DeadLetter) => void
  readonly onTrouble: (reason: string, message: string) => void
}

const prepareMs = 250
const watchMs = 1_000
/** R-S1 */
const staleAfterMs = 60_000

/** Everything that listens to the platform's message service, put together. */
export class QueueSide implements AsyncDisposable {
  readonly #parts: QueueSideParts
  readonly #freshness: FreshnessWatch
  #consumer: QueueConsumer
  #renewing: Promise<void> = Promise.resolve()
  #preparing: Timer | undefined
  #watch: Timer | undefined
  #isStarted = false
  #isStopped = false
  /** Monotonic, since when the queue is not to be trusted. */
  #doubtfulSince: number | undefined
  /** Messages whose envelope was not signed with our secret. */
  unsigned = 0

  constructor(parts: QueueSideParts) {
    this.#parts = parts
    this.#consumer = this.#create(parts.heardMs)
    this.#freshness = new FreshnessWatch({
      inventory: parts.inventory,
      clock: parts.clock,
      isTrusted: () => this.pushes,
      look: parts.reconcile,
      onMissed: () => this.#consumer.changedElsewhere(parts.clock.now()),
    })
  }

  start(): void {
    const { clock, isPrepared } = this.#parts
    this.#watch = every(clock, watchMs, () => this.#reviewStaleness())
    this.#preparing = every(clock, prepareMs, () => {
      if (!isPrepared()) return
      this.#preparing?.cancel()
      this.#isStarted = true
      this.#consumer.start()
      this.#freshness.start()
    })
  }

  get health(): LinkHealth {
    return this.#consumer.health
  }

  get counts(): BookCounts {
    return this.#consumer.counts
  }

  get deadByReason(): ReadonlyMap<string, number> {
    return this.#consumer.deadByReason
  }

  get reconnects(): ReadonlyMap<string, number> {
    return this.#consumer.reconnects
  }

  /** Milliseconds since the last message. */
  get quietMs(): number {
    return this.#freshness.quietMs
  }

  /** Whether it tells what changes, so that nobody has to ask. */
  get pushes(): boolean {
    return this.health.state === 'up'
  }

  /** When it was heard for the last time, by the wall clock; null when it never was. */
  get heardMs(): number | null {
    if (this.health.state === 'up') return this.#parts.clock.now()
    return this.health.lastMs ?? this.#parts.heardMs
  }

  /** The settings have changed: a new connection in the place of the old one, which acknowledges what is settled. */
  renew(): void {
    this.#renewing = this.#renewing.then(async () => {
      const { heardMs } = this
      await this.#consumer[Symbol.asyncDispose]()
      if (this.#isStopped) return
      this.#consumer = this.#create(heardMs)
      if (this.#isStarted) this.#consumer.start()
      this.#parts.onHealth()
    })
  }

  /** Takes nothing more; what is being settled is still acknowledged. */
  drain(): void {
    this.#consumer.drain()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true
    this.#preparing?.cancel()
    this.#watch?.cancel()
    this.#freshness.stop()
    await this.#renewing
    await this.#consumer[Symbol.asyncDispose]()
  }

  #create(heardMs: number | null): QueueConsumer {
    const { config, redactor, clock, random, log, gate, openSocket, seams } = this.#parts
    const { tuya, queue, mqtt } = config
    if (!tuya) throw new Error('there is no queue without a project')
    const accessKey = tuya.accessSecret ?? new Secret('')
    const decoder = createDecoder({ accessKey: accessKey.reveal() })
    const decode: Decode = (frame, receivedMs) => {
      const { message, signOk } = decoder.decode(frame, receivedMs)
      if (!signOk) this.unsigned++
      return message
    }
    const sink: Sink = (received, settlement) => {
      this.#freshness.heard()
      this.#parts.sink(received, settlement)
    }
    const consumer = new QueueConsumer({
      address: {
        base: queue.url ?? queueBase(tuya.region) ?? '',
        accessId: tuya.accessId,
        accessKey,
        environment: queue.environment,
        subscription: queue.subscription ?? `${tuya.accessId}-sub`,
        consumerName: `dp2mqtt@${mqtt.instance}`,
        priorityLevel: null,
      },
      openSocket: openSocket ?? wsOpener(tlsOf(queue.tls), clock),
      decode: seams?.decode?.(decode) ?? decode,
      sink: seams?.sink?.(sink) ?? sink,
      gate,
      clock,
      random,
      heardMs,
      onHealth: (health) => {
        log.info({ state: health.state, reason: health.reason }, 'the event queue')
        this.#parts.onHealth()
      },
      onGap: (gap) => {
        this.#parts.reconcile()
        this.#parts.onGap(gap)
      },
      onDead: this.#parts.onDead,
      onEnd: (end) => {
        log.warn({ reason: end.end }, `no connection to the event queue: ${end.message}`)
        if (end.retry === 'after-login') this.#parts.onTrouble(end.code, end.message)
      },
    })
    redactor.learn(consumer.password)
    redactor.learn(new Secret(queueKey(accessKey.reveal()).toString()))
    return consumer
  }

  /** Its facts grow stale when it is down for a minute, and when it was found to be silent. */
  #reviewStaleness(): void {
    const { clock, inventory } = this.#parts
    const { state, reason } = this.health
    if (state === 'up') this.#doubtfulSince = undefined
    else this.#doubtfulSince ??= clock.monotonic()
    const doubtfulMs = this.#doubtfulSince === undefined ? 0 : clock.monotonic() - this.#doubtfulSince
    inventory.markStale('queue', doubtfulMs >= staleAfterMs || reason === 'silent')
  }
}

/** Whether there is a queue to listen to, or why there is none. */
export function queueWanted({ tuya, queue }: Config): { readonly wanted: boolean; readonly why?: string } {
  if (!tuya || queue.channel === 'off') return { wanted: false }
  if (tuya.endpoint !== null && queue.url === null) {
    return {
      wanted: false,
      why: 'tuya.endpoint is set by hand and queue.url is not: there is no event queue, and state is polled.',
    }
  }
  return { wanted: true }
}

function tlsOf({ ca, insecure }: Config['queue']['tls']): {
  readonly insecure: boolean
  readonly ca?: string
} {
  return { insecure, ...(ca === null ? {} : { ca: readFileSync(ca, 'utf8') }) }
}
