import { Writable } from 'node:stream'
import type { Config } from '../../src/app/config-types.ts'
import { Log } from '../../src/app/log.ts'
import { Metrics } from '../../src/app/metrics.ts'
import { Voice } from '../../src/app/voice.ts'
import { valueCodec } from '../../src/codec/data-point/codec.ts'
import { unusedLan } from '../../src/domain/link.ts'
import { Inventory } from '../../src/inventory/inventory.ts'
import { ClientConnector } from '../../src/mqtt/client-link.ts'
import type { BrokerConnector, BrokerLink } from '../../src/mqtt/link.ts'
import type { Incoming } from '../../src/mqtt/message.ts'
import { seededRandom } from '../../src/util/random.ts'
import { Redactor } from '../../src/util/redact.ts'
import { testConfig } from './config.ts'
import { device, specification } from './mirrored.ts'
import { point } from './point.ts'
import { CompressedTime, type TestTime } from './time.ts'

export interface SpeakerOptions {
  readonly config?: Parameters<typeof testConfig>[0]
  readonly protocolVersion?: 4 | 5
  readonly time?: TestTime
  readonly connector?: BrokerConnector
  readonly clientId?: string
  readonly seed?: number
}

/** What became of a message that somebody waits for. */
export interface Awaited {
  readonly n: number
  delivered: boolean | undefined
}

/**
 * The half of the bridge that speaks with a broker elsewhere, with an inventory that the test fills: no cloud, no
 * commands. Its time is compressed unless the test wants the real one.
 */
export class Speaker implements AsyncDisposable {
  readonly time: TestTime
  readonly inventory: Inventory
  readonly voice: Voice
  readonly config: Config
  readonly metrics = new Metrics()
  readonly commands: Incoming[] = []
  readonly logLines: string[] = []
  /** Who waits for the acknowledgement of an event or a state; the ack gate in small. */
  readonly awaited: Awaited[] = []
  #link: BrokerLink | undefined
  #stopped: Promise<void> | undefined

  constructor(url: string, options: SpeakerOptions = {}) {
    const { time = new CompressedTime(), seed = 1, clientId = 'dp2mqtt-main' } = options
    this.time = time
    const { clock } = time
    // What a device says is a matter of state here; who wants its reports as events says so.
    const publish = { reports: false, ...options.config?.publish }
    this.config = testConfig({ mqtt: { url }, ...options.config, publish })
    this.inventory = new Inventory({ codec: valueCodec, now: () => clock.now() })
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        this.logLines.push(String(chunk))
        done()
      },
    })
    const log = new Log({ level: 'debug', format: 'json', redactor: new Redactor(), stream })
    const connector =
      options.connector ??
      new ClientConnector(
        {
          url,
          clientId,
          username: null,
          password: null,
          protocolVersion: options.protocolVersion ?? null,
          tls: { insecure: false },
        },
        clock,
      )
    this.voice = new Voice({
      config: this.config,
      connector: this.#watched(connector),
      inventory: this.inventory,
      metrics: this.metrics,
      log: log.part('mqtt'),
      clock,
      random: seededRandom(seed),
      paths: () => ({ lan: unusedLan, cloud: { state: 'up', sinceMs: 0, reason: null, lastMs: null } }),
      redact: (data) => data,
      onCommand: (message) => this.commands.push(message),
      onUp: () => {},
    })
    const { counts } = this.voice.outbox
    if (time instanceof CompressedTime) time.progress = () => counts.settled + counts.dead
  }

  start(): this {
    this.voice.start()
    return this
  }

  /** Waits until the connection is proved; gives how long it took. */
  up(withinMs = 10_000): Promise<number> {
    return this.time.until(() => this.isUp, withinMs, 'the connection being up')
  }

  get isUp(): boolean {
    return this.voice.session.health.state === 'up'
  }

  /** What waits in our own socket. */
  get unsentBytes(): number {
    return this.#link?.unsentBytes ?? 0
  }

  get reason(): string | null {
    return this.voice.session.health.reason
  }

  /** Waits until everything has been said and taken. */
  quiet(withinMs = 20_000): Promise<number> {
    const { outbox, publisher } = this.voice
    return this.time.until(
      () => this.isUp && outbox.size === 0 && !publisher.republishes,
      withinMs,
      'an empty outbox',
    )
  }

  /** `devices` devices with `points` values each, and a `text` that says nothing yet. */
  furnish(devices: number, points: number): void {
    const { inventory } = this
    const codes = Array.from({ length: points }, (_, i) => `point_${i}`)
    const text = point('string', { code: 'text', maxlen: 100_000 })
    inventory.setHome({ id: '1', name: 'Home' })
    inventory.setDevices(Array.from({ length: devices }, (_, i) => device(`device${i}`, { homeId: '1' })))
    for (let i = 0; i < devices; i++) {
      inventory.setSpecification(`device${i}`, specification([...codes, text]))
      this.report(`device${i}`, Object.fromEntries(codes.map((code) => [code, i])))
    }
  }

  /** A device says something now. */
  report(deviceId: string, values: Readonly<Record<string, unknown>>): void {
    const timeMs = this.time.clock.now()
    const points = Object.entries(values).map(([code, raw]) => ({ code, raw, timeMs }))
    this.inventory.apply({ deviceId, source: 'queue', receivedMs: timeMs, points })
  }

  /** An event that somebody waits for; undefined when there was no room for it. */
  event(kind = 'gap'): Awaited | undefined {
    const one: Awaited = { n: this.awaited.length, delivered: undefined }
    const taken = this.voice.publisher.tell(
      'eventBridge',
      { kind },
      { text: JSON.stringify({ n: one.n }), contentType: 'application/json' },
      { settle: (delivered) => settleOnce(one, delivered) },
    )
    if (!taken) return undefined
    this.awaited.push(one)
    return one
  }

  get delivered(): number {
    return this.awaited.filter(({ delivered }) => delivered).length
  }

  /** What every retained topic of ours should say now. */
  get truth(): Map<string, string> {
    return new Map([...this.voice.publisher.owned.messages()].map(({ topic, payload }) => [topic, payload]))
  }

  #watched(connector: BrokerConnector): BrokerConnector {
    return {
      address: connector.address,
      connect: async (options) => {
        this.#link = await connector.connect(options)
        return this.#link
      },
    }
  }

  /** Ends as in a shutdown; time passes meanwhile. */
  async stop(): Promise<void> {
    this.#stopped ??= this.voice.stop()
    let isStopped = false
    const stopping = this.#stopped.then(() => {
      isStopped = true
    })
    await this.time.until(() => isStopped, 10_000, 'the end')
    await stopping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

function settleOnce(one: Awaited, delivered: boolean): void {
  if (one.delivered !== undefined) throw new Error(`event ${one.n} was settled twice`)
  one.delivered = delivered
}
