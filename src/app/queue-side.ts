import type { LinkHealth } from '../domain/link.ts'
import type { Sink } from '../domain/message.ts'
import { Backlog } from '../inventory/backlog.ts'
import { FreshnessWatch } from '../inventory/freshness.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { CloudClient } from '../transport/cloud/client.ts'
import type { BookCounts } from '../transport/queue/ack-book.ts'
import type { DeadLetter } from '../transport/queue/dead-letters.ts'
import type { Gap } from '../transport/queue/gap.ts'
import type { DeliveryGate } from '../transport/queue/gate.ts'
import { type Clock, every, sleep, type Timer } from '../util/clock.ts'
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
  readonly client: Pick<CloudClient, 'call' | 'now'>
  readonly sockets: QueueSockets
  readonly seams?: Seams | undefined
  /** When an earlier run heard the queue for the last time; null when none did. */
  readonly heardMs: number | null
  readonly gate: DeliveryGate
  /** What is needed to make sense of messages is there: the house, and what an earlier run has published of it. */
  readonly isPrepared: () => boolean
  readonly effects: { readonly take: Sink; stop(): void }
  /** The lists of devices are to be read: something may have been missed. */
  readonly reconcile: () => void
  readonly onHealth: () => void
  /** Whether it is trusted has changed. */
  readonly onTrust: () => void
  /** Now and then while it is heard: `heardMs` is worth keeping. */
  readonly onHeard: () => void
  readonly onGap: (gap: Gap) => void
  readonly onDead: (letter: DeadLetter) => void
  readonly onTrouble: (reason: string, message: string) => void
  /** Nothing comes any more. */
  readonly onStop: () => void
}

const prepareMs = 250
const watchMs = 1_000
/** R-S1 */
const staleAfterMs = 60_000
/** While it is heard, it is noted now and then that it is. */
const noteEveryMs = 10 * 60_000
/** So long the link of before has to acknowledge what is being settled. */
const farewellMs = 2_000
const farewellLookMs = 50

/** The link to the platform's message service, and how far it is to be trusted. */
export class QueueSide implements AsyncDisposable {
  readonly #parts: QueueSideParts
  readonly #freshness: FreshnessWatch
  readonly #backlog: Backlog
  #link: QueueLink
  /** The link that was started last. */
  #running: QueueLink | undefined
  #renewing: Promise<void> = Promise.resolve()
  #preparing: Timer | undefined
  #watch: Timer | undefined
  #isPrepared = false
  #isStopped = false
  #wasPushing = false
  #isTrusted = true
  #heardMs: number | null
  /** Monotonic. */
  #notedAt = Number.NEGATIVE_INFINITY
  /** Monotonic, since when the queue is not to be trusted. */
  #doubtfulSince: number | undefined

