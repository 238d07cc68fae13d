import { type LinkEnd, QueueLinkError } from '../../src/transport/queue/link-error.ts'
import type { OpenSocket, QueueSocket, SocketOptions } from '../../src/transport/queue/socket.ts'
import { deferred } from '../../src/util/deferred.ts'
import { abortReason } from '../../src/util/signal.ts'

/** A connection to the queue without a socket: the test is the proxy. */
export class ScriptedSocket implements QueueSocket {
  readonly ended: Promise<QueueLinkError>
  unsentBytes = 0
  readonly sent: string[] = []
  pings = 0
  readonly marks: string[] = []
  paused = false
  /** Answers pings. */
  answers = true
  readonly options: SocketOptions
  readonly #end = deferred<QueueLinkError>()
  #over: QueueLinkError | undefined

  constructor(options: SocketOptions) {
    this.options = options
    this.ended = this.#end.promise
  }

  /** Why it ended; undefined while it stands. */
  get over(): LinkEnd | undefined {
    return this.#over?.end
  }

  /** The ids that were acknowledged, in order. */
  get acks(): string[] {
    return this.sent.map((text) => String(JSON.parse(text).messageId))
  }

  hear(text: string, bytes = Buffer.byteLength(text)): void {
    if (this.#over) return
    this.options.onSign()
    this.options.onText(text, bytes)
  }

  pong(mark: string): void {
    this.sign()
    if (!this.#over) this.options.onPong(mark)
  }

  /** Any frame but a message. */
  sign(): void {
    if (!this.#over) this.options.onSign()
  }

  send(text: string): void {
    if (!this.#over) this.sent.push(text)
  }

  ping(mark: string): void {
    this.pings++
    this.marks.push(mark)
    if (this.answers) queueMicrotask(() => this.pong(mark))
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  destroy(end: QueueLinkError): void {
    this.#over ??= end
    this.#end.resolve(this.#over)
  }

  async close(end: QueueLinkError): Promise<void> {
    this.destroy(end)
    await this.ended
  }

  drop(end: LinkEnd = 'closed'): void {
    this.destroy(new QueueLinkError(end, `scripted: ${end}`))
  }
}

/** Opens scripted sockets, unless the test refuses. */
export class ScriptedQueue {
  readonly sockets: ScriptedSocket[] = []
  readonly asked: SocketOptions[] = []
  /** Called before each connection; throwing refuses it. */
  prepare: (options: SocketOptions, n: number) => void | Promise<void> = () => {}
  /** Called with each new one, before the client knows that it stands. */
  onOpen: (socket: ScriptedSocket) => void = () => {}

  readonly open: OpenSocket = async (options) => {
    if (options.signal.aborted) throw abortReason(options.signal)
    this.asked.push(options)
    await this.prepare(options, this.asked.length)
    const socket = new ScriptedSocket(options)
    this.sockets.push(socket)
    this.onOpen(socket)
    return socket
  }

  get last(): ScriptedSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('nobody has connected')
    return socket
  }
}
