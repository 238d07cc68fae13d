import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { gatherWrites } from '../src/util/gather.ts'

/** So much the platform delivers before it wants an acknowledgement; the bridge takes less at a time, and asks for nothing else. */
const window = 1_000

/** The other side of the event queue with nothing but its window, so that a load costs next to nothing to make. */
export class LightQueue {
  readonly #waiting: string[] = []
  #next = 0
  #unacknowledged = 0
  #send: ((frame: string) => void) | undefined

  /** Resolves with the address. */
  async start(): Promise<string> {
    const server = createServer()
    new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, { socket: line }) =>
      this.#serve(socket, line),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  put(frame: string): void {
    this.#waiting.push(frame)
    this.#deliver()
  }

  #serve(socket: WebSocket, line: Socket): void {
    const gather = gatherWrites(line)
    this.#unacknowledged = 0
    this.#send = (frame) => {
      gather()
      socket.send(frame)
    }
    // Every message of the bridge is an acknowledgement.
    socket.on('message', () => {
      this.#unacknowledged--
      this.#deliver()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#send = undefined
    })
    this.#deliver()
  }

  #deliver(): void {
    for (; this.#send && this.#unacknowledged < window && this.#next < this.#waiting.length; this.#next++) {
      this.#unacknowledged++
      this.#send(this.#waiting[this.#next] as string)
    }
    if (this.#next < this.#waiting.length) return
    this.#waiting.length = 0
    this.#next = 0
  }
}
