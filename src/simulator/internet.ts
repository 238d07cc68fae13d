import type { Server, Socket } from 'node:net'
import type { Faults } from './fault.ts'

/** The way from clients to everything that is not at home; the fault `internet` unplugs it. */
export class Internet {
  readonly #faults: Faults
  readonly #sockets = new Set<Socket>()
  readonly #dead = new Set<Socket>()
  readonly #off: () => void

  constructor(faults: Faults) {
    this.#faults = faults
    this.#off = faults.events.on('changed', ({ name }) => {
      if (name === 'internet') this.#switch()
    })
  }

  /** Connections of this server go through it; first of all who hears of them. */
  carry(server: Server): void {
    server.prependListener('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        this.#dead.delete(socket)
      })
      this.#meet(socket)
    })
  }

  /** What arrives all the same was under way too late. */
  get isDown(): boolean {
    return this.#faults.has('internet')
  }

  stop(): void {
    this.#off()
  }

  #switch(): void {
    // What was swallowed meanwhile is lost, so such connections do not come to life again.
    for (const socket of this.#dead) socket.resetAndDestroy()
    for (const socket of this.#sockets) this.#meet(socket)
  }

  #meet(socket: Socket): void {
    const manner = this.#faults.text('internet')
    if (manner === undefined || socket.destroyed) return
    if (manner !== 'blackhole') {
      // Whoever serves it must not fall over what it cannot write.
      socket.on('error', () => {})
      socket.resetAndDestroy()
      return
    }
    this.#dead.add(socket)
    socket.pause()
    socket.cork()
  }
}
