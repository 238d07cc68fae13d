import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { EmbeddedBroker } from '../../src/mqtt/broker/broker.ts'
import { EmbeddedConnector } from '../../src/mqtt/broker/embedded-link.ts'
import type { BrokerLimits } from '../../src/mqtt/broker/limits.ts'
import type { Persistence } from '../../src/mqtt/broker/retained.ts'
import { type BrokerUser, Users } from '../../src/mqtt/broker/users.ts'
import type { BrokerLink } from '../../src/mqtt/link.ts'
import type { Incoming } from '../../src/mqtt/message.ts'
import { type Clock, systemClock } from '../../src/util/clock.ts'
import { hashPassword } from '../../src/util/password.ts'
import { RawClient } from './raw-client.ts'

export interface BrokerBenchOptions {
  /** Name, password and role of everyone who may come; nobody = everyone may. */
  readonly users?: readonly (readonly [name: string, password: string, role: BrokerUser['role']])[]
  readonly clock?: Clock
  readonly publishesPerSecond?: number
  readonly limits?: Partial<BrokerLimits>
  readonly persistence?: Persistence
  readonly webSocketPort?: number
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** A message that somebody received. */
export interface Received {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
}

/** The broker inside, alone, with clients that end with it. */
export class BrokerBench implements AsyncDisposable {
  readonly broker: EmbeddedBroker
  /** What the broker told of its troubles. */
  readonly troubles: string[]
  readonly #clients: MqttClient[] = []
  readonly #raw: RawClient[] = []

  private constructor(broker: EmbeddedBroker, troubles: string[]) {
    this.broker = broker
    this.troubles = troubles
  }

  static async open(options: BrokerBenchOptions = {}): Promise<BrokerBench> {
    const clock = options.clock ?? systemClock
    const troubles: string[] = []
    const { limits, persistence, users } = options
    const broker = await EmbeddedBroker.start({
      host: '127.0.0.1',
      port: 0,
      webSocketPort: options.webSocketPort ?? null,
      tls: options.tls ?? null,
      users: new Users(users ? await Promise.all(users.map(toUser)) : null, 'tuya', clock),
      base: 'tuya',
      clock,
      publishesPerSecond: options.publishesPerSecond ?? 50,
      onTrouble: (what) => troubles.push(what),
      ...(limits ? { limits } : {}),
      ...(persistence ? { persistence } : {}),
    })
    return new BrokerBench(broker, troubles)
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.broker.port}`
  }

  async client(options: IClientOptions = {}, url = this.url): Promise<MqttClient> {
    const client = mqtt.connect(url, { reconnectPeriod: 0, protocolVersion: 4, ...options })
    this.#clients.push(client)
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve())
      client.once('error', reject)
      client.once('close', () => reject(new Error('closed before CONNACK')))
    })
    client.on('error', () => {})
    return client
  }

  /** A client with a subscription, and what it has received. */
  async reader(
    filter: string | string[],
    options: IClientOptions = {},
  ): Promise<{ client: MqttClient; seen: Received[] }> {
    const client = await this.client(options)
    const seen: Received[] = []
    client.on('message', (topic, payload, { retain }) =>
      seen.push({ topic, payload: payload.toString(), retain }),
    )
    await client.subscribeAsync(filter, { qos: 1 })
    return { client, seen }
  }

  /** The reason code with which a client is refused; 0 when it is let in. */
  async refusal(options: IClientOptions): Promise<number> {
    try {
      const client = await this.client(options)
      client.end(true)
      return 0
    } catch (thrown) {
      return (thrown as { code?: number }).code ?? -1
    }
  }

  async raw(): Promise<RawClient> {
    const client = await RawClient.open(this.broker.port)
    this.#raw.push(client)
    return client
  }

  /** A raw client past its CONNACK. */
  async rawConnected(options: Parameters<typeof RawClient.connected>[1] = {}): Promise<RawClient> {
    const client = await RawClient.connected(this.broker.port, options)
    this.#raw.push(client)
    return client
  }

  /** The bridge's own way in. */
  async link(onMessage: (message: Incoming) => void = () => {}): Promise<BrokerLink> {
    const connector = new EmbeddedConnector(this.broker)
    return connector.connect({ suffix: '', onMessage, signal: new AbortController().signal })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.end(true)
    for (const client of this.#raw) client[Symbol.dispose]()
    await this.broker[Symbol.asyncDispose]()
  }
}

/** There and back: what the broker had for this client before has arrived. */
export async function roundTrip(...clients: readonly MqttClient[]): Promise<void> {
  for (const client of clients) await client.unsubscribeAsync('nothing/of/that/kind')
}

/** Hashing is slow on purpose: once for each password is enough. */
const hashes = new Map<string, Promise<string>>()

async function toUser([name, password, role]: readonly [
  string,
  string,
  BrokerUser['role'],
]): Promise<BrokerUser> {
  const hash = hashes.get(password) ?? hashPassword(password)
  hashes.set(password, hash)
  return { name, passwordHash: await hash, role, read: [], write: [] }
}
