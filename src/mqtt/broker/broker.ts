import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes, type AedesPublishPacket, type Client } from 'aedes'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { Clock } from '../../util/clock.ts'
import { deferred } from '../../util/deferred.ts'
import { isFilter } from '../filter.ts'
import { mayRead, mayWrite } from '../rights.ts'
import { type Persistence, type RetainedCaps, RetainedStore } from './retained.ts'
import { type AedesClient, limitPacketSize, PublishThrottle } from './throttle.ts'
import type { Identity, Users } from './users.ts'

export interface BrokerOptions {
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  readonly webSocketPort: number | null
  readonly tls: { readonly cert: string; readonly key: string } | null
  readonly users: Users
  readonly base: string
  readonly clock: Clock
  readonly publishesPerSecond: number
  readonly onTrouble: (what: string, thrown: unknown) => void
  readonly retainedCaps?: RetainedCaps
  readonly persistence?: Persistence
}

const caps = {
  connections: 256,
  connectionsPerAddress: 32,
  connectTimeoutMs: 5_000,
  drainTimeoutMs: 5_000,
  silentMs: 300_000,
  topicLevels: 16,
  publishBurst: 200,
  inflightInbound: 100,
  deniedAMinute: 10,
  bannedMs: 60_000,
}

/** Messages without rights go here: the client gets its acknowledgement, nobody gets the message. */
const deadTopic = '$dp2mqtt/dropped'

interface Guest {
  readonly address: string
  readonly throttle: PublishThrottle
  identity: Identity | undefined
  denied: number[]
}

export type BrokerRefusals =
  | 'connections'
  | 'packet-size'
  | 'login'
  | 'client-id'
  | 'publish'
  | 'subscribe'
  | 'rate'

/** The broker inside: aedes with the limits, users and rights of R-E1 to R-E6. */
export class EmbeddedBroker implements AsyncDisposable {
  readonly aedes: Aedes
  readonly retained: RetainedStore
  readonly refused: Record<BrokerRefusals, number> = {
    connections: 0,
    'packet-size': 0,
    login: 0,
    'client-id': 0,
    publish: 0,
    subscribe: 0,
    rate: 0,
  }
  readonly #options: BrokerOptions
  readonly #guests = new WeakMap<object, Guest>()
  readonly #sockets = new Map<Duplex, string>()
  readonly #banned = new Map<string, number>()
  readonly #servers: (Server | HttpServer)[] = []
  #webSockets: WebSocketServer | undefined

