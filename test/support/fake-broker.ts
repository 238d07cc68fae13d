import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { IConnectPacket, IPublishPacket, ISubscription } from 'mqtt-packet'
import type { Killable } from './broker-scenarios.ts'
import { Guest, type Script } from './fake-guest.ts'
import { freePort } from './process.ts'

/** A message as it arrived. */
export interface Published {
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly retain: boolean
  readonly properties: IPublishPacket['properties']
  readonly clientId: string
  /** The connection, counted from 1. */
  readonly connection: number
}

const willing: Script = {
  connack: () => 0,
  properties: {},
  puback: () => 0,
  suback: ({ qos }) => qos,
  accepts: () => true,
}

/**
 * A broker of MQTT 3.1.1 and 5 that does what the test's script says, and nothing that real ones do not do. It keeps
 * what it saw, and what no client may do.
 */
export class FakeBroker implements Killable, AsyncDisposable {
  readonly script: Script
  readonly connects: IConnectPacket[] = []
  readonly published: Published[] = []
  readonly subscribed: ISubscription[] = []
  readonly retained = new Map<string, IPublishPacket>()
  /** More in flight than announced, bigger packets than announced, bytes that are not MQTT. */
  readonly violations: string[] = []
  readonly #guests = new Set<Guest>()
  readonly #owed: (() => void)[] = []
  readonly #sockets = new Set<Socket>()
  /** Who came while the broker stands still. */
  #waiting: Socket[] | undefined
  #server: Server | undefined
  #port = 0
  #count = 0

  constructor(script: Partial<Script> = {}) {
    this.script = { ...willing, ...script }
  }

  static async open(script: Partial<Script> = {}): Promise<FakeBroker> {
    const broker = new FakeBroker(script)
    await broker.start()
    return broker
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`
  }

  /** Connections that stand. */
  get connected(): number {
    return this.#guests.size
  }

  /** Listens, on the port of the last time. */
  async start(): Promise<void> {
    this.#port ||= await freePort()
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => this.#sockets.delete(socket))
      if (this.#waiting) this.#waiting.push(socket)
      else this.#welcome(socket)
    })
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#server = server
  }

  /** Ends, and forgets what was retained. */
  async kill(): Promise<void> {
    await this.stop()
    this.retained.clear()
  }

  /** Ends; the next time it has what was retained, like a broker that keeps it on disk. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(server, 'close')
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** From now on nothing gets through on the connections that stand, in either direction. */
  blackhole(): void {
    for (const guest of this.#guests) guest.freeze()
  }

  /** Stands still: connections come about, and nothing is read or answered on any of them. */
  freeze(): void {
    this.#waiting = []
    for (const socket of this.#sockets) socket.pause()
  }

  thaw(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const socket of this.#sockets) socket.resume()
    for (const socket of waiting) if (!socket.destroyed) this.#welcome(socket)
  }

  /** Another client with this id connects. MQTT 5 tells the reason. */
  takeOver(clientId: string): void {
    for (const guest of this.#guests) {
      if (guest.clientId !== clientId) continue
      if (guest.version === 5) guest.send({ cmd: 'disconnect', reasonCode: 0x8e })
      guest.end()
    }
  }

  /** DISCONNECT of MQTT 5 with any reason; the socket stays open, which the client must not rely on. */
  disconnect(reasonCode: number): void {
    for (const guest of this.#guests) guest.send({ cmd: 'disconnect', reasonCode })
  }

  /** Any bytes to every client. */
  sendBytes(bytes: Uint8Array): void {
    for (const socket of this.#sockets) if (!socket.destroyed) socket.write(bytes)
  }

  /** A message from nowhere to whoever has subscribed to it. */
  say(topic: string, payload: string, options: Partial<IPublishPacket> = {}): void {
    this.#route({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false, ...options }, undefined)
  }

  /** Gives the answers that were kept back. */
  answer(): void {
    for (const give of this.#owed.splice(0)) give()
  }

  /** The payloads of a topic, oldest first. */
  on(topic: string): string[] {
    return this.published.filter((message) => message.topic === topic).map(({ payload }) => payload)
  }

  /** What a newcomer would see. */
  get stored(): Map<string, string> {
    return new Map([...this.retained].map(([topic, { payload }]) => [topic, payload.toString()]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #welcome(socket: Socket): void {
    socket.setNoDelay(true)
    socket.resume()
    const guest = new Guest(socket, this.script, ++this.#count, {
      connected: (connect) => {
        this.connects.push(connect)
      },
      accepted: () => this.#guests.add(guest),
      published: (publish) => {
        this.#note(publish, guest)
        if (this.script.accepts(publish)) this.#route(publish, guest)
      },
      subscribed: (subscription) => {
        this.subscribed.push(subscription)
      },
      stored: () => this.retained.values(),
      violation: (what) => this.violations.push(what),
      owed: (give) => this.#owed.push(give),
      gone: (will) => {
        this.#guests.delete(guest)
        if (will) this.#route(will, guest)
      },
    })
  }

  #note({ topic, payload, qos, retain, properties }: IPublishPacket, { clientId, connection }: Guest): void {
    this.published.push({ topic, payload: payload.toString(), qos, retain, properties, clientId, connection })
  }

  #route(publish: IPublishPacket, from: Guest | undefined): void {
    if (publish.retain) {
      if (publish.payload.length === 0) this.retained.delete(publish.topic)
      else this.retained.set(publish.topic, publish)
    }
    for (const guest of this.#guests) guest.deliver(publish, guest === from)
  }
}
