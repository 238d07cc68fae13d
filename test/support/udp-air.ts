import { type OpenUdp, UdpError, type UdpHandlers, type UdpReason } from '../../src/transport/lan/udp.ts'

interface Sent {
  readonly datagram: Buffer
  readonly port: number
  readonly host: string
}

/** UDP without a network: what is open, what was sent, and whoever wants to can speak. */
export class UdpAir {
  readonly sent: Sent[] = []
  readonly #open = new Map<number, UdpHandlers>()
  readonly #refused = new Map<number, UdpReason>()
  /** Ports that were opened, each time again. */
  readonly opened: number[] = []
  sendFails: UdpReason | undefined

  readonly open: OpenUdp = async (port, handlers) => {
    const reason = this.#refused.get(port)
    if (reason) throw new UdpError(reason, `UDP port ${port} cannot be opened`)
    this.opened.push(port)
    this.#open.set(port, handlers)
    return {
      port,
      send: async (datagram, to, host) => {
        if (this.sendFails) throw new UdpError(this.sendFails, `Nothing can be sent to ${host}`)
        this.sent.push({ datagram: Buffer.from(datagram), port: to, host })
      },
      close: async () => {
        if (this.#open.get(port) === handlers) this.#open.delete(port)
      },
    }
  }

  refuse(port: number, reason: UdpReason): void {
    this.#refused.set(port, reason)
  }

  allow(port: number): void {
    this.#refused.delete(port)
  }

  get listening(): number[] {
    return [...this.#open.keys()].sort((a, b) => a - b)
  }

  /** Whether anybody heard it. */
  say(port: number, sender: string, datagram: Buffer): boolean {
    const handlers = this.#open.get(port)
    handlers?.onDatagram(datagram, sender)
    return handlers !== undefined
  }

  lose(port: number): void {
    this.#open.get(port)?.onError(new UdpError('no-network', `UDP port ${port} was lost`))
  }
}