  constructor(parts: QueueSideParts) {
    this.#parts = parts
    this.#heardMs = parts.heardMs
    this.#backlog = new Backlog(parts.clock)
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
    this.#doubtfulSince = clock.monotonic()
    this.#watch = every(clock, watchMs, () => {
      this.#reviewTrust()
      this.#note()
    })
    this.#preparing = every(clock, prepareMs, () => {
      if (!isPrepared()) return
      this.#preparing?.cancel()
      this.#isPrepared = true
      this.#freshness.start()
      this.#startLink()
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

  /** Whether it tells at this moment what happens. */
  get pushes(): boolean {
    return tells(this.health)
  }

  /** The same, and it tells it when it happens: what is told does not wait behind what was told before. */
  get isPrompt(): boolean {
    return this.pushes && !this.#backlog.isLate
  }

  /** Whether it tells what changes, so that nobody has to ask; a short absence is forgiven, as nothing is lost by it. */
  get isTrusted(): boolean {
    return this.#isTrusted
  }

  /** When it was heard for the last time, by the wall clock; null when it never was. */
  get heardMs(): number | null {
    return this.pushes ? this.#parts.clock.now() : this.#heardMs
  }

  /**
   * The settings have changed: a new connection in the place of the old one, which still acknowledges what is being
   * settled. With settings of which nothing can be made the old one stays.
   */
  renew(): void {
    if (this.#isStopped) return
    const { log, clock, onTrouble, onHealth } = this.#parts
    this.#heardMs = this.heardMs
    const before = this.#link
    try {
      this.#link = this.#create(this.#heardMs)
    } catch (thrown) {
      log.error(
        { err: thrown },
        'the new settings of the event queue cannot be used; the connection of before stays',
      )
      onTrouble('queue/settings', 'The new settings of the event queue cannot be used; see the log.')
      return
    }
    this.#wasPushing = false
    this.#reviewTrust()
    onHealth()
    before.drain()
    this.#renewing = this.#renewing.then(async () => {
      const until = clock.monotonic() + farewellMs
      while (before.counts.pending > 0 && clock.monotonic() < until) await sleep(clock, farewellLookMs)
      await before[Symbol.asyncDispose]()
      if (this.#isPrepared && !this.#isStopped) this.#startLink()
    })
  }

  /** Takes nothing more; what is being settled is still acknowledged. */
  drain(): void {
    this.#link.drain()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#heardMs = this.heardMs
    this.#isStopped = true
    this.#preparing?.cancel()
    this.#watch?.cancel()
    this.#freshness.stop()
    this.#parts.effects.stop()
    await this.#renewing
    await this.#link[Symbol.asyncDispose]()
    this.#parts.onStop()
  }

  #create(heardMs: number | null): QueueLink {
    const { log, client, onTrouble, onGap, reconcile, effects } = this.#parts
    const link: QueueLink = createQueueLink({
      ...this.#parts,
      heardMs,
      sink: (received, settlement) => {
        this.#freshness.heard()
        this.#backlog.heard(received.message.timeMs, client.now())
        effects.take(received, settlement)
        if (received.message.kind === 'bound') link.deviceAdded()
      },
      onHealth: (health) => {
        if (link === this.#link) this.#turned(health)
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
    return link
  }

  #startLink(): void {
    if (this.#running === this.#link) return
    this.#running = this.#link
    this.#link.start()
  }

  #turned(health: LinkHealth): void {
    const { clock, log, onHealth } = this.#parts
    const isPushing = tells(health)
    // A queue that told nothing was not heard, though the connection stood.
    if (this.#wasPushing && !isPushing && !this.#isStopped)
      this.#heardMs = health.reason === 'silent' ? (health.lastMs ?? this.#heardMs) : clock.now()
    if (isPushing && !this.#wasPushing) this.#freshness.connected()
    this.#wasPushing = isPushing
    log.info({ state: health.state, reason: health.reason }, 'the event queue')
    this.#reviewTrust()
    onHealth()
  }

  /** R-S1: its facts grow stale when it is down for a minute, and when it was found to be silent. */
  #reviewTrust(): void {
    if (this.#isStopped) return
    const { clock, inventory, onTrust } = this.#parts
    if (this.pushes) this.#doubtfulSince = undefined
    else this.#doubtfulSince ??= clock.monotonic()
    const doubtfulMs = this.#doubtfulSince === undefined ? 0 : clock.monotonic() - this.#doubtfulSince
    const isTrusted = doubtfulMs < staleAfterMs && this.health.reason !== 'silent'
    if (isTrusted === this.#isTrusted) return
    this.#isTrusted = isTrusted
    inventory.markStale('queue', !isTrusted)
    onTrust()
  }

  #note(): void {
    const { clock, onHeard } = this.#parts
    if (!this.pushes || clock.monotonic() - this.#notedAt < noteEveryMs) return
    this.#notedAt = clock.monotonic()
    onHeard()
  }
}

/** Messages whose tag fits with nothing, where they are accepted, are told as much as others. */
function tells({ state, reason }: LinkHealth): boolean {
  return state === 'up' || reason === 'tag-unverified'
}
