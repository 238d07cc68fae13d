import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { BrokerLimits } from './limits.ts'

export interface ListenerParts {
  readonly host: string
  readonly tls: { readonly cert: string; readonly key: string } | null
  readonly limits: BrokerLimits
  /** Somebody who may speak MQTT. */
  readonly onConnection: (conn: Duplex, address: string) => void
  /** Somebody who was one too many. */
  readonly onRefused: () => void
  readonly onTrouble: (what: string, thrown: unknown) => void
}

/** The longest fixed header in front of a packet. */
const headerBytes = 5
/** How often the library looks for those who do not finish their request. */
const checkMs = 1_000

/** The ways in, each with the same limits on who may come in at all (R-E2), and each as safe as the other (R-E6). */
export class Listeners implements AsyncDisposable {
  readonly #parts: ListenerParts
  readonly #servers: Server[] = []
  /** Every socket with its address, whether it has spoken or not. */
  readonly #sockets = new Map<Socket, string>()
  #webSockets: WebSocketServer | undefined

  constructor(parts: ListenerParts) {
    this.#parts = parts
  }

  /** The port of the first. */
  get port(): number {
    const address = this.#servers[0]?.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  get connections(): number {
    return this.#sockets.size
  }

  /** MQTT over TCP. Rejects with the system's error. */
  openTcp(port: number): Promise<void> {
    const { tls, limits, onConnection } = this.#parts
    const serve = (socket: Socket) => {
      if (socket.destroyed) return
      socket.on('error', () => {})
      onConnection(socket, socket.remoteAddress ?? '')
    }
    if (!tls) return this.#listen(createServer(serve), port)
    const secure = { ...tls, minVersion: 'TLSv1.2', handshakeTimeout: limits.connectTimeoutMs } as const
    const server = createTlsServer(secure, serve)
    // The library tells of a handshake that takes too long and leaves it at that.
    server.on('tlsClientError', (_error, socket) => socket.destroy())
    return this.#listen(server, port)
  }

  /** MQTT over WebSocket. Rejects with the system's error. */
  openWebSocket(port: number): Promise<void> {
    const { tls, limits, onConnection } = this.#parts
    const timeouts = {
      headersTimeout: limits.connectTimeoutMs,
      requestTimeout: limits.connectTimeoutMs,
      connectionsCheckingInterval: Math.min(checkMs, limits.connectTimeoutMs),
    }
    const secure = { ...tls, minVersion: 'TLSv1.2', handshakeTimeout: limits.connectTimeoutMs } as const
    const server = tls ? createHttpsServer({ ...secure, ...timeouts }) : createHttpServer(timeouts)
    server.on('request', (_request, response) => response.writeHead(426, { connection: 'close' }).end())
    const webSockets = new WebSocketServer({
      server,
      maxPayload: limits.packetBytes + headerBytes,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
    })
    webSockets.on('connection', (webSocket, { socket }) => {
      webSocket.on('error', () => webSocket.terminate())
      const conn = createWebSocketStream(webSocket)
      conn.on('error', () => {})
      onConnection(conn, socket.remoteAddress ?? '')
    })
    webSockets.on('error', () => {})
    this.#webSockets = webSockets
    return this.#listen(server, port)
  }

  /** No more come in; gives a way to wait for those who are inside. */
  close(): Promise<unknown> {
    this.#webSockets?.close()
    return Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.close()
    for (const socket of this.#sockets.keys()) socket.destroy()
    await closed
  }

  async #listen(server: Server, port: number): Promise<void> {
    const { host, onTrouble } = this.#parts
    server.prependListener('connection', (socket) => this.#admit(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        // A listener's later errors (too many open files) concern one connection each.
        server.on('error', (error) => onTrouble('broker listener', error))
        this.#servers.push(server)
        resolve()
      })
    })
  }

  /** Counted from its first packet of TCP on, so that nobody can fill the house by standing in the door. */
  #admit(socket: Socket): void {
    const { limits, onRefused } = this.#parts
    const address = socket.remoteAddress ?? ''
    const fromThere = [...this.#sockets.values()].filter((other) => other === address).length
    if (this.#sockets.size >= limits.connections || fromThere >= limits.connectionsPerAddress) {
      onRefused()
      socket.destroy()
      return
    }
    this.#sockets.set(socket, address)
    // A receipt behind a state of the same moment would wait up to 40 ms for the other side's acknowledgement.
    socket.setNoDelay(true)
    socket.once('close', () => this.#sockets.delete(socket))
  }
}
