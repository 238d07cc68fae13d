import { randomBytes } from 'node:crypto'
import { valueCodec } from '../codec/data-point/codec.ts'
import type { LinkHealth } from '../domain/link.ts'
import { AbsenceTracker } from '../inventory/absence.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Listed } from '../inventory/reading.ts'
import { DeviceTopics } from '../mqtt/device-topics.ts'
import { Leftovers } from '../mqtt/leftovers.ts'
import { type BrokerConnector, LinkError } from '../mqtt/link.ts'
import type { Incoming } from '../mqtt/message.ts'
import { Mirror } from '../mqtt/mirror.ts'
import { type Entry, Outbox } from '../mqtt/outbox.ts'
import { json, words } from '../mqtt/payload.ts'
import { Publisher } from '../mqtt/publisher.ts'
import { type Found, scan } from '../mqtt/scan.ts'
import { Session } from '../mqtt/session.ts'
import { TopicTree } from '../mqtt/topic.ts'
import type { Clock } from '../util/clock.ts'
import { isRecord, limits, parseJson } from '../util/json.ts'
import type { Random } from '../util/random.ts'
import type { Config } from './config-types.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'

export interface VoiceParts {
  readonly config: Config
  readonly connector: BrokerConnector
  readonly inventory: Inventory
  readonly metrics: Metrics
  readonly log: Logger
  readonly clock: Clock
  readonly random: Random
  readonly path: (deviceId: string) => LinkHealth
  readonly onCommand: (message: Incoming) => void
  /** The connection is proved; what is retained is about to be said. */
  readonly onUp: (protocol: string) => void
}

const alarmEveryMs = 60_000

/** Everything that speaks and listens on MQTT, put together. */
export class Voice {
  readonly tree: TopicTree
  readonly outbox = new Outbox()
  readonly publisher: Publisher
  readonly mirror: Mirror
  readonly session: Session
  readonly #leftovers: Leftovers
  readonly #parts: VoiceParts
  #scanned = false
  #everythingRead = false
  #fullAt = Number.NEGATIVE_INFINITY

