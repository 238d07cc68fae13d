import { connect, type Socket } from 'node:net'
import packets, { type Packet } from 'mqtt-packet'
import { until } from './until.ts'

/** Says MQTT byte by byte as it is told, also what no library would say. */
export class RawClient implements Disposable {
  readonly socket: Socket
  readonly received: Packet[] = []
  closed = false

  private constructor(socket: Socket) {
    this.socket = socket
    const parser = packets.parser({ protocolVersion: 4 })
    parser.on('packet', (packet) => this.received.push(packet))
    parser.on('error', () => {})
    socket.on('data', (chunk) => parser.parse(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
    })
  }

  /** Gives a client also when the other side hangs up at once. */
  static open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1')
    const client = new RawClient(socket)
    return new Promise((resolve) => {
      socket.once('connect', () => resolve(client))
      socket.once('error', () => resolve(client))
    })
  }

  /** The same, past its CONNACK. */
  static async connected(port: number, options: Partial<packets.IConnectPacket> = {}): Promise<RawClient> {
    const client = await RawClient.open(port)
    client.send(connectPacket(options))
    await until(() => client.of('connack').length > 0, 20_000, 'CONNACK')
    return client
  }

  send(packet: Packet): void {
    this.socket.write(packets.generate(packet, { protocolVersion: 4 }))
  }

  sendBytes(bytes: Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes)
  }

  of<C extends Packet['cmd']>(cmd: C): Extract<Packet, { cmd: C }>[] {
    return this.received.filter((packet): packet is Extract<Packet, { cmd: C }> => packet.cmd === cmd)
  }

  async closes(withinMs = 20_000): Promise<void> {
    await until(() => this.closed, withinMs, 'the end of the connection')
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

export function connectPacket(options: Partial<packets.IConnectPacket> = {}): packets.IConnectPacket {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: `raw-${Math.random().toString(36).slice(2)}`,
    keepalive: 0,
    ...options,
  }
}
