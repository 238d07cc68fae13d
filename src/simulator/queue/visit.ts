import { decodeClientFrame } from '../../codec/queue/frame.ts'
import { QueueError } from '../../codec/queue/queue-error.ts'
import type { Clock } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import type { Faults } from '../fault.ts'
import type { Connection } from './connection.ts'
import { Consumer, type ConsumerWishes } from './consumer.ts'
import type { QueueContent } from './content.ts'
import { buildMessageId, parseMessageId } from './message-id.ts'
import type { Sealer } from './seal.ts'
import type { Subscription } from './subscription.ts'
import type { Topic } from './topic.ts'
import type { LogEntry } from './topic-log.ts'

export interface VisitParts {
  readonly topic: Topic<QueueContent>
  readonly subscription: Subscription<QueueContent>
  readonly wishes: ConsumerWishes
  readonly connection: Connection
  readonly sealer: Sealer
  readonly faults: Faults
  readonly clock: Clock
  readonly random: Random
  readonly note: (what: string, detail?: Readonly<Record<string, unknown>>) => void
}

const protocolError = 1003
const normal = 1000

/** A client from its coming to its going: what it says, and what becomes of it. */
export class Visit {
  readonly consumer: Consumer<QueueContent>
  readonly #parts: VisitParts
  #gone = false

  constructor(parts: VisitParts) {
    this.#parts = parts
    const { clock, wishes, subscription } = parts
    this.consumer = new Consumer(wishes, {
      clock,
      deliver: (entry, redeliveryCount) => this.#deliver(entry, redeliveryCount),
      redeliver: (why, entries) => subscription.redeliver(why, this.consumer, entries),
    })
  }

  get gone(): boolean {
    return this.#gone
  }

  start(): void {
    const { note, wishes } = this.#parts
    note('open', { type: wishes.type, priority: wishes.priority })
    this.#parts.subscription.attach(this.consumer)
  }

  hear(text: string): void {
    const { connection, note } = this.#parts
    if (connection.deaf) return
    connection.touch()
    try {
      this.#obey(text)
    } catch (thrown) {
      if (!(thrown instanceof QueueError)) throw thrown
      note('garbage', { text: text.slice(0, 200) })
      connection.close(protocolError, 'FailedToDeserializeFromJSON')
    }
  }

  ping(payload: Buffer): void {
    const { connection, note } = this.#parts
    if (connection.deaf) return
    connection.touch()
    note('ping', { payload: payload.toString() })
    connection.pong(payload)
  }

  /** The line is gone; for the second time makes no difference. */
  leave(code: number, reason: string): void {
    const { connection, subscription, note } = this.#parts
    if (this.#gone) return
    this.#gone = true
    connection.end()
    note('close', { code, reason })
    subscription.detach(this.consumer)
  }

  #obey(text: string): void {
    const { topic, subscription, connection, note } = this.#parts
    const frame = decodeClientFrame(text)
    switch (frame.kind) {
      case 'ack': {
        const position = positionOf(frame.messageId)
        this.consumer.acknowledged(position)
        note('ack', { messageId: frame.messageId, first: subscription.ack(position) })
        break
      }
      case 'nack': {
        const position = positionOf(frame.messageId)
        note('nack', { messageId: frame.messageId })
        this.consumer.refused(position)
        break
      }
      case 'permit':
        note('permit', { messages: frame.permits })
        this.consumer.permit(frame.permits)
        break
      case 'isEndOfTopic':
        connection.answer(JSON.stringify({ endOfTopic: false }))
        break
      case 'unsubscribe':
        note('unsubscribe')
        // With others still there it is refused, and nobody says so.
        if (subscription.consumers.length > 1) break
        topic.unsubscribe(subscription.name)
        connection.close(normal, 'unsubscribed')
        break
    }
    subscription.pump()
  }

  #deliver(entry: LogEntry<QueueContent>, redeliveryCount: number): void {
    const { connection, sealer, faults, random, note } = this.#parts
    const text = sealer.frame(entry, redeliveryCount)
    const times = faults.hits('queue-duplicate', random) ? 2 : 1
    for (let i = 0; i < times; i++) {
      if (i > 0) this.consumer.deliveredAgain()
      connection.send(text, () =>
        note('deliver', {
          messageId: buildMessageId(entry),
          key: entry.key,
          partition: entry.partition,
          bizCode: entry.content.bizCode,
          redeliveryCount,
        }),
      )
    }
  }
}

function positionOf(messageId: string) {
  const position = parseMessageId(messageId)
  if (!position) throw new QueueError('frame_json')
  return position
}
