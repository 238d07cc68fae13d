import { Socket } from 'node:net'
import { Writable } from 'node:stream'
import mqtt, { type MqttClient } from 'mqtt'
import { Bridge } from '../../src/app/bridge.ts'
import { memoryDisk } from '../../src/app/demo.ts'
import { Log } from '../../src/app/log.ts'
import type { SnapshotDisk } from '../../src/app/snapshot-file.ts'
import type { OutboxCaps } from '../../src/mqtt/outbox.ts'
import { Simulator } from '../../src/simulator/simulator.ts'
import type { WorldFile } from '../../src/simulator/world-file.ts'
import { QueueLinkError } from '../../src/transport/queue/link-error.ts'
import type { OpenSocket, QueueSocket } from '../../src/transport/queue/socket.ts'
import { wsOpener } from '../../src/transport/queue/ws-socket.ts'
import { seededRandom } from '../../src/util/random.ts'
import { Redactor } from '../../src/util/redact.ts'
import { Secret } from '../../src/util/secret.ts'
import { canaries, expectNoCanary } from './canary.ts'
import { testConfig } from './config.ts'
import { DirectExchange } from './direct-exchange.ts'
import { directQueue } from './direct-queue.ts'
import { canaryWorld } from './house.ts'
import { CompressedTime } from './time.ts'
import { until } from './until.ts'

export interface VirtualHouseOptions {
  readonly config?: Parameters<typeof testConfig>[0]
  readonly world?: WorldFile
  readonly faults?: readonly string[]
  /** Listens to the simulator's queue; otherwise state is read from time to time. */
  readonly listens?: boolean
  /** How long the queue waits for an acknowledgement, where not as long as it was asked to. */
  readonly ackTimeoutMs?: number
  /** Listens there instead, over sockets. */
  readonly queueBase?: string
  /** Settings of the queue besides those that lead to it. */
  readonly queue?: object
  /** A broker of the test's own; otherwise the one inside. */
  readonly brokerUrl?: string
  readonly disk?: SnapshotDisk
  readonly outboxCaps?: OutboxCaps
  /** The bridge starts without a cloud. */
  readonly cloudDown?: boolean
}

/**
 * A whole house whose time passes as the test says: bridge and simulated cloud on one clock, with no socket but those
 * of MQTT clients. Ends with the search for secrets in all that left the bridge.
 */
export class VirtualHouse implements AsyncDisposable {
  readonly time = new CompressedTime()
  readonly simulator: Simulator
  readonly bridge: Bridge
  /** What the bridge asks the cloud goes through here. */
  readonly http: DirectExchange
  readonly seen: { readonly topic: string; readonly payload: string }[] = []
  /** The final answers so far, from the broadcast topics. */
  readonly answers: Record<string, unknown>[] = []
  readonly #logLines: string[] = []
  readonly #clients: MqttClient[] = []
  #queueSocket: QueueSocket | undefined

