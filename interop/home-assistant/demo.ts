import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { until } from '../../test/support/until.ts'
import { Child } from '../child.ts'
import { program } from '../simulator.ts'

/** The demo with trees of other conventions switched on, and somebody who listens to everything. */
export class Demo implements AsyncDisposable {
  readonly port: number
  /** What is retained, by topic. */
  readonly retained = new Map<string, string>()
  readonly client: MqttClient
  readonly child: Child
  readonly #file: string

  private constructor(child: Child, port: number, client: MqttClient, file: string) {
    this.child = child
    this.port = port
    this.client = client
    this.#file = file
  }

  static async start(folder: string, publish: Readonly<Record<string, unknown>>): Promise<Demo> {
    const file = join(folder, 'dp2mqtt.yaml')
    await writeFile(file, configuration(publish))
    const child = new Child(process.execPath, [program, '--config', file, 'serve', '--demo'])
    const port = await until(
      () => Number(/a broker on mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(child.out)?.[1]) || !child.running,
      60_000,
      'the demo',
    )
    if (typeof port !== 'number') throw new Error(`the demo ended:\n${child.err}${child.out}`)
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`)
    const demo = new Demo(child, port, client, file)
    client.on('message', (topic, payload) => {
      if (payload.byteLength === 0) demo.retained.delete(topic)
      else demo.retained.set(topic, payload.toString())
    })
    await client.subscribeAsync('#', { qos: 0 })
    await until(() => demo.isRead, 60_000, 'the demo’s devices')
    return demo
  }

  /** Everything was read once. */
  get isRead(): boolean {
    const info = this.retained.get('tuya/bridge/info')
    if (info === undefined || JSON.parse(info).counts.devices < 20) return false
    const trees: readonly string[] = JSON.parse(info).trees
    return !trees.includes('homeassistant') || this.documents.size >= 24
  }

  /** Discovery documents by topic. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever stands in them
  get documents(): ReadonlyMap<string, any> {
    return new Map(
      [...this.retained]
        .filter(([topic]) => /^homeassistant\/device\/.*\/config$/.test(topic))
        .map(([topic, text]) => [topic, JSON.parse(text)]),
    )
  }

  point(device: string, code: string): string | undefined {
    return this.retained.get(`tuya/state/device/${device}/dp/${code}`)
  }

  async say(topic: string, payload: string): Promise<void> {
    await this.client.publishAsync(topic, payload, { qos: 1 })
  }

  /** The settings change while it runs. */
  async publish(settings: Readonly<Record<string, unknown>>): Promise<void> {
    await writeFile(this.#file, configuration(settings))
    this.child.signal('SIGHUP')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.endAsync(true)
    await this.child.stop()
  }
}

function configuration(publish: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ publish, broker: { port: 0 }, http: { port: 0 }, log: { level: 'warn' } })
}
