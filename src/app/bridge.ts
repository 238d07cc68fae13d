import { randomBytes } from 'node:crypto'
import { valueCodec } from '../codec/data-point/codec.ts'
import type { LinkHealth } from '../domain/link.ts'
import { slugOf } from '../domain/slug.ts'
import { Inventory } from '../inventory/inventory.ts'
import { CommandIntake } from '../mqtt/command/intake.ts'
import type { CommandHouse } from '../mqtt/command/ports.ts'
import { json } from '../mqtt/payload.ts'
import { Router } from '../router/router.ts'
import type { HttpExchange } from '../transport/cloud/http.ts'
import type { PaceOptions } from '../transport/cloud/pace.ts'
import { type Clock, every, systemClock } from '../util/clock.ts'
import { Disposer } from '../util/disposer.ts'
import { type Random, systemRandom } from '../util/random.ts'
import type { Redactor } from '../util/redact.ts'
import { type BrokerSide, openBroker } from './broker-side.ts'
import { CloudSide } from './cloud-side.ts'
import type { Config } from './config-types.ts'
import { type HealthDocument, healthDocument, isReady } from './health.ts'
import { HttpServer, jsonPage, type PageMaker, text } from './http-server.ts'
import type { Log } from './log.ts'
import { Metrics } from './metrics.ts'
import { OperationRunner } from './operations.ts'
import { asSnapshot, restore, SnapshotKeeper, snapshotVersion, takeSnapshot } from './snapshot.ts'
import { realDisk, type SnapshotDisk, SnapshotFile } from './snapshot-file.ts'
import { bridgeVerbs } from './verbs.ts'
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

const healthEveryMs = 60_000
const healthWatchMs = 1_000

/** The bridge: composed here, started in order, stopped in reverse (R-S5). */
export class Bridge implements AsyncDisposable {
  readonly inventory: Inventory
  readonly metrics = new Metrics()
  readonly #parts: BridgeParts
  readonly #clock: Clock
  readonly #disposer: Disposer
  readonly #run = randomBytes(6).toString('hex')
  readonly #startedMs: number
  #broker: BrokerSide | undefined
  #cloud: CloudSide | undefined
  #voice: Voice | undefined
  #router: Router | undefined
  #intake: CommandIntake | undefined
  #keeper: SnapshotKeeper | undefined
  #httpPort = 0
  #lastHealth = ''
  #lastPath = ''

