import type { LinkHealth } from '../domain/link.ts'
import type { Sink } from '../domain/message.ts'
import { FreshnessWatch } from '../inventory/freshness.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { CloudClient } from '../transport/cloud/client.ts'
import type { BookCounts } from '../transport/queue/ack-book.ts'
import type { Gap } from '../transport/queue/gap.ts'
import type { DeliveryGate } from '../transport/queue/gate.ts'
import type { DeadLetter } from '../transport/queue/intake.ts'
import { type Clock, every, type Timer } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import type { Redactor } from '../util/redact.ts'
import type { Config } from './config-types.ts'
import type { Logger } from './log.ts'
import { createQueueLink, type QueueLink, type QueueSockets } from './queue-link.ts'
import type { Seams } from './seams.ts'

export interface QueueSideParts {
  /** Read at each use: it may be a live view. */
  readonly config: Config
  readonly inventory: Inventory
  readonly redactor: Redactor
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly client: Pick<CloudClient, 'call'>
  readonly sockets: QueueSockets
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

/** The link to the platform's message service, and how far it is to be trusted. */
export class QueueSide implements AsyncDisposable {
  readonly #parts: QueueSideParts
  readonly #freshness: FreshnessWatch
  #link: QueueLink
  #renewing: Promise<void> = Promise.resolve()
  #preparing: Timer | undefined
  #watch: Timer | undefined
  #isStarted = false
  #isStopped = false
  /** Monotonic, since when the queue is not to be trusted. */
  #doubtfulSince: number | undefined

  constructor(parts: QueueSideParts) {
    this.#parts = parts
    this.#link = this.#create(parts.heardMs)
    this.#freshness = new FreshnessWatch({
      inventory: parts.inventory,
      clock: parts.clock,
      isTrusted: () => this.pushes,
      look: parts.reconcile,
      onMissed: () => this.#link.changedElsewhere(parts.clock.now()),
    })
  }

  start(): void {
    const { clock, isPrepared } = this.#parts
    this.#watch = every(clock, watchMs, () => this.#reviewStaleness())
    this.#preparing = every(clock, prepareMs, () => {
      if (!isPrepared()) return
      this.#preparing?.cancel()
      this.#isStarted = true
      this.#link.start()
      this.#freshness.start()
    })
  }

  get health(): LinkHealth {
    return this.#link.health
  }

  get counts(): BookCounts {
    return this.#link.counts
  }

  get deadByReason(): ReadonlyMap<string, number> {
    return this.#link.deadByReason
  }

  /** Messages that may not be what the platform sent. */
  get doubtful(): number {
    return this.#link.doubtful
  }

  get reconnects(): ReadonlyMap<string, number> {
    return this.#link.reconnects
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
      await this.#link[Symbol.asyncDispose]()
      if (this.#isStopped) return
      this.#link = this.#create(heardMs)
      if (this.#isStarted) this.#link.start()
      this.#parts.onHealth()
    })
  }

  /** Takes nothing more; what is being settled is still acknowledged. */
  drain(): void {
    this.#link.drain()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true
    this.#preparing?.cancel()
    this.#watch?.cancel()
    this.#freshness.stop()
    await this.#renewing
    await this.#link[Symbol.asyncDispose]()
  }

  #create(heardMs: number | null): QueueLink {
    const { log, onTrouble, onHealth, onGap, reconcile, sink } = this.#parts
    return createQueueLink({
      ...this.#parts,
      heardMs,
      sink: (received, settlement) => {
        this.#freshness.heard()
        sink(received, settlement)
        if (received.message.kind === 'bound') this.#link.deviceAdded()
      },
      onHealth: (health) => {
        log.info({ state: health.state, reason: health.reason }, 'the event queue')
        onHealth()
      },
      onGap: (gap) => {
        reconcile()
        if (gap) onGap(gap)
      },
      onDefect: (thrown) => log.error({ err: thrown }, 'a message of the queue met a defect of ours'),
      onEnd: (end) => {
        log.warn({ reason: end.end }, `no connection to the event queue: ${end.message}`)
        if (end.retry === 'after-login') onTrouble(end.code, end.message)
      },
    })
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
  if (queue.channel === 'pulsar' && tuya.endpoint !== null && queue.url === null) {
    return {
      wanted: false,
      why: 'tuya.endpoint is set by hand and queue.url is not: there is no event queue, and state is polled.',
    }
  }
  return { wanted: true }
}
