import { type Clock, systemClock } from '../util/clock.ts'
import { type Random, seededRandom, systemRandom } from '../util/random.ts'
import { announce } from './announce.ts'
import { Engine } from './automation/engine.ts'
import { CloudServer } from './cloud/server.ts'
import { CloudService } from './cloud/service.ts'
import { Delivery } from './delivery.ts'
import { Faults } from './fault.ts'
import { Feed, type FeedFamily } from './feed.ts'
import { Internet } from './internet.ts'
import { Journal } from './journal.ts'
import { Lan, type LanDeviceAddress, type LanOptions } from './lan/lan.ts'
import { Life } from './life.ts'
import { OpenHub } from './queue/hub.ts'
import { HubServer } from './queue/hub-server.ts'
import { QueueServer } from './queue/server.ts'
import { QueueService } from './queue/service.ts'
import { World } from './world.ts'
import type { QueueEntry, WorldFile } from './world-file.ts'

export interface SimulatorOptions {
  readonly world: WorldFile
  readonly host?: string
  /** 0 or absent = any free one. */
  readonly cloudPort?: number
  /** 0 or absent = any free one. */
  readonly queuePort?: number
  /** Port of the Open Hub; 0 or absent = any free one. */
  readonly hubPort?: number
  /** PEM; the queue and the Open Hub speak TLS with it. */
  readonly queueTls?: { readonly cert: string; readonly key: string }
  /** Goes before what the world says about the queue. */
  readonly queue?: QueueEntry
  /** How long the queue waits before a partition's new reader reads; a second unless told. */
  readonly queueHandOverMs?: number
  /** Devices listen on the LAN, too; without it none does. */
  readonly lan?: LanOptions
  readonly seed?: number
  readonly faults?: readonly string[]
  readonly clock?: Clock
  /** False: nothing moves by itself, and no timer of an automation fires. */
  readonly alive?: boolean
  /** How events are worded; what the world says unless told, else the older family alone. */
  readonly families?: readonly FeedFamily[]
}

/** What a client needs to know; the first line that `dp2mqtt simulate` prints. */
export interface SimulatorAddress {
  readonly cloud: {
    readonly endpoint: string
    readonly accessId: string
    readonly accessSecret: string
    readonly uid: string
  }
  readonly queue: {
    /** The base, to which a client appends its path. */
    readonly url: string
    readonly environment: 'event'
    /** The certificate to trust, PEM, where the address is `wss:`. */
    readonly ca?: string
  }
  /** Devices that have an address of their own, where they were asked for. */
  readonly lan?: readonly LanDeviceAddress[]
  /** Ports of discovery: in the clear, encrypted, questions. */
  readonly udp?: readonly number[]
}

/** The other side of every transport, in one world. */
export class Simulator implements AsyncDisposable {
  readonly world: World
  readonly faults = new Faults()
  readonly journal: Journal
  /** What the platform would tell those who listen. */
  readonly feed: Feed
  /** Runs scenes and automations. */
  readonly engine: Engine
  readonly cloud: CloudService
  /** The message service: what it owes to whom. */
  readonly queue: QueueService
  /** The message service of app users over MQTT; its address is in the configuration that the cloud gives out. */
  readonly hub: OpenHub
  /** The devices at their sockets; undefined where nobody asked for them. */
  readonly lan: Lan | undefined
  readonly #life: Life
  readonly #server: CloudServer
  readonly #queueServer: QueueServer
  readonly #hubServer: HubServer
  readonly #internet = new Internet(this.faults)
  readonly #options: SimulatorOptions
  #endpoint = ''
  #queueUrl = ''

  constructor(options: SimulatorOptions) {
    this.#options = options
    const clock = options.clock ?? systemClock
    const random: Random = options.seed === undefined ? systemRandom : seededRandom(options.seed)
    this.world = new World(options.world, clock, random)
    this.journal = new Journal(clock)
    for (const fault of options.faults ?? []) this.faults.set(fault)
    const { world, faults, journal } = this
    // What happened is written down and told before what follows from it.
    world.events.on('status', ({ device, points }) => {
      journal.note('report', device.id, {
        values: Object.fromEntries(points.map(({ dp, value }) => [dp.code, value])),
      })
    })
    this.feed = new Feed(() => clock.now())
    const entry = { ...options.world.queue, ...options.queue }
    announce(world, this.feed, clock, options.families ?? entry.families ?? ['legacy'])
    const delivery = new Delivery({ world, faults, journal, clock, random })
    this.engine = new Engine({ world, delivery, journal, clock, random })
    const { engine } = this
    this.cloud = new CloudService({ world, engine, delivery, faults, journal, clock, random })
    this.#life = new Life(world, clock, random)
    this.#server = new CloudServer(this.cloud, this.#internet)
    // Chance of its own, so that the world goes the same way however many listen.
    const queueRandom = options.seed === undefined ? systemRandom : seededRandom(options.seed + 1)
    this.queue = new QueueService({
      project: world.project,
      entry,
      faults,
      journal,
      clock,
      random: queueRandom,
      ...(options.queueHandOverMs === undefined ? {} : { handOverMs: options.queueHandOverMs }),
    })
    this.queue.follow(this.feed)
    this.#queueServer = new QueueServer({
      service: this.queue,
      clock,
      random: queueRandom,
      faults,
      tls: options.queueTls,
      internet: this.#internet,
    })
    this.hub = new OpenHub({
      world,
      access: this.cloud.pushAccess,
      entry: entry.openHub ?? {},
      faults,
      journal,
      clock,
      random: queueRandom,
    })
    this.hub.follow(this.feed)
    this.#hubServer = new HubServer(this.hub, options.queueTls, this.#internet)
    const lanRandom = options.seed === undefined ? systemRandom : seededRandom(options.seed + 2)
    this.lan = options.lan && new Lan({ world, faults, journal, clock, random: lanRandom }, options.lan)
  }

  async start(): Promise<SimulatorAddress> {
    const host = this.#options.host ?? '127.0.0.1'
    const port = await this.#server.listen(this.#options.cloudPort ?? 0, host)
    this.#endpoint = `http://${host}:${port}`
    const queuePort = await this.#queueServer.listen(this.#options.queuePort ?? 0, host)
    this.#queueUrl = `${this.#options.queueTls ? 'wss' : 'ws'}://${host}:${queuePort}/`
    this.queue.start()
    const hubPort = await this.#hubServer.listen(this.#options.hubPort ?? 0, host)
    this.cloud.pushAccess.url = `${this.#options.queueTls ? 'ssl' : 'tcp'}://${host}:${hubPort}`
    await this.lan?.start()
    if (this.#options.alive ?? true) {
      this.#life.start()
      this.engine.start()
    }
    return this.address
  }

  get address(): SimulatorAddress {
    const { accessId, accessSecret } = this.world.project
    const [uid = ''] = this.world.users.keys()
    const ca = this.#options.queueTls?.cert
    return {
      cloud: { endpoint: this.#endpoint, accessId, accessSecret, uid },
      queue: { url: this.#queueUrl, environment: 'event', ...(ca === undefined ? {} : { ca }) },
      ...(this.lan ? { lan: this.lan.addresses, udp: this.lan.udp } : {}),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.stop()
    this.engine.stop()
    this.world.stop()
    this.#internet.stop()
    await this.lan?.[Symbol.asyncDispose]()
    await this.#queueServer[Symbol.asyncDispose]()
    this.queue.stop()
    await this.#hubServer[Symbol.asyncDispose]()
    this.hub.stop()
    await this.#server[Symbol.asyncDispose]()
  }
}
