import { type Child, freePort, startBridge, startScript } from './child.ts'
import type { Source } from './queue-source.ts'

/** The simulated cloud with a queue, a broker, and the built bridge between them, each a process of its own. */
export class QueueBridge implements AsyncDisposable {
  readonly source: Child
  readonly bridge: Child
  /** The broker. */
  readonly url: string
  readonly #broker: Child

  private constructor(source: Child, broker: Child, bridge: Child, url: string) {
    this.source = source
    this.bridge = bridge
    this.url = url
    this.#broker = broker
  }

  static async start(directory: string, devices: number): Promise<QueueBridge> {
    const source = await startScript('queue-source.ts', [String(devices)])
    const { address, queueUrl } = source.said as Source
    const port = await freePort()
    const broker = await startScript('plain-broker.ts', [String(port)])
    const url = `mqtt://127.0.0.1:${port}`
    const settings = {
      DP2MQTT_MQTT_URL: url,
      DP2MQTT_BUDGET_CLOUD_CALLS_PER_DAY: '10000000',
      DP2MQTT_QUEUE_URL: queueUrl,
    }
    const { child } = await startBridge(address, settings, directory)
    return new QueueBridge(source, broker, child, url)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of [this.bridge, this.#broker, this.source]) await child[Symbol.asyncDispose]()
  }
}
