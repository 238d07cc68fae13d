import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../../util/clock.ts'
import { gatherWrites } from '../../util/gather.ts'
import type { Random } from '../../util/random.ts'
import type { Faults } from '../fault.ts'
import type { Internet } from '../internet.ts'
import { Connection, type ServerSocket } from './connection.ts'
import { type Entrance, HandshakeRefusal, refusalAnswer } from './handshake.ts'
import { idleMs, type QueueService } from './service.ts'

export interface QueueServerParts {
  readonly service: QueueService
  readonly clock: Clock
  readonly random: Random
  readonly faults: Faults
  /** PEM; without it the queue speaks plain WebSocket. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  readonly internet?: Internet
}

/** No message of a client is longer. */
const largestFrame = 1024 * 1024

/** The simulated queue on a port. */
export class QueueServer implements AsyncDisposable {
  readonly #parts: QueueServerParts
  readonly #server
  readonly #sockets = new Set<Socket>()
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: largestFrame,
  })

  constructor(parts: QueueServerParts) {
    this.#parts = parts
    this.#server = parts.tls ? createTlsServer(parts.tls) : createServer()
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(request, socket, head),
    )
    parts.internet?.carry(this.#server)
    this.#server.on('request', (_request, response) => response.writeHead(404).end())
  }

  /** 0 = any free port; gives the one that it is. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    if (this.#parts.internet?.isDown) return
    try {
      const entrance = this.#parts.service.admit({ target: request.url ?? '/', headers: request.headers })
      if (entrance === 'stalled') return
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) =>
        this.#serve(webSocket, socket, entrance),
      )
    } catch (thrown) {
      const refusal =
        thrown instanceof HandshakeRefusal ? thrown : new HandshakeRefusal(500, STATUS_CODES[500] ?? '')
      const seconds = this.#parts.faults.text('retry-after')
      socket.end(refusalAnswer(refusal, seconds === undefined ? {} : { 'Retry-After': seconds }))
    }
  }

  #serve(webSocket: WebSocket, socket: Socket, entrance: Entrance): void {
    const { service, ...parts } = this.#parts
    const line = serverSocket(webSocket, socket)
    const connection = new Connection({
      ...parts,
      idleMs,
      socket: {
        ...line,
        // Whoever is told to go has gone; a client that does not answer holds nothing.
        close(code, reason) {
          line.close(code, reason)
          visit.leave(code, reason)
        },
      },
    })
    const visit = service.welcome(entrance, connection)
    webSocket.on('message', (data, isBinary) => {
      if (!isBinary) visit.hear(data.toString())
    })
    webSocket.on('ping', (payload: Buffer) => visit.ping(payload))
    webSocket.on('pong', () => connection.touch())
    // A client that breaks the protocol is closed by the library; 'close' follows.
    webSocket.on('error', () => {})
    webSocket.on('close', (code, reason) => visit.leave(code, reason.toString()))
  }
}

function serverSocket(webSocket: WebSocket, socket: Socket): ServerSocket {
  const gather = gatherWrites(socket)
  return {
    send(text) {
      gather()
      webSocket.send(text)
    },
    ping: () => webSocket.ping(),
    pong: (payload) => webSocket.pong(payload),
    close: (code, reason) => webSocket.close(code, reason),
    cut(text, bytes) {
      // What was sent before goes out before.
      socket.uncork()
      if (bytes === 0) reset(socket)
      else socket.write(textFrame(text).subarray(0, bytes), () => socket.destroy())
    },
  }
}

/** Under TLS a line can only be dropped. */
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}

/** RFC 6455, 5.2: one final text frame, which servers do not mask. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 0x10000 ? 4 : 10)
  head[0] = 0x81
  if (head.length === 2) head[1] = payload.length
  else if (head.length === 4) {
    head[1] = 126
    head.writeUInt16BE(payload.length, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  return Buffer.concat([head, payload])
}
