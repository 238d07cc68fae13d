import { randomBytes } from 'node:crypto'
import { valueCodec } from '../codec/data-point/codec.ts'
import type { Json } from '../domain/data-point.ts'
import { unusedLan, unusedLink } from '../domain/link.ts'
import { onAnyChange } from '../inventory/events.ts'
import { Inventory } from '../inventory/inventory.ts'
import type { CommandIntake } from '../mqtt/command/intake.ts'
import type { OutboxCaps } from '../mqtt/outbox.ts'
import type { Router } from '../router/router.ts'
import type { HttpExchange } from '../transport/cloud/http.ts'
import type { PaceOptions } from '../transport/cloud/pace.ts'
import { type Clock, every, systemClock } from '../util/clock.ts'
import { Disposer } from '../util/disposer.ts'
import { type Random, systemRandom } from '../util/random.ts'
import type { Redactor } from '../util/redact.ts'
import { type BrokerSide, openBroker } from './broker-side.ts'
import { CloudSide } from './cloud-side.ts'
import { cloudTold } from './cloud-told.ts'
import { type CommandSide, createCommandSide } from './command-side.ts'
import type { ReadConfig } from './config-diff.ts'
import type { Config } from './config-types.ts'
import { followSettings } from './follow-settings.ts'
import { registerGauges } from './gauges.ts'
import { type HealthDocument, isReady } from './health.ts'
import type { LanSockets } from './lan-hearing.ts'
import { createLanSide } from './lan-parts.ts'
import type { LanSide } from './lan-side.ts'
import type { Log } from './log.ts'
import { Metrics } from './metrics.ts'
import { without } from './operations.ts'
import { PageSide } from './page/page-side.ts'
import { openPages } from './pages.ts'
import type { QueueSockets } from './queue-link.ts'
import { createQueueSide } from './queue-parts.ts'
import type { QueueSide } from './queue-side.ts'
import { Reloader, type Reread } from './reload.ts'
import type { Seams } from './seams.ts'
import { type Observed, SelfReport } from './self-report.ts'
import { Settings, type Taken } from './settings.ts'
import type { Snapshot } from './snapshot.ts'
import type { SnapshotDisk } from './snapshot-file.ts'
import { StateSide } from './state-side.ts'
import { type TuyaMqttSide, tuyaMqttRemains, tuyaMqttSide } from './tuya-mqtt-side.ts'
import { version } from './version.ts'
import { Voice } from './voice.ts'
import { Watchdog } from './watchdog.ts'

export interface BridgeParts extends ReadConfig {
  /** Reads the configuration again; without it a reload changes nothing. Throws ConfigError. */
  readonly reread?: () => Reread
  readonly redactor: Redactor
  readonly log: Log
  readonly clock?: Clock
  readonly random?: Random
  readonly http?: HttpExchange
  /** How fast the cloud is asked, where it is a simulated one. */
  readonly pace?: PaceOptions
  /** How the event queue is reached, where not by sockets of our own. */
  readonly queueSockets?: QueueSockets
  /** How much may wait for the broker, where less than usual. */
  readonly outboxCaps?: OutboxCaps
  /** How devices on the LAN are reached, where not by sockets of our own. */
  readonly lanSockets?: LanSockets
  readonly disk?: SnapshotDisk
  /** For tests that break a message's way in the middle. */
  readonly seams?: Seams
  /** False where something else watches the main loop, as in tests. */
  readonly watchdog?: boolean
  readonly onRestart?: () => void
}

const healthWatchMs = 1_000

/** The bridge: composed here, started in order, stopped in reverse (R-S5). */
export class Bridge implements AsyncDisposable {
  readonly inventory: Inventory
  readonly metrics = new Metrics()
  readonly #parts: BridgeParts
  readonly #clock: Clock
  readonly #disposer: Disposer
  readonly #settings: Settings
  /** What is in force, whenever it is read. */
  readonly #config: Config
  readonly #reloader: Reloader
  readonly #self: SelfReport
  readonly #tuyaMqtt: TuyaMqttSide | undefined
  #broker: BrokerSide | undefined
  #cloud: CloudSide | undefined
  #voice: Voice | undefined
  #queue: QueueSide | undefined
  #lan: LanSide | undefined
  #router: Router | undefined
  #intake: CommandIntake | undefined
  #page: PageSide | undefined
  #state: StateSide | undefined
  #watchdog: Watchdog | undefined
  #httpPort = 0

