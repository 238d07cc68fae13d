import { createHash } from 'node:crypto'
import { type Clock, every, type Timer } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import type { Faults } from '../fault.ts'
import type { Feed, FeedMessage } from '../feed.ts'
import type { Journal } from '../journal.ts'
import type { QueueEntry } from '../world-file.ts'
import type { Connection } from './connection.ts'
import { type ContentWishes, makeContent, type QueueCipher, type QueueContent } from './content.ts'
import { distort } from './distort.ts'
import { type Entrance, HandshakeRefusal, readUpgrade, type Upgrade } from './handshake.ts'
import { backlogNotice, backlogOf } from './notice.ts'
import { Sealer } from './seal.ts'
import { backlogReports, burstReports } from './stuffing.ts'
import { Topic } from './topic.ts'
import type { LogEntry } from './topic-log.ts'
import { Visit } from './visit.ts'
import { externalActionAs, isAbout } from './wording.ts'

export type QueueEnvironment = 'event' | 'event-test' | 'notice'

export interface QueueParts {
  readonly project: { readonly accessId: string; readonly accessSecret: string }
  /** What the world says about the queue. */
  readonly entry: QueueEntry
  readonly faults: Faults
  readonly journal: Journal
  readonly clock: Clock
  readonly random: Random
  /** How long a new reader of a partition waits; the platform's is a second. */
  readonly handOverMs?: number
}

export interface Published extends ContentWishes {
  readonly environment?: QueueEnvironment
  /** When the queue took it, by its own clock. */
  readonly publishedMs?: number
}

export const idleMs = 300_000
const retentionMs = 2 * 3_600_000
const handOverMs = 1_000
const noticeEveryMs = 15 * 60_000
const noticeAbove = 2_000
const productionPartitions = 11
const burst = 5_000

/** The platform's message service without its sockets: topics, rules, subscriptions, and who reads them. */
export class QueueService {
  readonly topics: Readonly<Record<QueueEnvironment, Topic<QueueContent>>>
  readonly #parts: QueueParts
  readonly #sealer: Sealer
  #visits: readonly Visit[] = []
  readonly #stops: (() => void)[] = []
  #published = 0
  #visitors = 0
  #turnedAway = 0
  #notices: Timer | undefined
  /** How bodies are encrypted from now on; `mixed` = each by chance. */
  cipher: QueueCipher | 'mixed'

  constructor(parts: QueueParts) {
    this.#parts = parts
    const { project, entry, random } = parts
    this.#sealer = new Sealer(project.accessSecret, random)
    this.cipher = entry.cipher ?? 'ecb'
    this.topics = {
      event: this.#topic('event', productionPartitions),
      'event-test': this.#topic('event-test', 1),
      notice: this.#topic('notice', 1),
    }
    this.topics.notice.rule.release()
    for (const environment of ['event', 'event-test'] as const) {
      const { released = true, bizCodes = null } = entry.rules?.[environment] ?? {}
      if (released) this.topics[environment].rule.release(bizCodes)
    }
    for (const [environment, topic] of Object.entries(this.topics)) {
      topic.subscribe(this.subscriptionName('sub'), 'latest')
      for (const suffix of entry.subscriptions?.[environment as QueueEnvironment] ?? [])
        topic.subscribe(this.subscriptionName(suffix), 'latest')
    }
  }

  /** `{accessId}-{suffix}`, as every subscription is called. */
  subscriptionName(suffix: string): string {
    return `${this.#parts.project.accessId}-${suffix}`
  }

  /** One more full copy of an environment's stream. */
  subscribe(suffix: string, environment: QueueEnvironment = 'event', from: 'earliest' | 'latest' = 'latest') {
    return this.topics[environment].subscribe(this.subscriptionName(suffix), from)
  }

  /** Messages that nobody acknowledged yet. */
  backlog(suffix = 'sub', environment: QueueEnvironment = 'event'): number {
    return this.topics[environment].subscriptions.get(this.subscriptionName(suffix))?.backlog ?? 0
  }

