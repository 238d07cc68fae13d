import type { Duplex } from 'node:stream'
import { Aedes, type Client, type PublishPacket } from 'aedes'
import { type Clock, every, type Timer } from '../../util/clock.ts'
import { deferred } from '../../util/deferred.ts'
import { contains } from '../filter.ts'
import '../lean-packets.ts'
import { Denials } from './denials.ts'
import { Doorman, type Visitor } from './doorman.ts'
import { type BrokerLimits, brokerLimits } from './limits.ts'
import { Listeners } from './listeners.ts'
import {
  type AedesClient,
  holderOf,
  ignoreFellowBrokers,
  keepDeliveryOrder,
  watchPackets,
} from './privates.ts'
import { memoryStore, type Persistence, RetainedStore } from './retained.ts'
import { Shortcut } from './shortcut.ts'
import { guardStore } from './store-guard.ts'
import { PublishThrottle } from './throttle.ts'
import type { Users } from './users.ts'

export interface BrokerOptions {
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  readonly webSocketPort: number | null
  readonly tls: { readonly cert: string; readonly key: string } | null
  readonly users: Users
  readonly base: string
  /** Filters of commands below other bases. */
  readonly alsoObeyed?: readonly string[]
  readonly clock: Clock
  readonly publishesPerSecond: number
  readonly onTrouble: (what: string, thrown: unknown) => void
  readonly limits?: Partial<BrokerLimits>
  readonly persistence?: Persistence
}

const silenceCheckMs = 1_000

interface Guest extends Visitor {
  readonly client: AedesClient
  readonly throttle: PublishThrottle
  heardAt: number
}

export type BrokerRefusals =
  | 'connections'
  | 'packet-size'
  | 'silent'
  | 'login'
  | 'client-id'
  | 'publish'
  | 'subscribe'
  | 'rate'

/** The broker inside: aedes with the limits, users and rights of R-E1 to R-E6. */
export class EmbeddedBroker implements AsyncDisposable {
  readonly aedes: Aedes
  readonly retained: RetainedStore
  readonly shortcut: Shortcut
  readonly refused: Record<BrokerRefusals, number> = {
    connections: 0,
    'packet-size': 0,
    silent: 0,
    login: 0,
    'client-id': 0,
    publish: 0,
    subscribe: 0,
    rate: 0,
  }
  readonly #options: BrokerOptions
  readonly #limits: BrokerLimits
  readonly #listeners: Listeners
  /** Everyone who came, also while a will is read; and those who are here. */
  readonly #guests = new WeakMap<object, Guest>()
  readonly #present = new Set<Guest>()
  readonly #doorman: Doorman
  #silenceCheck: Timer | undefined

