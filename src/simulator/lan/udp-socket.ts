import { createSocket, type Socket } from 'node:dgram'

/** A socket for datagrams that many may share. */
export class UdpSocket {
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Undefined where the system does not have this address. */
  static open(
    address: string,
    port: number,
    onDatagram: (datagram: Buffer) => void,
  ): Promise<UdpSocket | undefined> {
    return new Promise((resolve) => {
      const socket = createSocket({ type: 'udp4', reuseAddr: true })
      socket.once('error', () => {
        socket.close()
        resolve(undefined)
      })
      socket.bind({ port, address, exclusive: true }, () => {
        socket.removeAllListeners('error')
        // Nobody listens there at the moment: no news.
        socket.on('error', () => {})
        socket.on('message', onDatagram)
        socket.setBroadcast(true)
        resolve(new UdpSocket(socket))
      })
    })
  }

  get port(): number {
    return this.#socket.address().port
  }

  send(datagram: Buffer, port: number, address: string): void {
    this.#socket.send(datagram, port, address, () => {})
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()))
  }
}

/** One that nobody uses now. */
export async function freePort(): Promise<number> {
  const socket = await UdpSocket.open('127.0.0.1', 0, () => {})
  const port = socket?.port ?? 0
  await socket?.close()
  return port
}