  /** Everything that the feed tells from now on goes into the queue, until the service stops. */
  follow(feed: Feed): void {
    const { externalAction, testDevices = [] } = this.#parts.entry
    this.#stops.push(
      feed.subscribe((told) => {
        const message = externalActionAs(told, externalAction)
        this.publish(message)
        // Only what devices that are marked for tests do gets there.
        if (isAbout(message, testDevices)) this.publish(message, { environment: 'event-test' })
      }),
    )
  }

  /** Undefined when the environment's rule does not let it in. */
  publish(message: Omit<FeedMessage, 'family'>, wishes: Published = {}): LogEntry<QueueContent> | undefined {
    const { faults, random, clock } = this.#parts
    const { environment = 'event', publishedMs = clock.now(), ...given } = wishes
    const topic = this.topics[environment]
    if (!topic.rule.passes(message.bizCode)) return undefined
    if (environment !== 'notice' && faults.has('queue-no-rule')) return undefined
    const distorted = distort({ family: 'legacy', ...message }, faults, random)
    const content = makeContent(distorted.message, {
      t: publishedMs,
      cipher: this.#cipher(),
      tid: createHash('md5')
        .update(`${++this.#published}`)
        .digest('hex'),
      ...definedOf(given),
      ...definedOf(distorted.wishes),
    })
    return topic.append(message.key, content, publishedMs)
  }

  /** Reports of no device in particular, as many at once. */
  burst(messages: number): void {
    for (const message of burstReports(messages, this.#parts.clock.now())) this.publish(message)
  }

  /** Backlogs are told about from now on, and what a fault wants to lie there lies there. */
  start(): void {
    const { clock, faults } = this.#parts
    this.#notices = every(clock, noticeEveryMs, () => this.#tellBacklogs())
    if (!faults.has('queue-backlog')) return
    const reports = backlogReports(faults.count('queue-backlog'), faults.detail('queue-backlog'), clock.now())
    for (const { publishedMs, ...message } of reports) this.publish(message, { publishedMs })
  }

  stop(): void {
    this.#notices?.cancel()
    for (const stop of this.#stops.splice(0)) stop()
    for (const visit of this.#visits) visit.leave(1001, 'stopped')
    for (const topic of Object.values(this.topics)) topic.stop()
  }

  /** Who may come in, and where to; throws HandshakeRefusal. `stalled`: no answer at all. */
  admit(upgrade: Upgrade): Entrance | 'stalled' {
    const { faults, project } = this.#parts
    const times = faults.detail('queue-handshake') ?? Number.POSITIVE_INFINITY
    if (faults.has('queue-handshake') && this.#turnedAway < times) {
      this.#turnedAway++
      const status = faults.count('queue-handshake')
      this.note('refuse', { status: status ?? 'stall' })
      if (status === undefined) return 'stalled'
      throw new HandshakeRefusal(status, status === 429 ? 'Too Many Requests' : 'Service Unavailable')
    }
    try {
      const entrance = readUpgrade(upgrade, project)
      this.#find(entrance)
      return entrance
    } catch (thrown) {
      if (thrown instanceof HandshakeRefusal)
        this.note('refuse', { status: thrown.status, reason: thrown.message })
      throw thrown
    }
  }

  /** A client that was admitted is connected. */
  welcome(entrance: Entrance, connection: Connection): Visit {
    const { clock, faults, random } = this.#parts
    const { topic, subscription } = this.#find(entrance)
    const number = ++this.#visitors
    const name = entrance.wishes.name ?? createHash('md5').update(`${number}`).digest('hex').slice(0, 5)
    const visit = new Visit({
      topic,
      subscription,
      wishes: { ...entrance.wishes, name },
      connection,
      sealer: this.#sealer,
      clock,
      faults,
      random,
      note: (what, detail) =>
        this.note(what, {
          consumer: number,
          name,
          environment: topic.name,
          subscription: subscription.name,
          ...detail,
        }),
    })
    // Nobody hears of what got too old while nobody listened.
    topic.sweep()
    this.#visits = [...this.#visits.filter(({ gone }) => !gone), visit]
    visit.start()
    if (faults.has('queue-burst')) this.burst(faults.number('queue-burst') ?? burst)
    return visit
  }

  note(what: string, detail: Readonly<Record<string, unknown>> = {}): void {
    this.#parts.journal.note('queue', what, detail)
  }

  #find({ environment, subscription, wishes }: Entrance) {
    const topic = Object.hasOwn(this.topics, environment)
      ? this.topics[environment as QueueEnvironment]
      : undefined
    const found = topic?.subscriptions.get(subscription)
    if (!topic || !found)
      throw new HandshakeRefusal(404, topic ? 'Subscription not found' : 'Topic not found')
    if (!found.admits(wishes.type)) throw new HandshakeRefusal(409, 'Consumer is already connected')
    return { topic, subscription: found }
  }

  #topic(name: QueueEnvironment, partitions: number): Topic<QueueContent> {
    const { clock } = this.#parts
    return new Topic({
      name,
      partitions,
      clock,
      retentionMs,
      handOverMs: this.#parts.handOverMs ?? handOverMs,
      onRedelivery: (subscription, why, messages, consumer) =>
        this.note('redeliver', { environment: name, subscription, why, messages, name: consumer }),
    })
  }

  #cipher(): QueueCipher {
    if (this.cipher !== 'mixed') return this.cipher
    const ciphers = ['ecb', 'plain-ecb', 'gcm'] as const
    return ciphers[Math.floor(this.#parts.random() * ciphers.length)] ?? 'ecb'
  }

  #tellBacklogs(): void {
    for (const environment of ['event', 'event-test'] as const) {
      const topic = this.topics[environment]
      topic.sweep()
      for (const waiting of backlogOf(topic, noticeAbove))
        this.publish(backlogNotice(this.#parts.project.accessId, waiting, this.#parts.clock.now()), {
          environment: 'notice',
        })
    }
  }
}

/** What was given as undefined was not given. */
function definedOf(wishes: ContentWishes): Defined {
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined))
}

type Defined = { readonly [K in keyof ContentWishes]?: Exclude<ContentWishes[K], undefined> }