  constructor(parts: VoiceParts) {
    this.#parts = parts
    const { config, inventory, clock, random, connector, log, metrics } = parts
    const { mqtt, publish, names, expose } = config
    const { outbox } = this
    this.tree = new TopicTree(mqtt.base)
    const { tree } = this
    this.publisher = new Publisher({
      tree,
      outbox,
      clock,
      bridge: mqtt.instance,
      wake: () => this.session.wake(),
      republishPerSecond: mqtt.republishPerSecond,
      onRefused: (reason, topic) => this.#refused(reason, topic),
    })
    // First in the books, so first on the wire after every connect.
    this.publisher.retain('bridge', 'bridgeState', {}, words('online'))
    this.mirror = new Mirror({
      publisher: this.publisher,
      tree,
      codec: valueCodec,
      clock,
      settings: {
        scalars: publish.scalars,
        views: publish.views,
        mirrorNames: names === 'mirror',
        exposeLocation: expose.location,
      },
      house: {
        homes: inventory.homes,
        rooms: inventory.rooms,
        devices: inventory.devices,
        slug: (id) => inventory.slugs.device.slug(id) ?? 'unnamed',
        slugs: () => inventory.slugs.device.entries(),
        isStale: (fact) => inventory.isStale(fact),
        path: parts.path,
      },
    })
    const judge = () => new AbsenceTracker()
    this.#leftovers = new Leftovers({
      tree,
      publisher: this.publisher,
      clock,
      deviceOfName: (slug) => inventory.slugs.device.id(slug),
      judges: { device: judge(), home: judge(), room: judge() },
    })
    this.session = new Session({
      connector,
      tree,
      outbox,
      clock,
      random,
      token: () => randomBytes(12).toString('hex'),
      will: { topic: tree.build('bridgeState', {}), payload: 'offline' },
      onCommand: parts.onCommand,
      prepare: (signal) => this.#lookAround(signal),
      onUp: (link) => {
        parts.onUp(link.limits.protocol)
        this.publisher.resume()
      },
      onDown: (end, message) => {
        this.publisher.pause()
        log.warn({ reason: end, broker: connector.address }, `no connection to the broker: ${message}`)
      },
      onDead: (entry, reason) => this.#deadLetter(entry, reason),
      onSettled: () => {},
    })
    this.#follow(inventory)
    metrics.gauge({
      name: 'outbox_messages',
      help: 'Messages that wait for the broker',
      read: () => outbox.size,
    })
    metrics.gauge({ name: 'outbox_bytes', help: 'Bytes that wait for the broker', read: () => outbox.bytes })
    metrics.gauge({
      name: 'outbox_total',
      help: 'Messages by what became of them',
      label: 'fate',
      read: () => ({ ...outbox.counts }),
    })
    metrics.gauge({
      name: 'retained_topics',
      help: 'Retained topics of ours',
      read: () => this.publisher.owned.size,
    })
    metrics.gauge({
      name: 'broker_reconnects_total',
      help: 'Ends of the broker connection, by reason',
      label: 'reason',
      read: () => Object.fromEntries(this.session.reconnects),
    })
  }

  start(): void {
    this.session.start()
  }

  /** A complete list was read: what an earlier run left behind is judged by it. */
  listed(kind: Listed, ids: ReadonlySet<string>): void {
    this.#leftovers.listed(kind, ids, this.#parts.clock.monotonic())
    for (const id of ids)
      if (kind !== 'device' || this.#isDescribed(id)) this.#leftovers.published(`${kind}/${id}`)
    this.#everythingRead ||= kind === 'room'
    if (this.#everythingRead) this.#leftovers.settleRest()
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
    this.mirror.stop()
    this.#leftovers.stop()
    this.publisher.pause()
    const topic = this.tree.build('bridgeState', {})
    await this.session.stop(
      { topic, payload: 'offline', qos: 1, retain: true, properties: { contentType: 'text/plain' } },
      3_000,
    )
  }

  #follow(inventory: Inventory): void {
    const { events } = inventory
    const { mirror } = this
    events.on('home', ({ home, before }) => {
      mirror.homeChanged(home, before)
      this.#leftovers.published(`home/${home.id}`)
    })
    events.on('homeRemoved', (home) => mirror.homeRemoved(home))
    events.on('room', ({ room, before }) => {
      mirror.roomChanged(room, before)
      this.#leftovers.published(`room/${room.id}`)
    })
    events.on('roomRemoved', (room) => mirror.roomRemoved(room))
    events.on('device', ({ record, before }) => mirror.deviceChanged(record, before))
    events.on('deviceRemoved', ({ device }) => mirror.deviceRemoved(device))
    events.on('specification', ({ record, before }) => mirror.specificationChanged(record, before))
    events.on('report', ({ record, source, receivedMs, changed }) => {
      mirror.reported(record, source, receivedMs, changed)
      // The first values of this run: whatever else stood below the device is of an earlier one.
      if (source !== 'snapshot') this.#leftovers.published(DeviceTopics.group(record.device.id))
    })
    events.on('staleness', (sources) => mirror.stalenessChanged(sources))
  }

  /**
   * Before anything is published: another bridge on this base keeps us silent; at the first connection everything
   * that the broker holds below the base is looked at.
   */
  async #lookAround(signal: AbortSignal): Promise<void> {
    const { tree } = this
    const { connector, clock, config } = this.#parts
    const [info, state] = [tree.build('bridgeInfo', {}), tree.build('bridgeState', {})]
    const filters = this.#scanned ? [info, state] : [tree.everything]
    const wanted = (topic: string) => topic === info || topic === state || isSeed(tree, topic)
    const parts = { connector, tree, clock, token: randomBytes(12).toString('hex'), signal }
    const found = await scan(parts, filters, wanted)
    const other = otherBridge(found, info, state, config.mqtt.instance)
    if (other !== undefined)
      throw new LinkError('base-in-use', `the bridge "${other}" publishes below ${tree.base} already`)
    if (!this.#scanned) await this.#adopt(found, parts)
    this.#scanned = true
  }

  async #adopt(found: Found, parts: Parameters<typeof scan>[0]): Promise<void> {
    const { config, inventory, log } = this.#parts
    for (const topic of found.commands) if (config.commands.clearRetained) this.publisher.clearTopic(topic)
    if (found.commands.length > 0)
      log.warn(
        { topics: found.commands.slice(0, 10), count: found.commands.length },
        'retained commands were found; they are not executed',
      )
    if (found.foreign > 0) log.info({ count: found.foreign }, 'topics of somebody else lie below our base')
    for (const [topic, text] of found.payloads) seed(this.tree, topic, text, inventory)
    this.#leftovers.adopt(found.topics)
    if (config.mqtt.oldBase === null) return
    const oldTree = new TopicTree(config.mqtt.oldBase)
    const old = await scan({ ...parts, tree: oldTree }, [oldTree.everything], () => false)
    for (const topic of [...old.topics, ...old.commands]) this.publisher.clearTopic(topic)
  }

  #isDescribed(deviceId: string): boolean {
    return this.#parts.inventory.specification(deviceId) !== undefined
  }

  /** One line and one message for as long as the outbox is full. */
  #refused(reason: 'full' | 'barred', topic: string): void {
    const { metrics, log, clock } = this.#parts
    if (reason === 'barred') metrics.deadLetter('mqtt', reason)
    const now = clock.monotonic()
    if (reason === 'barred' || now - this.#fullAt < alarmEveryMs) return
    this.#fullAt = now
    log.error({ topic: topic.slice(0, 200) }, 'the outbox is full; messages are refused')
    this.trouble('bridge/outbox-full', 'The outbox is full: the broker does not take messages fast enough.')
  }

  #deadLetter(entry: Entry, reason: string): void {
    const { metrics, log, clock } = this.#parts
    metrics.deadLetter('mqtt', reason)
    const { topic } = entry.message
    if (reason === 'poison') this.publisher.bar(topic)
    log.warn({ reason, bytes: entry.bytes, topic: topic.slice(0, 200) }, 'a message could not be delivered')
    if (topic === this.tree.build('bridgeDeadletter', {})) return
    const device = this.tree.parse(topic)?.params['device']
    this.publisher.tell(
      'bridgeDeadletter',
      {},
      json({ timeMs: clock.now(), link: 'mqtt', reason, device, bytes: entry.bytes }),
    )
  }
}

