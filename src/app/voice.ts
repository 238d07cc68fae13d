import { randomBytes } from 'node:crypto'
import { definitionCodec } from '../codec/cloud/automation/codec.ts'
import { valueCodec } from '../codec/data-point/codec.ts'
import type { Json } from '../domain/data-point.ts'
import type { DevicePaths } from '../domain/link.ts'
import { AbsenceTracker } from '../inventory/absence.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Listed } from '../inventory/reading-parts.ts'
import type { CommandTold } from '../mqtt/command/case.ts'
import { EventTopics } from '../mqtt/event-topics.ts'
import { Leftovers } from '../mqtt/leftovers.ts'
import type { BrokerConnector } from '../mqtt/link.ts'
import type { Incoming } from '../mqtt/message.ts'
import { Mirror } from '../mqtt/mirror.ts'
import { Outbox, type OutboxCaps } from '../mqtt/outbox.ts'
import { json, words } from '../mqtt/payload.ts'
import { Publisher, type PublisherParts } from '../mqtt/publisher.ts'
import { Session } from '../mqtt/session.ts'
import { TopicTree } from '../mqtt/topic.ts'
import type { Clock, Timer } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import type { Config } from './config-types.ts'
import { DerivedTrees } from './derived-trees.ts'
import { followInventory } from './follow-inventory.ts'
import { eventSettings, mirrorSettings } from './live-settings.ts'
import type { Logger } from './log.ts'
import { LookAround, type Neighbour } from './look-around.ts'
import type { Metrics } from './metrics.ts'
import { Undelivered } from './undelivered.ts'

export interface VoiceParts {
  readonly config: Config
  readonly connector: BrokerConnector
  /** How much may wait for the broker; the usual bounds unless told. */
  readonly outboxCaps?: OutboxCaps | undefined
  readonly inventory: Inventory
  readonly metrics: Metrics
  readonly log: Logger
  readonly clock: Clock
  readonly random: Random
  readonly paths: (deviceId: string) => DevicePaths
  /** No account says what exists: nothing does besides what the configuration names. */
  readonly isAlone?: boolean
  /** Masks what nobody may read in what the platform sends of its own accord. */
  readonly redact: (data: Json) => Json
  readonly onCommand: (message: Incoming, told?: CommandTold) => void
  /** Something new is said to everybody. */
  readonly onSaid?: PublisherParts['onSaid']
  /** Filters of commands below other bases. */
  readonly alsoObeyed?: readonly string[]
  /** A tree besides the bridge's own. */
  readonly neighbour?: Neighbour | undefined
  /** The connection is proved; what is retained is about to be said. */
  readonly onUp: (protocol: string) => void
}

/** From the last word of a tree to the end of the topics that it named. */
const farewellMs = 1_000

/** Everything that speaks and listens on MQTT, put together. */
export class Voice {
  readonly tree: TopicTree
  readonly outbox: Outbox
  readonly publisher: Publisher
  readonly mirror: Mirror
  /** What happens; told by kind of message. */
  readonly events: EventTopics
  readonly session: Session
  /** The same facts in the words of other conventions. */
  readonly derived: DerivedTrees
  readonly #leftovers: Leftovers
  readonly #parts: VoiceParts
  readonly #lookAround: LookAround
  readonly #undelivered: Undelivered
  #everythingRead = false
  #clearing: Timer | undefined