  private constructor(options: VirtualHouseOptions) {
    const {
      config,
      world = canaryWorld(),
      faults = [],
      listens = false,
      brokerUrl,
      disk,
      outboxCaps,
      ackTimeoutMs,
      queueBase,
      queue,
    } = options
    const { clock } = this.time
    this.simulator = new Simulator({
      world,
      alive: false,
      seed: 1,
      clock,
      faults: ['throttle=100000', ...faults],
    })
    this.http = new DirectExchange(this.simulator.cloud, clock)
    const redactor = new Redactor()
    redactor.learn(canaries.accessSecret)
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        this.#logLines.push(String(chunk))
        done()
      },
    })
    const { accessId, accessSecret } = this.simulator.address.cloud
    this.bridge = new Bridge({
      config: testConfig({
        tuya: {
          region: 'eu',
          endpoint: 'http://127.0.0.1:1',
          accessId,
          accessSecret: new Secret(accessSecret),
          accessSecretFile: null,
          uid: null,
          homes: [],
          schema: null,
        },
        budget: { cloudCallsPerDay: 10_000_000 },
        broker: { port: 0, publishesPerClientPerSecond: 1_000_000 },
        poll: { minSeconds: 3_600 },
        queue: { channel: listens ? 'pulsar' : 'off', url: queueBase ?? 'ws://127.0.0.1:1/', ...queue },
        ...(brokerUrl === undefined ? {} : { mqtt: { url: brokerUrl } }),
        ...config,
      } as never),
      redactor,
      log: new Log({ level: 'debug', format: 'json', redactor, stream }),
      clock,
      random: seededRandom(1),
      http: this.http,
      queueSockets: {
        pulsar: queueBase ? wsOpener({ insecure: false }, clock) : this.#queueOpener(ackTimeoutMs),
      },
      pace: { perSecond: 10_000, burst: 10_000, perOperation: false },
      disk: disk ?? memoryDisk(),
      ...(outboxCaps ? { outboxCaps } : {}),
      watchdog: false,
    })
  }

  /** The line to the queue is cut. */
  cutQueue(): void {
    this.#queueSocket?.destroy(new QueueLinkError('closed', 'The line was cut.'))
  }

  #queueOpener(ackTimeoutMs?: number): OpenSocket {
    const open = directQueue(this.simulator, this.time.clock, ackTimeoutMs)
    return async (options) => {
      this.#queueSocket = await open(options)
      return this.#queueSocket
    }
  }

  /** Open, and everything read. */
  static async open(options: VirtualHouseOptions = {}): Promise<VirtualHouse> {
    const house = new VirtualHouse(options)
    if (options.listens) house.simulator.queue.start()
    if (options.cloudDown) house.simulator.faults.set('http=503')
    await house.bridge.start()
    if (options.cloudDown) return house
    const { devices } = house.bridge.inventory
    const isRead = () =>
      house.bridge.ready &&
      devices.size === house.simulator.world.devices.size &&
      [...devices.values()].every(({ specification }) => specification)
    await house.time.until(isRead, 60_000, 'the house being read')
    if (options.listens) await house.hears()
    return house
  }

  /** The queue is heard, and all that was to be said has been said. */
  async hears(withinMs = 120_000): Promise<number> {
    const { bridge, time } = this
    const isQuiet = () => bridge.health.links.queue.state === 'up' && bridge.health.queues['outbox'] === 0
    return time.until(isQuiet, withinMs, 'the queue being heard')
  }

  /** A client that keeps what it sees on the answers' topics. */
  async client(filters: string[] = ['tuya/result/#', 'tuya/reply/#']): Promise<MqttClient> {
    const url = `mqtt://127.0.0.1:${this.bridge.ports.mqtt}`
    const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, protocolVersion: 4 })
    // Its packets are small and many; in real time each would wait for the answer to the one before.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true)
    this.#clients.push(client)
    client.on('message', (topic, payload) => this.#see(topic, payload.toString()))
    if (filters.length > 0) await client.subscribeAsync(filters, { qos: 1 })
    return client
  }

  /** What the client has published before has arrived at the bridge; the broker may let it wait for a moment. */
  async arrived(client: MqttClient): Promise<void> {
    let isBack = false
    client.unsubscribe('nothing', () => {
      isBack = true
    })
    await this.time.until(() => isBack, 1_000, 'the answer of the broker')
  }

  #see(topic: string, payload: string): void {
    this.seen.push({ topic, payload })
    if (topic.startsWith('tuya/result/')) this.answers.push(JSON.parse(payload) as Record<string, unknown>)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.end(true)
    let stopped = false
    const stopping = this.bridge[Symbol.asyncDispose]().finally(() => {
      stopped = true
    })
    while (!stopped) await this.time.pass(100)
    await stopping
    this.simulator.queue.stop()
    await until(() => stopped)
    expectNoCanary(this.#logLines, 'the log')
    expectNoCanary(
      this.seen.map(({ topic, payload }) => `${topic} ${payload}`),
      'a topic',
    )
  }
}
