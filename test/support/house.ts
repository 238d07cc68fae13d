import { Writable } from 'node:stream'
import mqtt, { type MqttClient } from 'mqtt'
import { Bridge } from '../../src/app/bridge.ts'
import type { Config } from '../../src/app/config-types.ts'
import { memoryDisk } from '../../src/app/demo.ts'
import { Log } from '../../src/app/log.ts'
import type { Reread } from '../../src/app/reload.ts'
import type { Taken } from '../../src/app/settings.ts'
import type { SnapshotDisk } from '../../src/app/snapshot-file.ts'
import { Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts'
import { demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'
import { Redactor } from '../../src/util/redact.ts'
import { Secret } from '../../src/util/secret.ts'
import { canaries, expectNoCanary } from './canary.ts'
import { changed, testConfig } from './config.ts'
import { ownNetwork } from './own-network.ts'
import { until } from './until.ts'

export interface HouseOptions {
  readonly config?: Parameters<typeof testConfig>[0]
  readonly world?: WorldFile
  readonly simulator?: Partial<SimulatorOptions>
  readonly disk?: SnapshotDisk
  /** Without the event queue: state is read from time to time. */
  readonly polled?: boolean
  /** Devices are on the LAN as well. */
  readonly lan?: boolean
  /** Of the one user whose homes are shown. */
  readonly uid?: string
}

/** A message that an observer saw. */
export interface Seen {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
}

/** The demo's world with marked secrets. */
export function canaryWorld(base: WorldFile = demoWorld()): WorldFile {
  const text = JSON.stringify({ ...base, project: { ...base.project, accessSecret: canaries.accessSecret } })
  const world = JSON.parse(text.replaceAll(base.users[0]?.uid ?? '', canaries.uid)) as WorldFile
  return {
    ...world,
    devices: world.devices.map((device, i) => ({
      ...device,
      localKey: canaries.localKey.slice(0, 14) + String(i).padStart(2, '0'),
    })),
  }
}

/** What is said in 3.1 is said in the clear: such devices are believed only where somebody knows that they are such. */
function knownToBeOld({ devices }: WorldFile) {
  return devices
    .filter(({ lan }) => lan?.version === '3.1')
    .map(({ id }) => ({ id, port: 6668, version: '3.1' as const }))
}

/**
 * A whole house in this process: simulated cloud, bridge, broker inside, and an observer who keeps everything that
 * he sees. Ends with the search for secrets in all that left the bridge.
 */
export class House implements AsyncDisposable {
  readonly simulator: Simulator
  readonly bridge: Bridge
  readonly config: Config
  /** What the configuration says when it is read the next time. */
  next: Reread
  readonly seen: Seen[] = []
  readonly logLines: string[] = []
  readonly #clients: MqttClient[] = []

  private constructor(simulator: Simulator, bridge: Bridge, config: Config, logLines: string[]) {
    this.simulator = simulator
    this.bridge = bridge
    this.config = config
    this.next = { config }
    this.logLines = logLines
  }

  static async open(options: HouseOptions = {}): Promise<House> {
    const world = options.world ?? canaryWorld()
    const simulator = new Simulator({
      world,
      alive: false,
      seed: 1,
      ...(options.lan ? { lan: { address: ownNetwork(), udp: { ports: [0, 0, 0] as const } } } : {}),
      ...options.simulator,
      faults: ['throttle=1000', ...(options.simulator?.faults ?? [])],
    })
    const { cloud, queue, udp = [] } = await simulator.start()
    const redactor = new Redactor()
    redactor.learn(cloud.accessSecret)
    const config = testConfig({
      tuya: {
        region: 'eu',
        endpoint: cloud.endpoint,
        accessId: cloud.accessId,
        accessSecret: new Secret(cloud.accessSecret),
        accessSecretFile: null,
        uid: options.uid ?? null,
        homes: [],
        schema: null,
      },
      queue: { channel: options.polled ? 'off' : 'pulsar', url: queue.url },
      budget: { cloudCallsPerDay: 100_000 },
      ...options.config,
      lan: {
        ...(options.lan
          ? { enabled: true, subnets: ['127.0.0.0/8'], udpPorts: [...udp], devices: knownToBeOld(world) }
          : { enabled: false }),
        ...options.config?.lan,
      },
    } as never)
    const logLines: string[] = []
    const stream = new Writable({
      write(chunk, _encoding, done) {
        logLines.push(String(chunk))
        done()
      },
    })
    const log = new Log({ level: 'trace', format: 'json', redactor, stream })
    const bridge: Bridge = new Bridge({
      config,
      reread: () => house.next,
      redactor,
      log,
      disk: options.disk ?? memoryDisk(),
      watchdog: false,
      pace: { perSecond: 500, burst: 500, perOperation: false },
    })
    const house: House = new House(simulator, bridge, config, logLines)
    await bridge.start()
    return house
  }

  /** Reads the configuration anew: the one in force with some keys changed. */
  reload(changes: Parameters<typeof changed>[1]): Promise<Taken> {
    this.next = { config: changed(this.next.config, changes) }
    return this.bridge.reload()
  }

  /** Everything was read and published. */
  async ready(): Promise<this> {
    await until(() => this.bridge.ready, 20_000, 'the bridge being ready')
    const { devices } = this.bridge.inventory
    await until(
      () => [...devices.values()].every(({ specification }) => specification),
      20_000,
      'all specifications',
    )
    await until(() => this.bridge.health.links.queue.state !== 'down', 20_000, 'the queue being heard')
    await until(() => this.bridge.health.queues['outbox'] === 0, 20_000, 'an empty outbox')
    return this
  }

  /** Every one of these devices answers on the LAN. */
  async onLan(...deviceIds: readonly string[]): Promise<this> {
    const isUp = (id: string) => this.bridge.inventory.device(id)?.lanUp === true
    await until(() => deviceIds.every(isUp), 30_000, 'the devices on the LAN')
    return this
  }

  get url(): string {
    return this.config.mqtt.url ?? `mqtt://127.0.0.1:${this.bridge.ports.mqtt}`
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.bridge.ports.http}`
  }

  /** A client of the broker; ended with the house. */
  async client(options: mqtt.IClientOptions = {}): Promise<MqttClient> {
    const client = await mqtt.connectAsync(this.url, { reconnectPeriod: 0, protocolVersion: 4, ...options })
    this.#clients.push(client)
    return client
  }

  /** A client that keeps what it sees in `seen`; everything below the base unless told. */
  async observe(filter = `${this.config.mqtt.base}/#`): Promise<MqttClient> {
    const client = await this.client()
    client.on('message', (topic, payload, packet) => {
      this.seen.push({ topic, payload: payload.toString(), retain: packet.retain })
    })
    await client.subscribeAsync(filter, { qos: 1 })
    return client
  }

  /** Nothing new was seen for a while: what is retained has arrived. */
  async quiet(ms = 150): Promise<void> {
    for (let seen = -1; seen !== this.seen.length; ) {
      seen = this.seen.length
      await new Promise((resolve) => setTimeout(resolve, ms))
    }
  }

  /** Publishes below the base. */
  async publish(
    client: MqttClient,
    topic: string,
    payload: string | Buffer,
    options: mqtt.IClientPublishOptions = {},
  ): Promise<void> {
    await client.publishAsync(`${this.config.mqtt.base}/${topic}`, payload, { qos: 1, ...options })
  }

  /** The messages seen on a topic below the base, oldest first. */
  on(topic: string): Seen[] {
    return this.seen.filter((message) => message.topic === `${this.config.mqtt.base}/${topic}`)
  }

  /** The last payload on a topic below the base, as JSON. */
  last(topic: string): Record<string, unknown> | undefined {
    const message = this.on(topic).at(-1)
    return message === undefined || message.payload === ''
      ? undefined
      : (JSON.parse(message.payload) as Record<string, unknown>)
  }

  /** Waits for an answer on `result/<subject>`; `n` counts from the first. */
  async answer(subject: string, n = 1, withinMs = 20_000): Promise<Record<string, unknown>> {
    await until(() => this.on(`result/${subject}`).length >= n, withinMs, `answer ${n} on result/${subject}`)
    return JSON.parse(this.on(`result/${subject}`)[n - 1]?.payload ?? '{}') as Record<string, unknown>
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pages = await Promise.all(
      ['/readyz', '/metrics', '/livez'].map((page) =>
        fetch(this.httpUrl + page).then(
          (reply) => reply.text(),
          () => '',
        ),
      ),
    )
    for (const client of this.#clients) client.end(true)
    await this.bridge[Symbol.asyncDispose]()
    await this.simulator[Symbol.asyncDispose]()
    expectNoCanary(this.logLines, 'the log')
    expectNoCanary(
      this.seen.map(({ topic, payload }) => `${topic} ${payload}`),
      'a topic',
    )
    expectNoCanary(pages, 'a page')
  }
}