  private constructor(options: BrokerOptions) {
    const { host, tls, base, clock, onTrouble, alsoObeyed = [] } = options
    const limits = { ...brokerLimits, ...options.limits }
    this.#options = options
    this.#limits = limits
    this.#doorman = new Doorman({
      users: options.users,
      denials: new Denials(clock, limits),
      filtersPerClient: limits.filtersPerClient,
      refused: this.refused,
    })
    const store = options.persistence ?? memoryStore()
    guardStore(store, clock, (thrown) => onTrouble('broker store', thrown))
    const commands = `${base}/cmd/`
    const isCommand = (topic: string) =>
      topic.startsWith(commands) || alsoObeyed.some((filter) => contains(filter, topic))
    this.retained = new RetainedStore(isCommand, limits, store)
    this.shortcut = new Shortcut(isCommand)
    this.aedes = this.#createAedes()
    this.#listeners = new Listeners({
      host,
      tls,
      limits,
      onConnection: (conn, address) => this.#welcome(conn, address),
      onRefused: () => this.refused.connections++,
      onTrouble,
    })
  }

  /** Rejects with the system's error when an address cannot be had. */
  static async start(options: BrokerOptions): Promise<EmbeddedBroker> {
    const broker = new EmbeddedBroker(options)
    const { aedes } = broker
    await aedes.listen()
    keepDeliveryOrder(aedes)
    ignoreFellowBrokers(aedes)
    broker.#silenceCheck = every(options.clock, silenceCheckMs, () => broker.#endTheSilent())
    try {
      await broker.#listeners.openTcp(options.port)
      if (options.webSocketPort !== null) await broker.#listeners.openWebSocket(options.webSocketPort)
    } catch (thrown) {
      await broker[Symbol.asyncDispose]()
      throw thrown
    }
    return broker
  }

  /** The port of the first listener. */
  get port(): number {
    return this.#listeners.port
  }

  get connections(): number {
    return this.#listeners.connections
  }

  /** Ends the connections of some users, who may come again as whoever they are now. */
  dismiss(isConcerned: (user: string) => boolean): void {
    for (const { client, identity } of this.#present)
      if (identity && isConcerned(identity.name)) client.conn.destroy()
  }

  /** Stops listening first, then ends every client. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#silenceCheck?.cancel()
    const closed = this.#listeners.close()
    const done = deferred<void>()
    this.aedes.close(() => done.resolve())
    const patience = setTimeout(() => done.resolve(), 1_000)
    await done.promise
    clearTimeout(patience)
    await this.#listeners[Symbol.asyncDispose]()
    await closed
  }

  #createAedes(): Aedes {
    const { connectTimeoutMs, drainTimeoutMs, topicLevels, inflightInbound } = this.#limits
    const aedes = new Aedes({
      concurrency: 0,
      drainTimeout: drainTimeoutMs,
      connectTimeout: connectTimeoutMs,
      maxTopicLevels: topicLevels,
      maxInflightInbound: inflightInbound,
      persistence: this.retained.store,
      preConnect: (client, packet, done) => {
        // R-E3: no session outlives its connection, so no queue grows.
        packet.clean = true
        done(null, this.#guests.has(client))
      },
      authenticate: (client, name, password, done) => {
        this.#authenticate(client, name, password).then(
          (accepted) =>
            done(accepted ? null : Object.assign(new Error('refused'), { returnCode: 5 }), accepted),
          () => done(Object.assign(new Error('refused'), { returnCode: 3 }), false),
        )
      },
      authorizePublish: (client, packet, done) => {
        const guest = client ? this.#guests.get(client) : undefined
        const verdict = this.#doorman.judgePublish(guest, packet)
        if (verdict || !guest || guest.client.closed) done(verdict)
        else if (guest.throttle.pass(() => this.#pass(packet, done))) this.refused.rate++
      },
      authorizeSubscribe: (client, subscription, done) =>
        done(
          null,
          this.#doorman.maySubscribe(this.#guests.get(client), subscription.topic) ? subscription : null,
        ),
      authorizeForward: (client, packet) =>
        this.#doorman.mayRead(this.#guests.get(client), packet.topic) ? packet : null,
    })
    aedes.on('clientError', () => {})
    aedes.on('connectionError', () => {})
    aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) this.#guests.get(client)?.filters.delete(filter)
    })
    ;(aedes as unknown as NodeJS.EventEmitter).on('error', (error) =>
      this.#options.onTrouble('broker store', error),
    )
    return aedes
  }

  #pass(packet: PublishPacket, done: (error: null) => void): void {
    this.shortcut.take(packet)
    done(null)
  }

  #welcome(conn: Duplex, address: string): void {
    const { clock, publishesPerSecond } = this.#options
    const client = this.aedes.handle(conn) as unknown as AedesClient
    const guest: Guest = {
      client,
      address,
      throttle: new PublishThrottle(clock, publishesPerSecond, this.#limits.publishBurst),
      filters: new Set(),
      identity: undefined,
      heardAt: clock.monotonic(),
    }
    this.#guests.set(client, guest)
    this.#present.add(guest)
    conn.once('close', () => {
      guest.throttle.stop()
      this.#present.delete(guest)
    })
    watchPackets(client, (bytes) => this.#hear(guest, bytes))
  }

  /** A packet of the client begins; false when it is too large. */
  #hear(guest: Guest, bytes: number): boolean {
    const { packetBytes, packetBytesBeforeConnect } = this.#limits
    guest.heardAt = this.#options.clock.monotonic()
    // Not once the library calls it connected: that is after the CONNACK, and a client need not even wait for that.
    const introduced = guest.client.connecting || guest.identity !== undefined
    if (bytes <= (introduced ? packetBytes : packetBytesBeforeConnect)) return true
    this.refused['packet-size']++
    return false
  }

  #endTheSilent(): void {
    const heardSince = this.#options.clock.monotonic() - this.#limits.silentMs
    for (const { client, heardAt } of this.#present) {
      if (heardAt > heardSince) continue
      this.refused.silent++
      client.conn.destroy()
    }
  }

  #authenticate(client: Client, name: string | undefined, password: Buffer | undefined): Promise<boolean> {
    const guest = this.#guests.get(client)
    if (!guest) return Promise.resolve(false)
    return this.#doorman.admit(guest, name, password?.toString(), () => {
      const holder = holderOf(this.aedes, client.id)
      return holder && this.#guests.get(holder)
    })
  }
}