  private constructor(options: BrokerOptions) {
    this.#options = options
    const commands = `${options.base}/cmd/`
    this.retained = new RetainedStore(
      (topic) => topic.startsWith(commands),
      options.retainedCaps,
      options.persistence,
    )
    this.aedes = new Aedes({
      concurrency: 0,
      drainTimeout: caps.drainTimeoutMs,
      connectTimeout: caps.connectTimeoutMs,
      maxTopicLevels: caps.topicLevels,
      maxInflightInbound: caps.inflightInbound,
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
      authorizePublish: (client, packet, done) => done(this.#judgePublish(client, packet)),
      authorizeSubscribe: (client, subscription, done) => {
        const granted = this.#mayRead(client, subscription.topic)
        if (!granted) this.refused.subscribe++
        done(null, granted ? subscription : null)
      },
      authorizeForward: (client, packet) => (this.#mayRead(client, packet.topic) ? packet : null),
    })
    this.aedes.on('clientError', () => {})
    this.aedes.on('connectionError', () => {})
    ;(this.aedes as unknown as NodeJS.EventEmitter).on('error', (error) =>
      options.onTrouble('broker store', error),
    )
  }

  /** Rejects with the system's error when an address cannot be had. */
  static async start(options: BrokerOptions): Promise<EmbeddedBroker> {
    const broker = new EmbeddedBroker(options)
    await broker.aedes.listen()
    keepDeliveryOrder(broker.aedes)
    try {
      const { tls } = options
      const handle = (socket: Socket) => broker.#accept(socket, socket.remoteAddress ?? '')
      await broker.#listen(
        tls ? createTlsServer({ ...tls, minVersion: 'TLSv1.2' }, handle) : createServer(handle),
        options.port,
      )
      if (options.webSocketPort !== null) await broker.#listenWebSocket(options.webSocketPort)
    } catch (thrown) {
      await broker[Symbol.asyncDispose]()
      throw thrown
    }
    return broker
  }

  /** The port of the first listener. */
  get port(): number {
    const address = this.#servers[0]?.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  get connections(): number {
    return this.#sockets.size
  }

  trouble(what: string, thrown: unknown): void {
    this.#options.onTrouble(what, thrown)
  }

  /** Stops listening first, then ends every client. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    )
    this.#webSockets?.close()
    const done = deferred<void>()
    this.aedes.close(() => done.resolve())
    const patience = setTimeout(() => done.resolve(), 1_000)
    await done.promise
    clearTimeout(patience)
    for (const socket of this.#sockets.keys()) socket.destroy()
    await Promise.all(closed)
  }

  async #listen(server: Server | HttpServer, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, this.#options.host, () => {
        server.off('error', reject)
        // A listener's later errors (too many open files) concern one connection each.
        server.on('error', (error) => this.#options.onTrouble('broker listener', error))
        this.#servers.push(server)
        resolve()
      })
    })
  }

  async #listenWebSocket(port: number): Promise<void> {
    const server = createHttpServer((_request, response) => response.writeHead(426).end())
    const webSockets = new WebSocketServer({
      server,
      maxPayload: 256 * 1024,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
    })
    webSockets.on('connection', (webSocket, request) => {
      webSocket.on('error', () => webSocket.terminate())
      this.#accept(createWebSocketStream(webSocket), request.socket.remoteAddress ?? '')
    })
    webSockets.on('error', () => {})
    this.#webSockets = webSockets
    await this.#listen(server, port)
  }

  #accept(socket: Duplex, address: string): void {
    socket.on('error', () => {})
    const fromThere = [...this.#sockets.values()].filter((other) => other === address).length
    if (this.#sockets.size >= caps.connections || fromThere >= caps.connectionsPerAddress) {
      this.refused.connections++
      socket.destroy()
      return
    }
    this.#sockets.set(socket, address)
    socket.once('close', () => this.#sockets.delete(socket))
    const client = this.aedes.handle(socket) as unknown as AedesClient
    const { clock, publishesPerSecond } = this.#options
    const throttle = new PublishThrottle(clock, publishesPerSecond, caps.publishBurst)
    socket.once('close', () => throttle.stop())
    this.#guests.set(client, { address, throttle, identity: undefined, denied: [] })
    limitPacketSize(client, () => this.refused['packet-size']++)
    client.conn.setTimeout?.(caps.silentMs, () => client.conn.destroy())
  }

  async #authenticate(
    client: Client,
    name: string | undefined,
    password: Buffer | undefined,
  ): Promise<boolean> {
    const guest = this.#guests.get(client)
    if (!guest) return false
    const identity = await this.#options.users.identify(name, password?.toString(), guest.address)
    if (!identity || this.#isBanned(identity, guest.address)) {
      this.refused.login++
      return false
    }
    const holder = (this.aedes as unknown as { clients: Record<string, Client | undefined> }).clients[
      client.id
    ]
    const held = holder ? this.#guests.get(holder)?.identity : undefined
    if (held && held.name !== identity.name) {
      this.refused['client-id']++
      return false
    }
    guest.identity = identity
    return true
  }

  /** An error closes the connection; a denied message is rewritten instead, which makes no reconnect storm (R-E4). */
  #judgePublish(
    client: Client | null,
    packet: { topic: string; payload: unknown; retain: boolean },
  ): Error | null {
    const guest = client ? this.#guests.get(client) : undefined
    if (!guest || !client) return null
    if (guest.throttle.count(client as unknown as AedesClient)) this.refused.rate++
    const { identity } = guest
    if (identity && mayWrite(identity.rights, packet.topic) && !packet.topic.startsWith('$')) return null
    this.refused.publish++
    packet.topic = deadTopic
    packet.payload = Buffer.alloc(0)
    packet.retain = false
    return this.#countDenied(guest) ? new Error('too many publishes without rights') : null
  }

  /** True when it was one too many: the client is cut off for a minute. */
  #countDenied(guest: Guest): boolean {
    const now = this.#options.clock.monotonic()
    guest.denied = [...guest.denied.filter((at) => at > now - 60_000), now]
    if (guest.denied.length <= caps.deniedAMinute) return false
    this.#banned.set(banKey(guest.identity, guest.address), now + caps.bannedMs)
    return true
  }

  #isBanned(identity: Identity, address: string): boolean {
    const now = this.#options.clock.monotonic()
    for (const [key, until] of this.#banned) if (until <= now) this.#banned.delete(key)
    return this.#banned.has(banKey(identity, address))
  }

  #mayRead(client: Client, filter: string): boolean {
    const identity = this.#guests.get(client)?.identity
    if (!identity || !isFilter(filter)) return false
    if (filter.startsWith('$'))
      return identity.administrator && !this.#options.users.anonymous && filter.startsWith('$SYS/')
    return mayRead(identity.rights, filter)
  }
}

function banKey(identity: Identity | undefined, address: string): string {
  return `${identity?.name ?? ''} ${address}`
}

/**
 * aedes numbers a message when it is published and lets each client take rising numbers only; a message that waited
 * for the store would be overtaken and dropped. Numbered when it is dispatched, none is.
 */
function keepDeliveryOrder(aedes: Aedes): void {
  const inner = aedes as unknown as {
    counter: number
    mq: { emit(packet: AedesPublishPacket, done?: () => void): void }
  }
  const emit = inner.mq.emit.bind(inner.mq)
  inner.mq.emit = (packet, done) => {
    ;(packet as { brokerCounter: number }).brokerCounter = ++inner.counter
    return emit(packet, done)
  }
}
