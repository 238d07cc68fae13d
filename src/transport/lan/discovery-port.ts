import { backoff } from '../../util/backoff.ts'
import type { Clock, Timer } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import { type OpenUdp, type UdpError, type UdpReason, type UdpSocket, udpError } from './udp.ts'

export interface PortState {
  readonly port: number
  /** `paused`: it was flooded, and is closed until the second is over. */
  readonly state: 'closed' | 'opening' | 'open' | 'paused'
  /** Why it could not be opened last time; null since it could. */
  readonly trouble: UdpReason | null
}

export interface DiscoveryPortParts {
  readonly port: number
  readonly clock: Clock
  readonly random: Random
  readonly open: OpenUdp
  readonly onDatagram: (datagram: Buffer, sender: string) => void
  readonly onTrouble: (error: UdpError) => void
  readonly onOpen: () => void
  readonly onFlood: () => void
}

/** So many arrivals in a second are no household; reading them would cost more than they can be worth. */
const floodPerSecond = 1_000
const retry = { baseMs: 5_000, capMs: 60_000, floor: 0.5 }

/**
 * One UDP port that comes back by itself. A socket cannot be told to stop reading, so under a flood it is closed until
 * the next second: what nobody has a socket for, the system drops for next to nothing.
 */
export class DiscoveryPort {
  readonly #parts: DiscoveryPortParts
  #delays: Generator<number, never, void>
  #socket: UdpSocket | undefined
  #state: PortState['state'] = 'closed'
  #trouble: UdpReason | null = null
  #timer: Timer | undefined
  #opening: Promise<void> = Promise.resolve()
  #running = false
  #second = Number.NaN
  #arrived = 0

  constructor(parts: DiscoveryPortParts) {
    this.#parts = parts
    this.#delays = backoff(retry, parts.random)
  }

  get state(): PortState {
    return { port: this.#socket?.port ?? this.#parts.port, state: this.#state, trouble: this.#trouble }
  }

  get socket(): UdpSocket | undefined {
    return this.#socket
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    this.#open()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#timer?.cancel()
    await this.#opening
    await this.#close('closed')
  }

  #open(): void {
    this.#state = 'opening'
    this.#opening = this.#tryOpen()
  }

  async #tryOpen(): Promise<void> {
    const { port, open, onOpen } = this.#parts
    try {
      const socket = await open(port, {
        onDatagram: (datagram, sender) => this.#arrive(datagram, sender),
        onError: (error) => this.#lost(udpError(error, `UDP port ${port} was lost`)),
      })
      this.#socket = socket
      if (!this.#running) return
      this.#state = 'open'
      this.#trouble = null
      this.#delays = backoff(retry, this.#parts.random)
      onOpen()
    } catch (thrown) {
      this.#failed(udpError(thrown, `UDP port ${port} cannot be opened`))
    }
  }

  #lost(error: UdpError): void {
    void this.#close('closed')
    this.#failed(error)
  }

  #failed(error: UdpError): void {
    this.#state = 'closed'
    if (!this.#running) return
    const isNews = this.#trouble !== error.reason
    this.#trouble = error.reason
    this.#later(this.#delays.next().value)
    if (isNews) this.#parts.onTrouble(error)
  }

  #later(ms: number): void {
    this.#timer?.cancel()
    this.#timer = this.#parts.clock.after(ms, () => this.#open())
  }

  async #close(state: PortState['state']): Promise<void> {
    const socket = this.#socket
    this.#socket = undefined
    this.#state = state
    await socket?.close()
  }

  #arrive(datagram: Buffer, sender: string): void {
    if (this.#state !== 'open') return
    const now = this.#parts.clock.monotonic()
    const second = Math.floor(now / 1_000)
    if (second !== this.#second) this.#arrived = 0
    this.#second = second
    if (++this.#arrived > floodPerSecond) this.#pause((second + 1) * 1_000 - now)
    else this.#parts.onDatagram(datagram, sender)
  }

  #pause(ms: number): void {
    void this.#close('paused')
    this.#later(ms)
    this.#parts.onFlood()
  }
}
