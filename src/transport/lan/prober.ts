import { encodeProbe } from '../../codec/lan/discovery.ts'
import type { Clock, Timer } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import type { LanInterface } from './interfaces.ts'
import type { UdpError, UdpSocket } from './udp.ts'

export interface ProberParts {
  readonly clock: Clock
  readonly random: Random
  readonly port: number
  readonly interfaces: () => readonly LanInterface[]
  /** The port that answers come to; undefined while it is closed. */
  readonly socket: () => UdpSocket | undefined
  /** Whether somebody waits for the address of a device. */
  readonly missing: () => boolean
  readonly onSent: () => void
  readonly onTrouble: (error: UdpError) => void
}

const nonceBytes = 12
export const probeTimes = { first: 3, apartMs: 6_000, thenMs: 60_000 } as const

/** Asks all devices to tell of themselves: newer ones keep silent until they are asked. */
export class Prober {
  readonly #parts: ProberParts
  #timer: Timer | undefined
  #quick = 0
  #lastMs = Number.NEGATIVE_INFINITY
  #running = false

  constructor(parts: ProberParts) {
    this.#parts = parts
  }

  start(): void {
    this.#running = true
    this.hurry()
  }

  stop(): void {
    this.#running = false
    this.#timer?.cancel()
  }

  /** Asks three times soon: somebody is missing who was not before, or there is a network again. */
  hurry(): void {
    if (!this.#running) return
    this.#quick = probeTimes.first
    const sinceMs = this.#parts.clock.monotonic() - this.#lastMs
    this.#next(Math.max(0, probeTimes.apartMs - sinceMs))
  }

  #next(ms: number): void {
    this.#timer?.cancel()
    this.#timer = this.#parts.clock.after(ms, () => this.#turn())
  }

  #turn(): void {
    if (this.#parts.missing()) this.#ask()
    this.#quick = Math.max(0, this.#quick - 1)
    this.#next(this.#quick > 0 ? probeTimes.apartMs : probeTimes.thenMs)
  }

  #ask(): void {
    const { clock, random, port, interfaces, socket, onSent, onTrouble } = this.#parts
    const from = socket()
    if (!from) return
    this.#lastMs = clock.monotonic()
    for (const { address, broadcast } of interfaces()) {
      const nonce = Uint8Array.from({ length: nonceBytes }, () => Math.floor(random() * 256))
      from.send(encodeProbe(address, nonce), port, broadcast).then(onSent, onTrouble)
    }
  }
}
