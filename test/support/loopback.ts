import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import { type AddressInfo, createServer as createPlainServer, type Server, type Socket } from 'node:net'

/** A server of the test's own on this machine, that knows its open sockets and how many requests came. */
export class Loopback implements AsyncDisposable {
  readonly port: number
  readonly sockets: ReadonlySet<Socket>
  readonly #server: Server
  readonly #counts: { requests: number; connections: number }

  private constructor(
    server: Server,
    sockets: ReadonlySet<Socket>,
    counts: { requests: number; connections: number },
  ) {
    this.#server = server
    this.#counts = counts
    this.sockets = sockets
    this.port = (server.address() as AddressInfo).port
  }

  static http(serve: RequestListener): Promise<Loopback> {
    const counts = { requests: 0, connections: 0 }
    return Loopback.#listen(createServer(counting(serve, counts)), counts)
  }

  static https(options: ServerOptions, serve: RequestListener): Promise<Loopback> {
    const counts = { requests: 0, connections: 0 }
    const server = createSecureServer(options, counting(serve, counts))
    // A client that refuses our certificate is what the test wants.
    server.on('tlsClientError', () => {})
    return Loopback.#listen(server, counts)
  }

  /** Accepts connections and does with them what the test says. */
  static plain(accept: (socket: Socket) => void): Promise<Loopback> {
    const counts = { requests: 0, connections: 0 }
    return Loopback.#listen(createPlainServer(accept), counts)
  }

  static async #listen(server: Server, counts: { requests: number; connections: number }): Promise<Loopback> {
    const sockets = new Set<Socket>()
    server.on('connection', (socket) => {
      counts.connections++
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new Loopback(server, sockets, counts)
  }

  get requests(): number {
    return this.#counts.requests
  }

  get connections(): number {
    return this.#counts.connections
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get secureUrl(): string {
    return `https://localhost:${this.port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

function counting(serve: RequestListener, counts: { requests: number }): RequestListener {
  return (request, response) => {
    counts.requests++
    serve(request, response)
  }
}
