import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { decodeClientFrame } from '../../src/codec/queue/frame.ts'

interface Message {
  readonly id: string
  readonly text: string
  acks: number
}

/**
 * A subscription over a WebSocket on this machine, kept as simply as it can be: whatever has no acknowledgement is
 * delivered, in order, and again on every connection.
 */
export class QueueServer implements AsyncDisposable {
  readonly messages: Message[] = []
  readonly connections: { readonly socket: WebSocket; readonly raw: Socket; readonly url: string }[] = []
  /** Answers of clients that are no acknowledgements of something that was delivered. */
  readonly strange: string[] = []
  deliveries = 0
  /** Takes the place of a delivery; true when it has done with it. */
  deliver: (raw: Socket, text: string, id: string) => boolean = () => false
  readonly #http: Server
  readonly #server: WebSocketServer
  readonly #sockets = new Set<Socket>()

  private constructor(http: Server) {
    this.#http = http
    // Pongs are sent by hand, so that a test can leave them out.
    this.#server = new WebSocketServer({ server: http, autoPong: false, maxPayload: 64 * 1024 } as object)
    this.#server.on('connection', (socket, request) => this.#accept(socket, request))
    http.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  /** False: it still reads, and answers nothing. */
  answers = true

  static async open(): Promise<QueueServer> {
    const http = createServer((_request, response) => response.writeHead(426).end())
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return new QueueServer(http)
  }

  get base(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}/`
  }

  get open(): readonly Message[] {
    return this.messages.filter(({ acks }) => acks === 0)
  }

  publish(id: string, text: string): void {
    const message = { id, text, acks: 0 }
    this.messages.push(message)
    for (const { socket, raw } of this.connections)
      if (socket.readyState === 1) this.#send(socket, raw, message)
  }

  /** Everything without an acknowledgement once more, as after a late one. */
  resend(): void {
    const { socket, raw } = this.connections.at(-1) ?? {}
    if (socket && raw) for (const message of this.open) this.#send(socket, raw, message)
  }

  #accept(socket: WebSocket, request: IncomingMessage): void {
    const { socket: raw } = request
    this.connections.push({ socket, raw, url: request.url ?? '' })
    socket.on('error', () => {})
    socket.on('ping', (data) => {
      if (this.answers) socket.pong(data)
    })
    socket.on('message', (data) => this.#take(String(data)))
    for (const message of this.open) this.#send(socket, raw, message)
  }

  #take(text: string): void {
    const frame = decodeClientFrame(text)
    const message = frame.kind === 'ack' && this.messages.find(({ id }) => id === frame.messageId)
    if (message) message.acks++
    else this.strange.push(text)
  }

  #send(socket: WebSocket, raw: Socket, { id, text }: Message): void {
    this.deliveries++
    if (!this.deliver(raw, text, id)) socket.send(text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await new Promise<void>((resolve) => this.#http.close(() => resolve()))
  }
}

/** A text frame as it goes over the wire from a server. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const length = payload.length
  if (length < 126) return Buffer.concat([Buffer.from([0x81, length]), payload])
  const head = Buffer.alloc(length < 65_536 ? 4 : 10)
  head[0] = 0x81
  if (length < 65_536) {
    head[1] = 126
    head.writeUInt16BE(length, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([head, payload])
}
