import { Connection, type ServerSocket } from '../../src/simulator/queue/connection.ts'
import { HandshakeRefusal } from '../../src/simulator/queue/handshake.ts'
import { idleMs } from '../../src/simulator/queue/service.ts'
import type { Visit } from '../../src/simulator/queue/visit.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { QueueLinkError, refusal } from '../../src/transport/queue/link-error.ts'
import type { OpenSocket, QueueSocket, SocketOptions } from '../../src/transport/queue/socket.ts'
import type { Clock } from '../../src/util/clock.ts'
import { deferred } from '../../src/util/deferred.ts'
import { seededRandom } from '../../src/util/random.ts'

/** The simulated queue without sockets between, for time that passes as a test says. */
export function directQueue(simulator: Simulator, clock: Clock, ackTimeoutMs?: number): OpenSocket {
  return async (options) => {
    await Promise.resolve()
    const url = new URL(options.url)
    // A queue that is less patient than it was asked to be.
    if (ackTimeoutMs !== undefined) url.searchParams.set('ackTimeoutMillis', String(ackTimeoutMs))
    return new DirectSocket(simulator, clock, { ...options, url: url.href })
  }
}

class DirectSocket implements QueueSocket {
  readonly unsentBytes = 0
  readonly ended: Promise<QueueLinkError>
  readonly #end = deferred<QueueLinkError>()
  readonly #options: SocketOptions
  readonly #visit: Visit
  #waiting: string[] = []
  #paused = false
  #over = false

  constructor(simulator: Simulator, clock: Clock, options: SocketOptions) {
    this.#options = options
    this.ended = this.#end.promise
    const { pathname, search } = new URL(options.url)
    const headers = { username: options.username, password: options.password.reveal() }
    const entrance = this.#admitted(() =>
      simulator.queue.admit({ target: pathname + search, headers } as never),
    )
    if (entrance === 'stalled') throw new QueueLinkError('timeout', 'No answer.')
    const socket: ServerSocket = {
      send: (text) => queueMicrotask(() => this.#hear(text)),
      pong: (mark) => queueMicrotask(() => this.#pong(mark.toString())),
      ping: () => queueMicrotask(() => !this.#over && options.onSign()),
      close: () => this.#finish(new QueueLinkError('closed', 'The queue closed the connection.')),
      cut: () => this.#finish(new QueueLinkError('closed', 'The line was cut.')),
    }
    const { faults } = simulator
    const connection = new Connection({ socket, clock, random: seededRandom(5), faults, idleMs })
    this.#visit = simulator.queue.welcome(entrance, connection)
  }

  send(text: string): void {
    queueMicrotask(() => !this.#over && this.#visit.hear(text))
  }

  ping(mark: string): void {
    queueMicrotask(() => !this.#over && this.#visit.ping(Buffer.from(mark)))
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    for (const text of this.#waiting.splice(0)) this.#hear(text)
  }

  destroy(end: QueueLinkError): void {
    this.#finish(end)
  }

  async close(end: QueueLinkError): Promise<void> {
    this.#finish(end)
  }

  #admitted<T>(admit: () => T): T {
    try {
      return admit()
    } catch (thrown) {
      if (thrown instanceof HandshakeRefusal) throw refusal(thrown.status, undefined)
      throw thrown
    }
  }

  #hear(text: string): void {
    if (this.#over) return
    if (this.#paused) {
      this.#waiting.push(text)
      return
    }
    this.#options.onSign()
    this.#options.onText(text, Buffer.byteLength(text))
  }

  #pong(mark: string): void {
    if (this.#over) return
    this.#options.onSign()
    this.#options.onPong(mark)
  }

  #finish(end: QueueLinkError): void {
    if (this.#over) return
    this.#over = true
    this.#visit.leave(1000, '')
    this.#end.resolve(end)
  }
}
