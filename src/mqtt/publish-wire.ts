import type { MqttClient } from 'mqtt'
import { publishReason } from './client-wire.ts'
import { PublishRefused } from './link.ts'
import type { Outgoing } from './message.ts'
import { PublishPackets } from './publish-packet.ts'

type Done = (refused?: PublishRefused) => void

/** Bytes; what a packet can say of the length of a text. */
const longestText = 0xffff
/** All packet ids but one, for a subscription; no window is as large. */
const unansweredAtMost = 0xffff - 1
/** Reason codes from here on say that something was not done (MQTT 5, section 2.4). */
const firstError = 0x80

/** What is published over one connection of the library's, past the library: packets, their ids, and their answers. */
export class PublishWire {
  readonly #client: MqttClient
  /** What goes to the socket together, before anything else does and when this turn ends. */
  readonly #packets: PublishPackets
  /** Who waits for room in the socket. */
  #undrained: (() => void)[] = []
  /** By packet id: who waits for an answer of the broker. */
  readonly #unanswered = new Map<number, Done>()
  #onAnswered: (() => void) | undefined
  #over = false

  constructor(client: MqttClient, version: 4 | 5) {
    this.#client = client
    this.#packets = new PublishPackets(version)
    client.stream.on('drain', () => this.#drained())
  }

  get unsentBytes(): number {
    return (this.#client.stream?.writableLength ?? 0) + this.#packets.bytes
  }

  /** Calls back when the broker has it; without an answer, when the socket has room for it. Never after `end`. */
  publish(message: Outgoing, done: Done): void {
    if (this.#over || this.#onAnswered) return
    if (Buffer.byteLength(message.topic) > longestText || this.#unanswered.size >= unansweredAtMost) {
      done(new PublishRefused('invalid'))
      return
    }
    if (message.qos === 1) {
      const id = this.#freeId()
      this.#unanswered.set(id, done)
      this.#write(message, id)
      return
    }
    this.#write(message)
    if (this.#client.stream.writableNeedDrain) this.#undrained.push(done)
    else done()
  }

  /** PUBACK. The library knows nothing of what we publish, and leaves the answers alone. */
  answered(id: number, reasonCode = 0): void {
    const done = this.#unanswered.get(id)
    if (!done || this.#over) return
    this.#unanswered.delete(id)
    if (reasonCode < firstError) done()
    else done(new PublishRefused(publishReason(reasonCode)))
    if (this.#unanswered.size === 0) this.#onAnswered?.()
  }

  /** Nothing more is published; calls back when everybody has his answer. */
  drain(onAnswered: () => void): void {
    this.#flush()
    this.#onAnswered = onAnswered
    if (this.#unanswered.size === 0) onAnswered()
  }

  /** The connection is over: nobody is called back any more. */
  end(): void {
    this.#over = true
  }

  /** The library takes its ids for subscriptions out of the same numbers. */
  #freeId(): number {
    for (;;) {
      const id = this.#client.messageIdProvider.allocate() ?? 0
      if (id > 0 && !this.#unanswered.has(id)) return id
    }
  }

  #write(message: Outgoing, id?: number): void {
    if (this.#packets.bytes === 0) process.nextTick(() => this.#flush())
    this.#packets.put(message, id)
  }

  #flush(): void {
    const [first, ...more] = this.#packets.take()
    if (!first || this.#over) return
    const { stream } = this.#client
    if (more.length > 0) stream.cork()
    stream.write(first)
    for (const piece of more) stream.write(piece)
    if (more.length > 0) stream.uncork()
  }

  #drained(): void {
    const waiting = this.#undrained
    this.#undrained = []
    if (!this.#over) for (const done of waiting) done()
  }
}