  constructor(parts: BridgeParts) {
    this.#parts = parts
    this.#clock = parts.clock ?? systemClock
    this.#startedMs = this.#clock.now()
    this.inventory = new Inventory({ codec: valueCodec, now: () => this.#clock.now() })
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
    return this.#health()
  }

  /** Everything was read once, and every link works. */
  get ready(): boolean {
    return isReady(this.#health(), this.#cloud?.sync.ready ?? false)
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
    this.#registerGauges(voice)
    const health = every(clock, healthWatchMs, () => this.#publishHealth())
    this.#disposer.add('health', () => health.cancel())
    this.#keeper?.start()
    voice.start()
    cloud?.sync.start()
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

  #watchdog: Watchdog | undefined

  async #loadSnapshot() {
    const { config, log, disk } = this.#parts
    const file = new SnapshotFile(config.state.directory, snapshotVersion, disk ?? realDisk)
    const loaded = await file.load()
    const stateLog = log.part('state')
    if (loaded.from === 'damaged')
      stateLog.warn('the snapshot and the one before it are damaged; everything is read anew')
    if (loaded.from === 'previous') stateLog.warn('the snapshot is damaged; the one before it is used')
    this.#keeper = new SnapshotKeeper(
      file,
      () =>
        takeSnapshot(
          this.inventory,
          (this.#cloud as CloudSide).book,
          this.#cloud?.budget.state,
          this.#clock.now(),
        ),
      this.#clock,
      (thrown) => {
        stateLog.error({ err: thrown }, 'the snapshot cannot be saved; the bridge goes on in memory')
        this.#voice?.trouble('bridge/snapshot', 'The snapshot cannot be saved; see the log.')
      },
    )
    return loaded.data === undefined ? undefined : asSnapshot(loaded.data)
  }

  #createCloud(saved: ReturnType<typeof asSnapshot>): CloudSide | undefined {
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
      onChange: () => this.#publishHealth(),
      onCall: (operation, outcome, ms) => {
        this.metrics.cloudCall(operation, outcome, ms)
        cloudLog.debug({ operation, outcome, ms: Math.round(ms) }, 'call')
      },
      onError: (error, what) => {
        cloudLog.warn({ code: error.code }, `${what}: ${error.message}`)
        this.#voice?.trouble(error.code, `${what}: ${error.message}`)
      },
      onListed: (kind, ids) => {
        this.#voice?.listed(kind, ids)
        if (kind === 'room') this.#voice?.mirror.announce()
      },
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
        this.#publishInfo(protocol)
        this.#publishHealth()
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
    const { config, redactor, log } = this.#parts
    const { tuya, commands, operations, names, mqtt, bridge } = config
    const client = this.#cloud?.client
    const runner = new OperationRunner({
      client: { raw: (...args) => (client ? client.raw(...args) : Promise.reject(noCloud())) },
      router,
      redactor,
      allow: operations.allow,
      defaults: () => {
        const homes = [...this.inventory.homes.keys()]
        return {
          uid: tuya?.uid ?? null,
          schema: tuya?.schema ?? null,
          home_id: homes.length === 1 ? (homes[0] ?? null) : null,
        }
      },
    })
    voice.publisher.retain('bridge', 'bridgeCatalog', {}, json(runner.catalog))
    return new CommandIntake({
      tree: voice.tree,
      publisher: voice.publisher,
      clock: this.#clock,
      house: this.#commandHouse(),
      router,
      operations: runner,
      codec: valueCodec,
      verbs: bridgeVerbs({
        clock: this.#clock,
        publisher: voice.publisher,
        resync: (scope) => this.#cloud?.sync.resync(scope) ?? Promise.reject(noCloud()),
        log,
        remoteAdmin: bridge.remoteAdmin,
        restart: () => this.#parts.onRestart?.(),
      }),
      settings: {
        replyTopics: commands.replyTopics ?? [`${mqtt.base}/reply/#`],
        requireTs: commands.requireTs,
        clearRetained: commands.clearRetained,
        locksAllowed: operations.allow.includes('lock'),
        names: names !== 'off',
      },
      onOutcome: ({ state, reason = '' }, ms) => this.metrics.command(state, reason, ms),
      onTrouble: (reason, message, topic) => voice.trouble(reason, message, { topic: topic.slice(0, 512) }),
    })
  }

  #commandHouse(): CommandHouse {
    const { inventory } = this
    const slugs = inventory.slugs.device
    return {
      device: (id) => inventory.device(id),
      deviceIds: () => [...inventory.devices.keys()],
      named: (name) => {
        const tilde = /~[A-Za-z0-9_-]+$/.exec(name)
        const slug = tilde ? slugOf(name.slice(0, tilde.index)) + tilde[0] : slugOf(name)
        const id = slugs.id(slug)
        return id === undefined ? { candidates: slugs.claimants(slug) } : { id }
      },
      isStale: (fact) => inventory.isStale(fact),
      document: (id) => {
        const state = inventory.device(id)?.state
        return {
          id,
          dp: Object.fromEntries([...(state?.entries() ?? [])].map(([code, fact]) => [code, fact.value])),
        }
      },
    }
  }

  #followReports(): void {
    const { events } = this.inventory
    events.on('report', ({ record, source, observed }) => {
      this.#router?.observe(record.device.id, observed, source === 'poll')
      this.#keeper?.touch()
    })
    for (const kind of [
      'home',
      'homeRemoved',
      'room',
      'roomRemoved',
      'device',
      'deviceRemoved',
      'specification',
    ] as const) {
      events.on(kind, () => this.#keeper?.touch())
    }
  }

  async #stopCommands(): Promise<void> {
    this.#intake?.stop()
    await this.#router?.stop()
    // The last outcomes become answers in the microtasks that follow.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }

  async #startHttp(): Promise<void> {
    const { http } = this.#parts.config
    const pages: Record<string, PageMaker> = {
      '/livez': () => ((this.#watchdog?.alive ?? true) ? text(200, 'alive') : text(503, 'stuck')),
      '/readyz': () => {
        const { links } = this.#health()
        const ready = this.ready
        return jsonPage(ready ? 200 : 503, { ready, inventoryRead: this.#cloud?.sync.ready ?? false, links })
      },
      '/metrics': async () => {
        const { registry } = this.metrics
        return { status: 200, contentType: registry.contentType, body: await registry.metrics() }
      },
    }
    const server = new HttpServer({
      host: http.host,
      port: http.port,
      allowedHosts: http.allowedHosts,
      pages,
    })
    this.#httpPort = await server.listen()
    this.#disposer.add('http', () => server[Symbol.asyncDispose]())
  }

  #health(): HealthDocument {
    const { inventory } = this
    const cloud = this.#cloud
    const { counts } = inventory
    return healthDocument({
      timeMs: this.#clock.now(),
      mqtt: this.#voice?.session.health ?? unusedLink,
      cloud: cloud?.client.health,
      budget: cloud && { used: cloud.budget.used, limit: cloud.budget.limit, resetMs: cloud.budget.resetMs },
      queues: {
        outbox: this.#voice?.outbox.size ?? 0,
        commands: this.#router?.waiting ?? 0,
        cloudCalls: cloud?.client.waiting ?? 0,
      },
      counts: { ...counts, ...this.#voice?.outbox.counts, ...this.#intake?.counts },
    })
  }

  /** On change at once, else each minute; the ways to the devices follow the cloud's state. */
  #publishHealth(): void {
    const voice = this.#voice
    if (!voice) return
    const document = this.#health()
    const { mqtt, cloud } = document.links
    const now = this.#clock.now()
    const slot = Math.floor(now / healthEveryMs)
    const key = JSON.stringify([mqtt.state, mqtt.reason, cloud.state, cloud.reason, slot])
    if (key !== this.#lastHealth) {
      this.#lastHealth = key
      voice.publisher.retain('bridge', 'bridgeHealth', {}, json(document))
      this.#publishInfo(voice.session.protocol ?? '')
    }
    const path = `${cloud.state} ${cloud.reason}`
    if (path === this.#lastPath) return
    this.#lastPath = path
    voice.mirror.pathsChanged()
  }

  #publishInfo(protocol: string): void {
    const { config } = this.#parts
    const { devices, homes, rooms } = this.inventory
    this.#voice?.publisher.retain(
      'bridge',
      'bridgeInfo',
      {},
      json({
        contract: '1.0',
        instance: config.mqtt.instance,
        run: this.#run,
        version,
        startedMs: this.#startedMs,
        mqtt: { version: protocol === 'MQTT 5' ? 5 : 4 },
        region: config.tuya?.region ?? null,
        paths: this.#cloud ? ['cloud'] : [],
        classes: ['read', 'control', ...config.operations.allow],
        trees: ['native'],
        counts: { devices: devices.size, homes: homes.size, rooms: rooms.size },
        insecure: insecurities(config),
      }),
    )
  }

  #registerGauges(voice: Voice): void {
    const { metrics, inventory } = this
    const cloud = this.#cloud
    const embedded = this.#broker?.embedded
    const up = (health: LinkHealth | undefined) => Number(health?.state === 'up')
    metrics.gauge({
      name: 'link_up',
      help: '1 while the link works',
      label: 'link',
      read: () => ({ mqtt: up(voice.session.health), cloud: up(cloud?.client.health) }),
    })
    metrics.gauge({ name: 'devices', help: 'Devices that exist', read: () => inventory.devices.size })
    metrics.gauge({
      name: 'reports_total',
      help: 'Reports by what became of them',
      label: 'fate',
      read: () => ({ ...inventory.counts }),
    })
    metrics.gauge({
      name: 'commands_waiting',
      help: 'Commands in the lanes',
      read: () => this.#router?.waiting ?? 0,
    })
    metrics.gauge({
      name: 'commands_received_total',
      help: 'Commands by how they were met',
      label: 'fate',
      read: () => ({ ...this.#intake?.counts }),
    })
    metrics.gauge({
      name: 'snapshot_failing',
      help: '1 while the snapshot cannot be saved',
      read: () => Number(this.#keeper?.failing ?? false),
    })
    if (cloud) {
      metrics.gauge({ name: 'cloud_budget_used', help: 'Calls of today', read: () => cloud.budget.used })
      metrics.gauge({
        name: 'cloud_budget_limit',
        help: 'Calls that a day may have',
        read: () => cloud.budget.limit,
      })
      metrics.gauge({
        name: 'cloud_clock_skew_ms',
        help: 'How far the cloud is ahead of our clock',
        read: () => cloud.client.clockSkewMs,
      })
      metrics.gauge({
        name: 'cloud_breaker_open',
        help: '1 while calls of a class are held back',
        label: 'class',
        read: () =>
          Object.fromEntries(
            Object.entries(cloud.client.breakers).map(([name, breaker]) => [
              name,
              Number(breaker.status !== 'closed'),
            ]),
          ),
      })
    }
    if (embedded) {
      metrics.gauge({
        name: 'broker_connections',
        help: 'Clients of the broker inside',
        read: () => embedded.connections,
      })
      metrics.gauge({
        name: 'broker_refused_total',
        help: 'What the broker inside refused',
        label: 'what',
        read: () => ({ ...embedded.refused, retained: embedded.retained.counts.dropped }),
      })
    }
  }
}

const unusedLink: LinkHealth = { state: 'unused', sinceMs: 0, reason: null, lastMs: null }

function noCloud(): Error {
  return new Error('no cloud project is configured')
}

/** S-3, S-7: what is less safe than it could be, for everyone to see. */
function insecurities(config: Config): string[] {
  const found: string[] = []
  if (config.tuya?.endpoint) found.push('custom-endpoint')
  if (config.mqtt.tls.insecure) found.push('mqtt-tls-unverified')
  if (config.mqtt.url?.startsWith('mqtt:') || config.mqtt.url?.startsWith('ws:')) found.push('mqtt-plaintext')
  if (config.mqtt.url === null && !config.broker.users) found.push('broker-anonymous')
  if (config.mqtt.url === null && config.broker.allowPlaintext && !config.broker.tls)
    found.push('broker-plaintext')
  return found
}
