import { setTimeout as sleep } from 'node:timers/promises'
import { Simulator } from '../../src/simulator/simulator.ts'
import type { WorldFile } from '../../src/simulator/world-file.ts'
import { Folder } from '../../test/support/folder.ts'
import { freePort } from '../../test/support/process.ts'
import { Child } from '../child.ts'
import { program } from '../simulator.ts'

/** The built bridge with its broker inside, as somebody starts it, and a simulated cloud in this process. */
export class PageRig implements AsyncDisposable {
  readonly simulator: Simulator
  readonly port: number
  readonly #env: Readonly<Record<string, string>>
  readonly #folder: Folder
  #bridge: Child

  private constructor(
    simulator: Simulator,
    port: number,
    env: Readonly<Record<string, string>>,
    folder: Folder,
  ) {
    this.simulator = simulator
    this.port = port
    this.#env = env
    this.#folder = folder
    this.#bridge = this.#start()
  }

  static async open(world: WorldFile, settings: Readonly<Record<string, string>> = {}): Promise<PageRig> {
    const simulator = new Simulator({
      world,
      alive: false,
      seed: 1,
      faults: ['throttle=1000'],
      queueHandOverMs: 0,
    })
    await simulator.start()
    const { cloud, queue } = simulator.address
    const [http, broker, folder] = [await freePort(), await freePort(), new Folder()]
    const rig = new PageRig(
      simulator,
      http,
      {
        DP2MQTT_TUYA_ENDPOINT: cloud.endpoint,
        DP2MQTT_TUYA_ACCESS_ID: cloud.accessId,
        DP2MQTT_TUYA_ACCESS_SECRET: cloud.accessSecret,
        DP2MQTT_QUEUE_URL: queue.url,
        DP2MQTT_BUDGET_CLOUD_CALLS_PER_DAY: '1000000',
        DP2MQTT_BROKER_PORT: String(broker),
        DP2MQTT_HTTP_PORT: String(http),
        DP2MQTT_STATE_DIRECTORY: folder.file('state'),
        ...settings,
      },
      folder,
    )
    await rig.ready()
    return rig
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** What a simulated device has. */
  value(device: string, code: string): unknown {
    return this.simulator.world.devices.get(device)?.status.get(code)
  }

  /** The bridge ends and comes back at the same place. */
  async restart(): Promise<void> {
    await this.#bridge[Symbol.asyncDispose]()
    this.#bridge = this.#start()
  }

  /** Everything is read, described and heard. */
  async ready(): Promise<void> {
    const asks = async () => {
      const page = await fetch(`${this.url}/metrics`).then(
        (reply) => reply.text(),
        () => '',
      )
      const isRead = page.includes(`dp2mqtt_devices ${this.simulator.world.devices.size}\n`)
      return (
        isRead &&
        page.includes('dp2mqtt_link_up{link="queue"} 1') &&
        page.includes('dp2mqtt_outbox_messages 0')
      )
    }
    const end = performance.now() + 60_000
    while (!(await asks())) {
      if (!this.#bridge.running) throw new Error(`the bridge ended:\n${this.#bridge.err}`)
      if (performance.now() > end)
        throw new Error(`the bridge is not ready:\n${this.#bridge.err.slice(-4_000)}`)
      await sleep(100)
    }
  }

  #start(): Child {
    return new Child(process.execPath, [program], { env: this.#env, cwd: this.#folder.path })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bridge[Symbol.asyncDispose]()
    await this.simulator[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}