  constructor(parts: BridgeParts) {
    this.#parts = parts
    this.#clock = parts.clock ?? systemClock
    this.#settings = new Settings(parts)
    this.#config = this.#settings.config
    this.inventory = new Inventory({
      codec: valueCodec,
      now: () => this.#clock.now(),
      isDated: () => this.#cloud?.client.knowsTime ?? true,
      after: (ms, run) => this.#clock.after(ms, run),
    })
    this.#tuyaMqtt = tuyaMqttSide(this.#config, this.inventory)
    this.#self = new SelfReport({
      config: this.#config,
      inventory: this.inventory,
      clock: this.#clock,
      run: randomBytes(6).toString('hex'),
      startedMs: this.#clock.now(),
      observed: () => this.#observed,
    })
    this.#reloader = new Reloader({
      settings: this.#settings,
      read: parts.reread ?? (() => parts),
      redactor: parts.redactor,
      log: parts.log.part('config'),
      onTrouble: (reason, message, more) => this.#voice?.trouble(reason, message, more),
    })
    const log = parts.log.part('app')
    this.#disposer = new Disposer((name, thrown) =>
      log.error({ name, err: thrown }, 'a part did not stop cleanly'),
    )
    this.#disposer.add('inventory', () => this.inventory.stop())
  }

  /** The ports that were given, of use where 0 was asked for. */
  get ports(): { readonly mqtt: number; readonly http: number } {
    return { mqtt: this.#broker?.embedded?.port ?? 0, http: this.#httpPort }
  }

  get health(): HealthDocument {
    return this.#self.health
  }

  /** What nearly every part needs. */
  get #shared() {
    const { redactor, random = systemRandom } = this.#parts
    return {
      config: this.#config,
      inventory: this.inventory,
      metrics: this.metrics,
      clock: this.#clock,
      redactor,
      random,
    }
  }

  get #observed(): Observed {
    return {
      voice: this.#voice,
      cloud: this.#cloud,
      queue: this.#queue,
      lan: this.#lan,
      router: this.#router,
      intake: this.#intake,
    }
  }

  /** Everything was read once, and every link works. */
  get ready(): boolean {
    return isReady(this.health, this.#isRead)
  }

  /** Without a cloud there is nothing to read. */
  get #isRead(): boolean {
    return this.#cloud?.sync.ready ?? true
  }

  async start(): Promise<void> {
    const { log } = this.#parts
    const config = this.#config
    const clock = this.#clock
    if (this.#parts.watchdog ?? true) this.#watchdog = new Watchdog(clock)
    this.#watchdog?.start()
    this.#disposer.add('watchdog', () => this.#watchdog?.stop())
    const state = await this.#openState()
    const { saved, keeper } = state
    this.#broker = await openBroker(config, clock, this.#troubleInside, this.#tuyaMqtt?.filters)
    const { embedded } = this.#broker
    if (embedded) this.#disposer.add('broker', () => embedded[Symbol.asyncDispose]())
    const cloud = this.#createCloud(saved)
    const voice = this.#createVoice()
    const lan = this.#createLan(voice)
    const commands = this.#createCommandSide(voice)
    this.#router = commands.router
    this.#intake = commands.intake
    this.#page = this.#createPage(voice)
    followSettings({
      settings: this.#settings,
      log,
      broker: this.#broker,
      voice,
      cloud,
      lan,
      queue: () => this.#queue,
      onOperations: commands.publishCatalog,
      page: this.#page,
    })
    state.restore()
    const queue = cloud && this.#createQueue(voice, cloud, state)
    // Stops after the voice: what is delivered in the last moments is acknowledged.
    if (queue) this.#disposer.add('queue', () => queue[Symbol.asyncDispose]())
    this.inventory.events.on('report', ({ record, source, observed }) =>
      this.#router?.observe(record.device.id, observed, source === 'poll'),
    )
    onAnyChange(this.inventory, () => keeper.touch())
    this.#disposer.add('voice', () => voice.stop())
    if (cloud) this.#disposer.add('cloud', () => cloud[Symbol.asyncDispose]())
    if (lan) this.#disposer.add('lan', () => lan[Symbol.asyncDispose]())
    this.#disposer.add('commands', () => this.#stopCommands())
    await this.#startHttp()
    registerGauges(this.metrics, {
      inventory: this.inventory,
      observed: () => this.#observed,
      keeper,
      voice,
      cloud,
      queue,
      lan,
      embedded,
    })
    const health = every(clock, healthWatchMs, () => this.#self.publish())
    this.#disposer.add('health', () => health.cancel())
    this.#disposer.add('reload', () => this.#reloader.stop())
    keeper.start()
    await lan?.prepare()
    voice.start()
    lan?.start()
    if (!cloud) this.#everythingRead()
    cloud?.start()
    queue?.start()
    log
      .part('app')
      .info({ version, base: config.mqtt.base, broker: this.#broker.connector.address }, 'the bridge runs')
  }

  /**
   * Reads the configuration anew and puts in force what needs no restart; see Reloader. For a bridge that has started.
   */
  reload(): Promise<Taken> {
    return this.#reloader.reload()
  }

  /** Stops intake, lets sent commands end, empties the outbox, says offline, saves. Twice is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#intake?.stop()
    this.#queue?.drain()
    await this.#disposer[Symbol.asyncDispose]()
    this.#state?.keeper.stop()
    await this.saveNow()
  }

  /** For the last second of a process that cannot go on. What was not taken over yet is not overwritten. */
  async saveNow(): Promise<void> {
    await this.#state?.saveNow()
  }

  readonly #troubleInside = (what: string, thrown: unknown) => {
    this.#parts.log.part('broker').warn({ err: thrown }, `trouble in the broker: ${what}`)
    this.#voice?.trouble('bridge/broker', `Trouble in the broker inside: ${what}.`)
  }

  async #openState(): Promise<StateSide> {
    const { log, disk } = this.#parts
    this.#state = await StateSide.open({
      directory: this.#config.state.directory,
      disk,
      inventory: this.inventory,
      clock: this.#clock,
      log: log.part('state'),
      cloud: () => this.#cloud,
      queue: () => this.#queue,
      onTrouble: (reason, message) => this.#voice?.trouble(reason, message),
    })
    return this.#state
  }

  #createCloud(saved: Snapshot | undefined): CloudSide | undefined {
    const { log, http, pace } = this.#parts
    if (!this.#config.tuya) return undefined
    this.#cloud = new CloudSide({
      ...this.#shared,
      http,
      pace,
      saved,
      pushes: () => this.#queue?.isPrompt ?? false,
      pollNeeded: () => !this.#queue?.isTrusted && !this.#lan?.hearsAll,
      onLease: () => this.#state?.keeper.hurry(),
      onChange: () => this.#self.publish(),
      ...cloudTold(log.part('cloud'), this.metrics, () => this.#voice),
      onListed: (kind, ids) => this.#voice?.listed(kind, ids) ?? false,
      onRead: () => this.#everythingRead(),
      onAccess: (access) => this.#lan?.learn(access),
    })
    return this.#cloud
  }

  #createLan(voice: Voice): LanSide | undefined {
    const { log, lanSockets, disk } = this.#parts
    this.#lan = createLanSide({
      ...this.#shared,
      voice,
      cloud: this.#cloud,
      queue: () => this.#queue,
      log: log.part('lan'),
      sockets: lanSockets,
      disk,
    })
    return this.#lan
  }

  #everythingRead(): void {
    this.#lan?.adopt()
    this.#voice?.everythingRead()
    this.#tuyaMqtt?.settle()
  }

  #createVoice(): Voice {
    const { log, redactor, outboxCaps, seams } = this.#parts
    const { connector } = this.#broker as BrokerSide
    this.#voice = new Voice({
      ...this.#shared,
      isAlone: this.#cloud === undefined,
      connector: seams?.connector?.(connector) ?? connector,
      outboxCaps,
      log: log.part('mqtt'),
      paths: (deviceId) => ({
        lan: this.#lan?.health(deviceId) ?? unusedLan,
        cloud: this.#cloud?.client.health ?? unusedLink,
      }),
      redact: (data) => redactor.redactJson(without(data)) as Json,
      onSaid: (name, topic, text) => this.#page?.said(name, topic, text),
      onCommand: (message, told) =>
        this.#intake?.handle(this.#tuyaMqtt?.translated(message) ?? message, told),
      alsoObeyed: this.#tuyaMqtt?.filters ?? [],
      neighbour:
        this.#tuyaMqtt?.neighbour ??
        tuyaMqttRemains(this.#config, (topic) => this.#voice?.publisher.clearTopic(topic)),
      onUp: (protocol) => {
        this.#self.publish()
        log.part('mqtt').info({ protocol }, 'connected to the broker')
      },
    })
    this.#tuyaMqtt?.follow(this.#voice.publisher, this.#clock, this.#voice.mirror.devices)
    return this.#voice
  }

  #createQueue(voice: Voice, cloud: CloudSide, { keeper, saved }: StateSide): QueueSide | undefined {
    const { log, queueSockets, seams } = this.#parts
    this.#queue = createQueueSide({
      ...this.#shared,
      voice,
      cloud,
      keeper,
      log: log.part('queue'),
      sockets: queueSockets,
      seams,
      heardMs: saved?.queueHeardMs ?? null,
      isRestored: saved?.isWhole === true,
      onHealth: () => {
        this.#self.publish()
        if (this.#queue?.health.state === 'up') cloud.heardElsewhere()
      },
    })
    return this.#queue
  }

  #createCommandSide(voice: Voice): CommandSide {
    const { log, onRestart } = this.#parts
    return createCommandSide({
      ...this.#shared,
      voice,
      cloud: this.#cloud,
      lan: this.#lan,
      log,
      reload: () => this.reload(),
      restart: () => onRestart?.(),
    })
  }

  #createPage(voice: Voice): PageSide | undefined {
    if (!this.#config.http.page) return undefined
    return new PageSide({
      ...this.#shared,
      voice,
      intake: this.#intake as CommandIntake,
      self: this.#self,
      codec: valueCodec,
      log: this.#parts.log,
    })
  }

  async #stopCommands(): Promise<void> {
    this.#intake?.stop()
    await this.#router?.stop()
    // The last outcomes become answers in the microtasks that follow.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }

  async #startHttp(): Promise<void> {
    const { server, port } = await openPages(this.#config.http, {
      alive: () => this.#watchdog?.alive ?? true,
      readiness: () => ({
        ready: this.ready,
        inventoryRead: this.#isRead,
        links: this.health.links,
      }),
      registry: this.metrics.registry,
      guest: this.#page,
    })
    this.#httpPort = port
    this.#disposer.add('http', () => server[Symbol.asyncDispose]())
    this.#disposer.add('page', () => this.#page?.stop())
  }
}
