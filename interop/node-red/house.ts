import mqtt from 'mqtt'
import { Simulator } from '../../src/simulator/simulator.ts'
import { demoWorld } from '../../src/simulator/world-file.ts'
import { Folder } from '../../test/support/folder.ts'
import { freePort } from '../../test/support/process.ts'
import { Child } from '../child.ts'
import { Observer } from '../mosquitto/observer.ts'
import { program } from '../simulator.ts'

export interface HouseOptions {
  /** The literal demo, whose world nobody but itself can touch. */
  readonly demo?: boolean
  /** A broker elsewhere; else the one inside. */
  readonly port?: number
  /** Settings besides. */
  readonly settings?: Readonly<Record<string, string>>
}

/** The demo's house: the built bridge, with the simulated world in this process so that its buttons can be pressed. */
export class DemoHouse implements AsyncDisposable {
  readonly port: number
  readonly observer: Observer
  readonly #simulator: Simulator | undefined
  readonly #bridge: Child
  readonly #folder: Folder
  readonly #env: Readonly<Record<string, string>>

  private constructor(parts: {
    port: number
    observer: Observer
    simulator: Simulator | undefined
    bridge: Child
    folder: Folder
    env: Readonly<Record<string, string>>
  }) {
    this.port = parts.port
    this.observer = parts.observer
    this.#simulator = parts.simulator
    this.#bridge = parts.bridge
    this.#folder = parts.folder
    this.#env = parts.env
  }

  static async open({ demo = false, port: elsewhere, settings = {} }: HouseOptions = {}): Promise<DemoHouse> {
    const simulator = demo
      ? undefined
      : new Simulator({ world: demoWorld(), seed: 1, faults: ['throttle=1000'] })
    const address = await simulator?.start()
    const [port, httpPort] = [elsewhere ?? (await freePort()), await freePort()]
    const folder = new Folder()
    const env = {
      DP2MQTT_HTTP_PORT: String(httpPort),
      DP2MQTT_BROKER_PORT: String(port),
      DP2MQTT_LOG_FORMAT: 'json',
      ...settings,
      ...(elsewhere === undefined ? {} : { DP2MQTT_MQTT_URL: `mqtt://127.0.0.1:${elsewhere}` }),
      ...(address && {
        DP2MQTT_TUYA_ENDPOINT: address.cloud.endpoint,
        DP2MQTT_TUYA_ACCESS_ID: address.cloud.accessId,
        DP2MQTT_TUYA_ACCESS_SECRET: address.cloud.accessSecret,
        DP2MQTT_QUEUE_URL: address.queue.url,
        DP2MQTT_STATE_DIRECTORY: folder.file('state'),
      }),
    }
    const args = demo ? ['serve', '--demo'] : ['serve']
    const bridge = new Child(process.execPath, [program, ...args], { env, cwd: folder.path })
    await ready(bridge, httpPort)
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
      protocolVersion: 4,
      reconnectPeriod: 0,
    })
    client.on('error', () => {})
    const observer = new Observer(client)
    await client.subscribeAsync('tuya/#', { qos: 1 })
    return new DemoHouse({ port, observer, simulator, bridge, folder, env })
  }

  /** Somebody presses, or a sensor says something. */
  report(device: string, values: Readonly<Record<string, unknown>>): void {
    this.#simulator?.world.report(device, values)
  }

  /** Commands that reached the simulated cloud for a device. */
  writes(device: string): number {
    return this.#simulator?.journal.entries('command', device).length ?? 0
  }

  /** What another command of the program prints, in the same surroundings. */
  async run(...args: readonly string[]): Promise<string> {
    await using child = new Child(process.execPath, [program, ...args], {
      env: this.#env,
      cwd: this.#folder.path,
    })
    const { code } = await child.exited
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${child.err}`)
    return child.out
  }

  async stopBridge(): Promise<void> {
    await this.#bridge.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.observer.client.end(true)
    await this.#bridge[Symbol.asyncDispose]()
    await this.#simulator?.[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}

async function ready(bridge: Child, httpPort: number): Promise<void> {
  for (const end = performance.now() + 90_000; ; ) {
    const page = await fetch(`http://127.0.0.1:${httpPort}/readyz`).then(
      (reply) => reply.text(),
      () => '',
    )
    if (page.startsWith('{"ready":true')) return
    if (!bridge.running || performance.now() > end) throw new Error(`the bridge is not ready:\n${bridge.err}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
