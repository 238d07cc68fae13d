import { randomBytes } from 'node:crypto'
import { valueCodec } from '../codec/data-point/codec.ts'
import { onAnyChange } from '../inventory/events.ts'
import { Inventory } from '../inventory/inventory.ts'
import type { CommandIntake } from '../mqtt/command/intake.ts'
import { Router } from '../router/router.ts'
import type { HttpExchange } from '../transport/cloud/http.ts'
import type { PaceOptions } from '../transport/cloud/pace.ts'
import { type Clock, every, systemClock } from '../util/clock.ts'
import { Disposer } from '../util/disposer.ts'
import { type Random, systemRandom } from '../util/random.ts'
import type { Redactor } from '../util/redact.ts'
import { type BrokerSide, openBroker } from './broker-side.ts'
import { CloudSide } from './cloud-side.ts'
import { createIntake } from './command-side.ts'
import type { Config } from './config-types.ts'
import { registerGauges } from './gauges.ts'
import { type HealthDocument, isReady } from './health.ts'
import { HttpServer } from './http-server.ts'
import type { Log } from './log.ts'
import { Metrics } from './metrics.ts'
import { bridgePages } from './pages.ts'
import { type Observed, SelfReport, unusedLink } from './self-report.ts'
import {
  loadSnapshot,
  restore,
  type Snapshot,
  SnapshotKeeper,
  snapshotVersion,
  takeSnapshot,
} from './snapshot.ts'
import { realDisk, type SnapshotDisk, SnapshotFile } from './snapshot-file.ts'
import { version } from './version.ts'
import { Voice } from './voice.ts'
import { Watchdog } from './watchdog.ts'

export interface BridgeParts {
  readonly config: Config
  readonly redactor: Redactor
  readonly log: Log
  readonly clock?: Clock
  readonly random?: Random
  readonly http?: HttpExchange
  /** How fast the cloud is asked, where it is a simulated one. */
  readonly pace?: PaceOptions
  readonly disk?: SnapshotDisk
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
  readonly #self: SelfReport
  #broker: BrokerSide | undefined
  #cloud: CloudSide | undefined
  #voice: Voice | undefined
  #router: Router | undefined
  #intake: CommandIntake | undefined
  #keeper: SnapshotKeeper | undefined
  #watchdog: Watchdog | undefined
  #httpPort = 0

