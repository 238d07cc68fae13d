import type { AddressInfo, Server } from 'node:net'
import { BridgeError } from '../../util/error.ts'

export interface BoundAddress {
  readonly ip: string
  readonly port: number
}

const usualFirst = '127.66.0.1'
const usualPort = 6668
const triesAtMost = 512
/** The one that every system has. */
const only = '127.0.0.1'

/** Gives each device a loopback address of its own, as each has one at home. */
export class Addresses {
  readonly #port: number
  /** All devices on one address, on ports of their own. */
  readonly isShared: boolean
  #next: number

  /** `first`: where to begin; 127.0.0.1 when devices cannot have addresses of their own. `port` 0 = any free one. */
  constructor(first: string = usualFirst, port: number = usualPort) {
    this.isShared = first === only
    this.#port = this.isShared ? 0 : port
    this.#next = numberOf(first)
  }

  /** One that no device had. */
  take(): string {
    if (this.isShared) return only
    const address = [this.#next >>> 24, (this.#next >>> 16) & 255, (this.#next >>> 8) & 255, this.#next & 255]
    this.#next++
    // Neither a network's own address nor its broadcast, for those who think in networks of 256.
    while ((this.#next & 255) === 0 || (this.#next & 255) === 255) this.#next++
    return address.join('.')
  }

  /** Listens where it is told to, else at the next address that is free. Throws BridgeError. */
  async listen(server: () => Server, wanted: Partial<BoundAddress>): Promise<[Server, BoundAddress]> {
    if (wanted.ip !== undefined) return bind(server(), wanted.ip, wanted.port ?? this.#port)
    for (let i = 0; i < triesAtMost && !this.isShared; i++) {
      try {
        return await bind(server(), this.take(), wanted.port ?? this.#port)
      } catch (thrown) {
        const { code } = thrown as NodeJS.ErrnoException
        if (code === 'EADDRNOTAVAIL') break
        if (code !== 'EADDRINUSE') throw thrown
      }
    }
    return bind(server(), only, wanted.port ?? 0)
  }
}

function bind(server: Server, ip: string, port: number): Promise<[Server, BoundAddress]> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, ip, () => {
      server.off('error', reject)
      resolve([server, { ip, port: (server.address() as AddressInfo).port }])
    })
  })
}

function numberOf(address: string): number {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts[0] !== 127 || !parts.every((part) => part >= 0 && part <= 255))
    throw new BridgeError('simulator/lan', `"${address}" is no loopback address; give one of 127.0.0.0/8.`)
  return parts.reduce((number, part) => number * 256 + part, 0)
}
