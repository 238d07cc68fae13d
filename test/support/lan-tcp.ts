import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import type { FakeLanDevice, VisitEnd } from './lan-device.ts'

/** Puts a device onto a port of this machine. */
export class LanTcp implements AsyncDisposable {
  readonly port: number
  readonly sockets = new Set<Socket>()
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async listen(device: FakeLanDevice): Promise<LanTcp> {
    const server = createServer({ noDelay: true })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const tcp = new LanTcp(server)
    server.on('connection', (socket) => {
      tcp.sockets.add(socket)
      device.accept(endOf(socket))
    })
    device.address = { host: '127.0.0.1', port: tcp.port }
    return tcp
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

function endOf(socket: Socket): VisitEnd {
  const end: VisitEnd = {
    onData: () => {},
    write: (bytes) => void socket.write(bytes),
    close: (how) => {
      if (how === 'reset') socket.resetAndDestroy()
      else socket.end()
    },
    isOver: false,
    isDead: false,
    isPaused: false,
    writes: [],
    resetAfterSent: Number.POSITIVE_INFINITY,
    resetAfterHeard: Number.POSITIVE_INFINITY,
  }
  socket.on('data', (bytes) => {
    end.writes.push(bytes)
    end.onData(bytes)
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    end.isOver = true
  })
  return end
}
