import { type Clock, every, type Timer } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import type { Faults } from '../fault.ts'

/** The few things that a connection needs of a WebSocket. */
export interface ServerSocket {
  /** One text frame. */
  send(text: string): void
  ping(): void
  pong(payload: Buffer): void
  /** Says goodbye. */
  close(code: number, reason: string): void
  /** Cuts the line, after so many bytes of a frame. */
  cut(text: string, bytes: number): void
}

export interface ConnectionParts {
  readonly socket: ServerSocket
  readonly clock: Clock
  readonly random: Random
  readonly faults: Faults
  /** A connection on which nothing moved for so long is closed. */
  readonly idleMs: number
}

interface Outgoing {
  readonly text: string
  readonly onSent: () => void
}

/** Whoever waits for a neighbour to change places with does not wait longer than this. */
const swapPatienceMs = 50

/** One client's line with everything that can be wrong with a line; what is said on it is no matter of it. */
export class Connection {
  readonly #parts: ConnectionParts
  readonly #waiting: Outgoing[] = []
  #frames = 0
  #heardMs: number
  #over = false
  #frozen = false
  #idle: Timer
  #drip: Timer | undefined
  #pings: Timer | undefined
  #swap: { readonly outgoing: Outgoing; readonly timer: Timer } | undefined

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.#heardMs = parts.clock.monotonic()
    this.#idle = this.#watch(parts.idleMs)
    if (parts.faults.count('queue-half-open') === 0) this.#frozen = true
    const pingMs = parts.faults.number('queue-ping')
    if (pingMs === undefined) return
    this.#pings = every(parts.clock, pingMs, () => {
      if (!this.deaf) parts.socket.ping()
    })
  }

  /** Whether nothing that the client says is heard any more. */
  get deaf(): boolean {
    return this.#over || this.#frozen
  }

  /** The client moved. */
  touch(): void {
    this.#heardMs = this.#parts.clock.monotonic()
  }

  pong(payload: Buffer): void {
    if (!this.deaf) this.#parts.socket.pong(payload)
  }

  /** An answer that no fault touches. */
  answer(text: string): void {
    if (!this.deaf) this.#parts.socket.send(text)
  }

  /** One message; `onSent` is called if and when it goes out as a whole. */
  send(text: string, onSent: () => void): void {
    const { faults, random, clock } = this.#parts
    const outgoing = { text, onSent }
    if (this.#swap) {
      const { outgoing: earlier, timer } = this.#swap
      timer.cancel()
      this.#swap = undefined
      this.#pace(outgoing)
      this.#pace(earlier)
    } else if (faults.hits('queue-swap', random)) {
      const timer = clock.after(swapPatienceMs, () => {
        this.#swap = undefined
        this.#pace(outgoing)
      })
      this.#swap = { outgoing, timer }
    } else this.#pace(outgoing)
  }

  close(code: number, reason: string): void {
    if (this.#over) return
    this.end()
    this.#parts.socket.close(code, reason)
  }

  /** The line is gone, or given up. */
  end(): void {
    this.#over = true
    this.#idle.cancel()
    this.#drip?.cancel()
    this.#pings?.cancel()
    this.#swap?.timer.cancel()
  }

  #pace(outgoing: Outgoing): void {
    const { faults, clock } = this.#parts
    const dripMs = faults.number('queue-drip')
    if (dripMs === undefined && this.#waiting.length === 0) {
      this.#put(outgoing)
      return
    }
    this.#waiting.push(outgoing)
    if (this.#drip) return
    const next = () => {
      this.#drip = undefined
      const first = this.#waiting.shift()
      if (first) this.#put(first)
      if (this.#waiting.length > 0)
        this.#drip = clock.after(this.#parts.faults.number('queue-drip') ?? 0, next)
    }
    this.#drip = clock.after(dripMs ?? 0, next)
  }

  #put({ text, onSent }: Outgoing): void {
    const { faults, socket } = this.#parts
    if (this.deaf) return
    const cutAfter = faults.count('queue-cut')
    if (cutAfter !== undefined && this.#frames >= cutAfter) {
      const bytes = faults.detail('queue-cut') ?? 0
      this.end()
      socket.cut(text, bytes)
      return
    }
    this.#frames++
    this.touch()
    onSent()
    socket.send(text)
    if (this.#frames >= (faults.count('queue-half-open') ?? Number.POSITIVE_INFINITY)) this.#frozen = true
  }

  #watch(ms: number): Timer {
    const { clock, idleMs } = this.#parts
    return clock.after(ms, () => {
      const leftMs = this.#heardMs + idleMs - clock.monotonic()
      if (leftMs > 0) this.#idle = this.#watch(leftMs)
      else this.close(1001, 'Idle Timeout')
    })
  }
}