/** Documents whose content an earlier run left for us: source times, and who has which name. */
function isSeed(tree: TopicTree, topic: string): boolean {
  const parsed = tree.parse(topic)
  return parsed?.name === 'stateDevice' || isNames(parsed)
}

function isNames(parsed: ReturnType<TopicTree['parse']>): boolean {
  const isIndex = parsed?.name === 'metaIndex' || parsed?.name === 'metaIndexPage'
  return isIndex && parsed.params['kind'] === 'names'
}

function seed(tree: TopicTree, topic: string, text: string, inventory: Inventory): void {
  const parsed = tree.parse(topic)
  const document = tolerant(text)
  if (!parsed || !document) return
  if (isNames(parsed)) {
    for (const [slug, id] of Object.entries(document['device'] ?? {})) {
      if (typeof id === 'string') inventory.slugs.device.restore(slug, id)
    }
    return
  }
  const deviceId = parsed.params['device']
  if (parsed.name !== 'stateDevice' || deviceId === undefined || !isRecord(document['meta'])) return
  const floors = new Map<string, number>()
  for (const [code, meta] of Object.entries(document['meta'])) {
    if (isRecord(meta) && typeof meta['timeMs'] === 'number') floors.set(code, meta['timeMs'])
  }
  inventory.setFloors(deviceId, floors)
}

/** The instance of another bridge that runs on our base. */
function otherBridge(found: Found, info: string, state: string, instance: string): string | undefined {
  const other = tolerant(found.payloads.get(info) ?? '')?.['instance']
  return found.payloads.get(state) === 'online' && typeof other === 'string' && other !== instance
    ? other
    : undefined
}

function tolerant(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseJson(text, limits.cloud)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