  constructor(parts: BridgeParts) {
    this.#parts = parts
    this.#clock = parts.clock ?? systemClock
    this.inventory = new Inventory({ codec: valueCodec, now: () => this.#clock.now() })
    this.#self = new SelfReport({
      config: parts.config,
      inventory: this.inventory,
      clock: this.#clock,
      run: randomBytes(6).toString('hex'),
      startedMs: this.#clock.now(),
      observed: () => this.#observed,
    })
    const log = parts.log.part('app')
    this.#disposer = new Disposer((name, thrown) =>
      log.error({ name, err: thrown }, 'a part did not stop cleanly'),
    )
  }

  /** The ports that were given, of use where 0 was asked for. */
  get ports(): { readonly mqtt: number; readonly http: number } {
    return { mqtt: this.#broker?.embedded?.port ?? 0, http: this.#httpPort }
  }

  get health(): HealthDocument {
    return this.#self.health
  }

  get #observed(): Observed {
    return { voice: this.#voice, cloud: this.#cloud, router: this.#router, intake: this.#intake }
  }

  /** Everything was read once, and every link works. */
  get ready(): boolean {
    return isReady(this.health, this.#cloud?.sync.ready ?? false)
  }

  async start(): Promise<void> {
    const { config, log } = this.#parts
    const clock = this.#clock
    const appLog = log.part('app')
    if (this.#parts.watchdog ?? true) await this.#startWatchdog()
    const saved = await this.#loadSnapshot()
    this.#broker = await openBroker(config, clock, (what, thrown) => {
      log.part('broker').warn({ err: thrown }, `trouble in the broker: ${what}`)
      this.#voice?.trouble('bridge/broker', `Trouble in the broker inside: ${what}.`)
    })
    const { embedded } = this.#broker
    if (embedded) this.#disposer.add('broker', () => embedded[Symbol.asyncDispose]())
    const cloud = this.#createCloud(saved)
    const voice = this.#createVoice()
    this.#router = this.#createRouter()
    this.#intake = this.#createIntake(voice, this.#router)
    if (saved && this.#cloud) restore(saved, this.inventory, this.#cloud.book)
    this.#followReports()
    this.#disposer.add('voice', () => voice.stop())
    if (cloud) this.#disposer.add('cloud', () => cloud[Symbol.asyncDispose]())
    this.#disposer.add('commands', () => this.#stopCommands())
    await this.#startHttp()
    this.#registerGauges()
    const health = every(clock, healthWatchMs, () => this.#self.publish())
    this.#disposer.add('health', () => health.cancel())
    this.#keeper?.start()
    voice.start()
    cloud?.start()
    appLog.info(
      { version, base: config.mqtt.base, broker: this.#broker.connector.address },
      'the bridge runs',
    )
  }

  /** Stops intake, lets sent commands end, empties the outbox, says offline, saves. Twice is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#intake?.stop()
    await this.#disposer[Symbol.asyncDispose]()
    this.#keeper?.stop()
    if (this.#cloud) await this.#keeper?.saveNow()
  }

  /** For the last second of a process that cannot go on. */
  saveNow(): Promise<void> {
    return this.#keeper?.saveNow() ?? Promise.resolve()
  }

  async #startWatchdog(): Promise<void> {
    const watchdog = new Watchdog(this.#clock)
    watchdog.start()
    this.#watchdog = watchdog
    this.#disposer.add('watchdog', () => watchdog.stop())
  }

  async #loadSnapshot(): Promise<Snapshot | undefined> {
    const { config, log, disk } = this.#parts
    const file = new SnapshotFile(config.state.directory, snapshotVersion, disk ?? realDisk)
    const stateLog = log.part('state')
    this.#keeper = new SnapshotKeeper(
      file,
      () => {
        const { book, budget } = this.#cloud as CloudSide
        return takeSnapshot(this.inventory, book, budget.state, this.#clock.now())
      },
      this.#clock,
      (thrown) => {
        stateLog.error({ err: thrown }, 'the snapshot cannot be saved; the bridge goes on in memory')
        this.#voice?.trouble('bridge/snapshot', 'The snapshot cannot be saved; see the log.')
      },
    )
    return loadSnapshot(file, (message) => stateLog.warn(message))
  }

  #createCloud(saved: Snapshot | undefined): CloudSide | undefined {
    const { config, redactor, log, random = systemRandom, http, pace } = this.#parts
    if (!config.tuya) return undefined
    const cloudLog = log.part('cloud')
    this.#cloud = new CloudSide({
      tuya: config.tuya,
      config,
      redactor,
      clock: this.#clock,
      random,
      http,
      pace,
      inventory: this.inventory,
      saved,
      onLease: () => this.#keeper?.hurry(),
      onChange: () => this.#self.publish(),
      onCall: (operation, outcome, ms) => {
        this.metrics.cloudCall(operation, outcome, ms)
        cloudLog.debug({ operation, outcome, ms: Math.round(ms) }, 'call')
      },
      onError: (error, what) => {
        cloudLog.warn({ code: error.code }, `${what}: ${error.message}`)
        this.#voice?.trouble(error.code, `${what}: ${error.message}`)
      },
      onListed: (kind, ids) => this.#voice?.listed(kind, ids) ?? false,
      onRead: () => this.#voice?.everythingRead(),
    })
    return this.#cloud
  }

  #createVoice(): Voice {
    const { config, log, random = systemRandom } = this.#parts
    this.#voice = new Voice({
      config,
      connector: (this.#broker as BrokerSide).connector,
      inventory: this.inventory,
      metrics: this.metrics,
      log: log.part('mqtt'),
      clock: this.#clock,
      random,
      path: () => this.#cloud?.client.health ?? unusedLink,
      onCommand: (message) => this.#intake?.handle(message),
      onUp: (protocol) => {
        this.#self.publish()
        log.part('mqtt').info({ protocol }, 'connected to the broker')
      },
    })
    return this.#voice
  }

  #createRouter(): Router {
    const { random = systemRandom } = this.#parts
    return new Router({
      routes: this.#cloud ? [this.#cloud.route] : [],
      prefer: () => 'cloud',
      specification: (deviceId) => this.inventory.specification(deviceId),
      clock: this.#clock,
      random,
      now: () => this.#cloud?.client.now() ?? this.#clock.now(),
    })
  }

  #createIntake(voice: Voice, router: Router): CommandIntake {
    const { config, redactor, log, onRestart } = this.#parts
    const cloud = this.#cloud
    return createIntake({
      config,
      inventory: this.inventory,
      voice,
      router,
      client: cloud?.client,
      resync: cloud && ((scope) => cloud.sync.resync(scope)),
      changed: cloud && ((areas) => cloud.sync.changed(...areas)),
      firmware: cloud?.firmware,
      followUps: cloud?.followUps,
      weather: cloud?.weather,
      metrics: this.metrics,
      redactor,
      log,
      clock: this.#clock,
      restart: () => onRestart?.(),
    })
  }

  #followReports(): void {
    this.inventory.events.on('report', ({ record, source, observed }) =>
      this.#router?.observe(record.device.id, observed, source === 'poll'),
    )
    onAnyChange(this.inventory, () => this.#keeper?.touch())
  }

  async #stopCommands(): Promise<void> {
    this.#intake?.stop()
    await this.#router?.stop()
    // The last outcomes become answers in the microtasks that follow.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }

  #registerGauges(): void {
    registerGauges(this.metrics, {
      inventory: this.inventory,
      observed: () => this.#observed,
      keeper: this.#keeper as SnapshotKeeper,
      cloud: this.#cloud,
      embedded: this.#broker?.embedded,
    })
  }

  async #startHttp(): Promise<void> {
    const { http } = this.#parts.config
    const pages = bridgePages({
      alive: () => this.#watchdog?.alive ?? true,
      readiness: () => ({
        ready: this.ready,
        inventoryRead: this.#cloud?.sync.ready ?? false,
        links: this.health.links,
      }),
      registry: this.metrics.registry,
    })
    const server = new HttpServer({
      host: http.host,
      port: http.port,
      allowedHosts: http.allowedHosts,
      pages,
    })
    this.#httpPort = await server.listen()
    this.#disposer.add('http', () => server[Symbol.asyncDispose]())
  }
}