  constructor(parts: VoiceParts) {
    this.#parts = parts
    const { config, inventory, clock, random, connector, log } = parts
    const { mqtt } = config
    this.outbox = new Outbox(parts.outboxCaps)
    const { outbox } = this
    this.tree = new TopicTree(mqtt.base)
    const { tree } = this
    this.#undelivered = new Undelivered({
      ...parts,
      tree,
      publisher: () => this.publisher,
      onTrouble: (reason, message) => this.trouble(reason, message),
    })
    this.publisher = new Publisher({
      tree,
      outbox,
      clock,
      bridge: mqtt.instance,
      wake: () => this.session.wake(),
      get republishPerSecond() {
        return mqtt.republishPerSecond
      },
      onRefused: (reason, topic) => this.#undelivered.refused(reason, topic),
      onSaid: parts.onSaid,
    })
    // First in the books, so first on the wire after every connect.
    this.publisher.retain('bridge', 'bridgeState', {}, words('online'))
    this.mirror = new Mirror({
      publisher: this.publisher,
      tree,
      codec: valueCodec,
      definitionCodec,
      clock,
      settings: mirrorSettings(config),
      house: {
        homes: inventory.homes,
        rooms: inventory.rooms,
        devices: inventory.devices,
        scenes: inventory.scenes,
        automations: inventory.automations,
        slug: (id) => inventory.slugs.device.slug(id) ?? 'unnamed',
        slugs: () => inventory.slugs.device.entries(),
        members: (homeId) => inventory.members.get(homeId),
        isStale: (fact, deviceId) => inventory.isStale(fact, deviceId),
        paths: parts.paths,
        total: (deviceId, code) => inventory.energy.total(deviceId, code),
      },
    })
    this.events = new EventTopics({
      publisher: this.publisher,
      tree,
      clock,
      instance: mqtt.instance,
      redact: parts.redact,
      settings: eventSettings(config),
    })
    const judge = () => new AbsenceTracker()
    // The last scene of a house may well be deleted; a list of them that is refused never comes here.
    const strict = () => new AbsenceTracker({ empty: 'proves' })
    this.#leftovers = new Leftovers({
      tree,
      publisher: this.publisher,
      clock,
      deviceOfName: (slug) => inventory.slugs.device.id(slug),
      judges: { device: judge(), home: judge(), room: judge(), scene: strict(), automation: strict() },
    })
    this.derived = new DerivedTrees({
      ...parts,
      tree,
      publisher: this.publisher,
      documents: this.mirror.devices,
      onTrouble: (reason, message, more) => this.trouble(reason, message, more),
      onDead: ({ topic, payload }, reason, first) =>
        this.#undelivered.deadElsewhere(topic, Buffer.byteLength(payload), reason, first),
    })
    this.#lookAround = new LookAround({
      ...parts,
      derived: this.derived,
      tree,
      clearTopic: (topic) => this.publisher.clearTopic(topic),
      adopt: (found) => {
        // Older words that the books still hold must not be the first to be said.
        this.mirror.sayNow()
        this.events.found.adopt(found)
        this.#leftovers.adopt(found.topics)
        if (this.#everythingRead) this.#settleLeftovers()
      },
      restore: (found) => this.events.found.restore(found),
    })
    this.session = new Session({
      connector,
      tree,
      outbox,
      clock,
      random,
      token: () => randomBytes(12).toString('hex'),
      will: { topic: tree.build('bridgeState', {}), payload: 'offline' },
      onCommand: (message) => {
        if (!this.derived.take(message)) parts.onCommand(message)
      },
      listensTo: () => this.derived.listensTo,
      onDeaf: (filter) => log.warn({ filter }, 'the broker does not let us listen there'),
      alsoObeyed: parts.alsoObeyed ?? [],
      prepare: (signal) => this.#lookAround.look(signal),
      onUp: (link) => {
        parts.onUp(link.limits.protocol)
        this.publisher.resume()
        this.derived.up()
      },
      onDown: (end, message) => {
        this.publisher.pause()
        if (end === 'renewed') log.info({ broker: connector.address }, 'the connection is made anew')
        else log.warn({ reason: end, broker: connector.address }, `no connection to the broker: ${message}`)
      },
      onDead: ({ message, bytes }, reason) => this.#undelivered.dead(message.topic, bytes, reason),
      onSettled: () => {},
    })
    followInventory(inventory, {
      mirror: this.mirror,
      happenings: this.events,
      onPublished: (group) => this.#leftovers.published(group),
    })
  }

  start(): void {
    this.session.start()
  }

  /** Whether it is known what an earlier run has told: before that, what is told again cannot be recognised. */
  get hasLookedAround(): boolean {
    return this.#lookAround.isDone
  }

  /** The settings of the connection have changed, and perhaps the broker with them. */
  renew(broker: 'otherwise' | 'elsewhere'): void {
    if (broker === 'elsewhere') this.#lookAround.forget()
    this.session.renew()
    this.derived.renew()
  }

  /** A complete list was read: what an earlier run left behind is judged by it. True when it takes one more. */
  listed(kind: Listed, ids: ReadonlySet<string>): boolean {
    const pending = this.#leftovers.listed(kind, ids, this.#parts.clock.monotonic())
    for (const id of ids)
      if (kind !== 'device' || this.#isDescribed(id)) this.#leftovers.published(`${kind}/${id}`)
    if (this.#everythingRead) this.#leftovers.settleRest()
    return pending
  }

  /** Everything was read: what comes and goes from now on is news, and what an earlier run left is settled. */
  everythingRead(): void {
    this.#everythingRead = true
    this.mirror.announce()
    this.#settleLeftovers()
    this.derived.everythingRead()
  }

  /** What is to be said has changed. Consumers that lose a tree need a moment before the topics go that it stood on. */
  settingsChanged(): void {
    this.events.settingsChanged()
    const before = this.derived.names
    this.derivedChanged()
    this.#clearing?.cancel()
    const isLess = before.some((name) => !this.derived.names.includes(name))
    if (!isLess) this.mirror.settingsChanged()
    else this.#clearing = this.#parts.clock.after(farewellMs, () => this.mirror.settingsChanged())
  }

  /** The settings of other conventions, or of what may be commanded, have changed. */
  derivedChanged(): void {
    this.derived.settingsChanged()
    void this.session.listen()
  }

  /** Trouble that nobody asked about. */
  trouble(reason: string, message: string, more: object = {}): void {
    this.#parts.metrics.trouble(reason)
    this.publisher.tell(
      'bridgeError',
      {},
      json({ timeMs: this.#parts.clock.now(), reason, message, ...more }),
    )
  }

  async stop(): Promise<void> {
    this.#clearing?.cancel()
    await this.derived.stop()
    this.mirror.stop()
    this.events.stop()
    this.#leftovers.stop()
    this.publisher.pause()
    const topic = this.tree.build('bridgeState', {})
    await this.session.stop(
      { topic, payload: 'offline', qos: 1, retain: true, properties: { contentType: 'text/plain' } },
      3_000,
    )
  }

  /** What became of messages, on all connections to the broker. */
  get counts(): Readonly<Record<string, number>> {
    const { counts } = this.outbox
    return { ...counts, dead: counts.dead + this.#undelivered.elsewhere }
  }

  #settleLeftovers(): void {
    const { inventory, isAlone = false } = this.#parts
    const { devices, homes, rooms, scenes, automations } = inventory
    // Where nothing is configured there may be a file that cannot be read.
    if (isAlone && devices.size > 0)
      this.#leftovers.keepOnly({
        device: devices,
        home: homes,
        room: rooms,
        scene: scenes.all,
        automation: automations.all,
      })
    this.#leftovers.settleRest()
  }

  #isDescribed(deviceId: string): boolean {
    return this.#parts.inventory.specification(deviceId) !== undefined
  }
}
