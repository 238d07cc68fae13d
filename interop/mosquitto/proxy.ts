import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What a broker that knows no MQTT 5 answers to it: CONNACK, unacceptable protocol version. */
const versionRefused = Buffer.from([0x20, 0x02, 0x00, 0x01])

/** Between the bridge and the broker: counts, cuts, swallows, and refuses MQTT 5 when asked to. */
export class BrokerProxy implements AsyncDisposable {
  /** Connections that were made so far. */
  accepted = 0
  refusesVersion5 = false
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  readonly #deaf = new WeakSet<Socket>()

  private constructor(targetPort: number) {
    this.#server = createServer((client) => this.#join(client, targetPort))
  }

  static async start(targetPort: number): Promise<BrokerProxy> {
    const proxy = new BrokerProxy(targetPort)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', () => resolve()))
    return proxy
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Connections that stand. */
  get open(): number {
    return this.#pairs.size
  }

  /** From now on nothing passes on the connections that stand, in either direction; new ones are fine. */
  blackhole(): void {
    for (const pair of this.#pairs) for (const socket of pair) this.#deaf.add(socket)
  }

  /** All connections that stand are reset. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy()
  }

  #join(client: Socket, targetPort: number): void {
    this.accepted++
    const server = connect(targetPort, '127.0.0.1')
    const pair = [client, server] as const
    this.#pairs.add(pair)
    const end = () => {
      this.#pairs.delete(pair)
      for (const socket of pair) if (!this.#deaf.has(socket)) socket.destroy()
    }
    let first = true
    client.on('data', (chunk) => {
      if (first && this.refusesVersion5 && speaksVersion5(chunk)) {
        client.end(versionRefused)
        server.destroy()
      } else if (!this.#deaf.has(client)) server.write(chunk)
      first = false
    })
    server.on('data', (chunk) => {
      if (!this.#deaf.has(server)) client.write(chunk)
    })
    for (const socket of pair) socket.on('error', end).on('close', end)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** CONNECT, its length in one or two bytes, then `MQTT` and the version. */
function speaksVersion5(connect: Buffer): boolean {
  const name = connect.indexOf('MQTT')
  return connect[0] === 0x10 && name > 0 && name < 6 && connect[name + 4] === 5
}
