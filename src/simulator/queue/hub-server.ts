import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes, type AuthenticateError, type Client } from 'aedes'
import { deferred } from '../../util/deferred.ts'
import type { Internet } from '../internet.ts'
import type { HubSession, OpenHub } from './hub.ts'

/** A slow reader is dropped after this, or it would hold up everybody else. */
const drainTimeoutMs = 5_000
const connectTimeoutMs = 5_000
/** Nobody listens there. */
const nowhere = '$dropped'

/** The Open Hub on a port: MQTT 3.1.1, no retained messages, no sessions that outlive their connection. */
export class HubServer implements AsyncDisposable {
  readonly #hub: OpenHub
  readonly #aedes: Aedes
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new WeakMap<Client, HubSession>()

  constructor(hub: OpenHub, tls?: { readonly cert: string; readonly key: string }, internet?: Internet) {
    this.#hub = hub
    this.#aedes = this.#createAedes()
    const welcome = (socket: Socket) => {
      socket.on('error', () => socket.destroy())
      if (!internet?.isDown) this.#aedes.handle(socket)
    }
    this.#server = tls ? createTlsServer(tls, welcome) : createServer(welcome)
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    internet?.carry(this.#server)
  }

  /** 0 = any free port; gives the one that it is. */
  async listen(port: number, host: string): Promise<number> {
    await this.#aedes.listen()
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    const done = deferred<void>()
    this.#aedes.close(() => done.resolve())
    await Promise.all([closed, done.promise])
  }

  #createAedes(): Aedes {
    const aedes = new Aedes({
      concurrency: 0,
      drainTimeout: drainTimeoutMs,
      connectTimeout: connectTimeoutMs,
      preConnect: (_client, packet, done) => {
        packet.clean = true
        done(null, true)
      },
      authenticate: (client, username, password, done) => {
        const code = this.#hub.judge(client.id, username, password?.toString())
        if (code === 0) done(null, true)
        else done(Object.assign(new Error('refused'), { returnCode: code }) as AuthenticateError, false)
      },
      // Commands go by HTTP; what is published here goes nowhere.
      authorizePublish: (_client, packet, done) => {
        packet.topic = nowhere
        packet.retain = false
        done(null)
      },
      authorizeSubscribe: (client, subscription, done) =>
        done(null, subscription.topic === this.#sessions.get(client)?.grant.topic ? subscription : null),
    })
    aedes.on('client', (client) => this.#open(client))
    aedes.on('clientDisconnect', (client) => {
      const session = this.#sessions.get(client)
      if (session) this.#hub.close(session)
    })
    aedes.on('clientError', () => {})
    aedes.on('connectionError', () => {})
    return aedes
  }

  #open(client: Client): void {
    const session = this.#hub.open(client.id, {
      publish: (topic, payload) =>
        this.#aedes.publish({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false }, () => {}),
      end: () => client.close(),
    })
    if (session) this.#sessions.set(client, session)
    else client.close()
  }
}
