import { setTimeout as sleep } from 'node:timers/promises'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { Simulator } from '../../src/simulator/simulator.ts'
import { demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'
import { Folder } from '../../test/support/folder.ts'
import { freePort } from '../../test/support/process.ts'
import { until } from '../../test/support/until.ts'
import { Child, type Exit } from '../child.ts'
import { program } from '../simulator.ts'
import type { BrokerPlace, Role } from './broker.ts'
import { Observer } from './observer.ts'

export type Version = 4 | 5
export const versions: readonly Version[] = [5, 4]

export function named(version: Version): string {
  return version === 5 ? 'MQTT 5' : 'MQTT 3.1.1'
}

/** Starts the bridge with these settings; the built program unless a test has another, such as the image. */
export type Launch = (settings: Readonly<Record<string, string>>) => Child

export interface RigOptions {
  readonly broker: BrokerPlace
  readonly version: Version | null
  /** Where the bridge connects, when that is not the broker itself. */
  readonly bridgeUrl?: string
  readonly world?: WorldFile
  /** Further settings, by their variables. */
  readonly settings?: Readonly<Record<string, string>>
  readonly launch?: Launch
}

/** The demo's world with a marked secret. */
export function markedWorld(base: WorldFile = demoWorld()): WorldFile {
  return { ...base, project: { ...base.project, accessSecret: secrets.accessSecret } }
}

const secrets = { accessSecret: 'canary-access-secret-7f3b1d' } as const

/** The bridge as a process of its own, between a simulated cloud in this process and a broker that others wrote. */
export class Rig implements AsyncDisposable {
  readonly simulator: Simulator
  readonly broker: BrokerPlace
  readonly version: Version | null
  readonly #settings: Readonly<Record<string, string>>
  readonly #launch: Launch
  readonly #folder: Folder
  readonly #httpPort: number
  readonly #clients: MqttClient[] = []
  #bridge: Child

  private constructor(options: RigOptions, simulator: Simulator, folder: Folder, httpPort: number) {
    const { broker, version } = options
    this.simulator = simulator
    this.broker = broker
    this.version = version
    this.#folder = folder
    this.#httpPort = httpPort
    this.#launch =
      options.launch ?? ((env) => new Child(process.execPath, [program], { env, cwd: folder.path }))
    const { endpoint, accessId, accessSecret } = simulator.address.cloud
    this.#settings = {
      DP2MQTT_TUYA_ENDPOINT: endpoint,
      DP2MQTT_TUYA_ACCESS_ID: accessId,
      DP2MQTT_TUYA_ACCESS_SECRET: accessSecret,
      DP2MQTT_BUDGET_CLOUD_CALLS_PER_DAY: '1000000',
      DP2MQTT_POLL_MIN_SECONDS: '1',
      DP2MQTT_MQTT_URL: options.bridgeUrl ?? broker.url,
      DP2MQTT_HTTP_PORT: String(httpPort),
      DP2MQTT_LOG_FORMAT: 'json',
      ...(options.launch ? {} : { DP2MQTT_STATE_DIRECTORY: folder.file('state') }),
      ...(version === null ? {} : { DP2MQTT_MQTT_PROTOCOL_VERSION: String(version) }),
      ...(broker.password
        ? { DP2MQTT_MQTT_USERNAME: 'bridge', DP2MQTT_MQTT_PASSWORD: broker.password('bridge') }
        : {}),
      ...options.settings,
    }
    this.#bridge = this.#launch(this.#settings)
  }

  static async open(options: RigOptions): Promise<Rig> {
    const world = options.world ?? markedWorld()
    const simulator = new Simulator({ world, alive: false, seed: 1, faults: ['throttle=1000'] })
    await simulator.start()
    return new Rig(options, simulator, new Folder(), await freePort())
  }

  /** The bridge's process. */
  get bridge(): Child {
    return this.#bridge
  }

  /** Everything was read, proved and published; how soon is no matter here, and a busy machine takes its time. */
  async ready(withinMs = 60_000): Promise<void> {
    const end = performance.now() + withinMs
    for (;;) {
      if ((await this.page('/readyz')).startsWith('{"ready":true') && (await this.#idle())) return
      if (!this.#bridge.running) throw new Error(`the bridge ended:\n${this.#bridge.err}`)
      if (performance.now() > end)
        throw new Error(`the bridge is not ready:\n${this.#bridge.err.slice(-4_000)}`)
      await sleep(100)
    }
  }

  async #idle(): Promise<boolean> {
    return (await this.metric('outbox_messages')) === 0
  }

  /** A page of the bridge; empty while nobody answers. */
  async page(path: string): Promise<string> {
    return fetch(`http://127.0.0.1:${this.#httpPort}${path}`).then(
      (reply) => reply.text(),
      () => '',
    )
  }

  /** A counter or gauge by its name and, where it has one, its label. */
  async metric(name: string, label = ''): Promise<number | undefined> {
    const row = (await this.page('/metrics'))
      .split('\n')
      .find((line) => line.startsWith(`dp2mqtt_${name}`) && line.includes(label))
    return row === undefined ? undefined : Number(row.split(' ').at(-1))
  }

  /** State and reason of the bridge's link to the broker, as everybody may see them. */
  async link(): Promise<{ readonly state: string; readonly reason: string | null }> {
    const page = await this.page('/readyz')
    const { links } = (
      page === '' ? { links: { mqtt: { state: 'gone', reason: null } } } : JSON.parse(page)
    ) as {
      links: { mqtt: { state: string; reason: string | null } }
    }
    return links.mqtt
  }

  /** Waits for a state or a reason of the link; gives the milliseconds that it took. */
  async linkTurns(word: string, withinMs: number): Promise<number> {
    const startMs = performance.now()
    for (;;) {
      const { state, reason } = await this.link()
      if (state === word || reason === word) return performance.now() - startMs
      if (performance.now() - startMs > withinMs)
        throw new Error(
          `the link is ${state} (${reason}), not ${word}, after ${withinMs} ms\n${this.#bridge.err.slice(-2_000)}`,
        )
      await sleep(20)
    }
  }

  /** A client of the broker, ended with the rig. */
  async client(role: Role, version: Version = 5, options: IClientOptions = {}): Promise<MqttClient> {
    const { url, password } = this.broker
    const client = await mqtt.connectAsync(url, {
      protocolVersion: version,
      reconnectPeriod: 0,
      ...(password ? { username: role, password: password(role) } : {}),
      ...options,
    })
    client.on('error', () => {})
    this.#clients.push(client)
    return client
  }

  /** Sees everything below the base, first what is retained. */
  async observe(
    options: { readonly filter?: string; readonly qos?: 0 | 1; readonly version?: Version } = {},
  ): Promise<Observer> {
    const client = await this.client('administrator', options.version ?? 5)
    const observer = new Observer(client)
    await client.subscribeAsync(options.filter ?? 'tuya/#', { qos: options.qos ?? 1 })
    return observer
  }

  /** Commands that reached the simulated cloud for a device. */
  writes(deviceId: string): number {
    return this.simulator.journal.entries('command', deviceId).length
  }

  async stopBridge(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    return this.#bridge.stop(signal)
  }

  startBridge(): void {
    this.#bridge = this.#launch(this.#settings)
  }

  /** Waits until something is true of the outside. */
  async until(condition: () => boolean, withinMs: number, what: string): Promise<void> {
    await until(condition, withinMs, what)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.end(true)
    await this.#bridge[Symbol.asyncDispose]()
    await this.simulator[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}
