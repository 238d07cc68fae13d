import { json } from '../mqtt/payload.ts'
import type { Publisher } from '../mqtt/publisher.ts'
import type { TopicTree } from '../mqtt/topic.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'

export interface UndeliveredParts {
  readonly tree: TopicTree
  readonly publisher: () => Publisher
  readonly metrics: Metrics
  readonly log: Logger
  readonly clock: Clock
  readonly onTrouble: (reason: string, message: string) => void
}

const alarmEveryMs = 60_000

/** What the broker does not get: counted, logged and told as dead letters. */
export class Undelivered {
  readonly #parts: UndeliveredParts
  #fullAt = Number.NEGATIVE_INFINITY
  #elsewhere = 0

  constructor(parts: UndeliveredParts) {
    this.#parts = parts
  }

  /** What was not delivered on the connections of other trees. */
  get elsewhere(): number {
    return this.#elsewhere
  }

  /** A message got no place; one line and one message for as long as the outbox is full. */
  refused(reason: 'full' | 'barred', topic: string): void {
    const { metrics, log, clock, onTrouble } = this.#parts
    if (reason === 'barred') metrics.deadLetter('mqtt', reason)
    const now = clock.monotonic()
    if (reason === 'barred' || now - this.#fullAt < alarmEveryMs) return
    this.#fullAt = now
    log.error({ topic: topic.slice(0, 200) }, 'the outbox is full; messages are refused')
    onTrouble('bridge/outbox-full', 'The outbox is full: the broker does not take messages fast enough.')
  }

  dead(topic: string, bytes: number, reason: string): void {
    const { tree, publisher, metrics, log, clock } = this.#parts
    metrics.deadLetter('mqtt', reason)
    if (reason === 'poison') publisher().bar(topic)
    log.warn({ reason, bytes, topic: topic.slice(0, 200) }, 'a message could not be delivered')
    if (topic === tree.build('bridgeDeadletter', {})) return
    const device = tree.parse(topic)?.params['device']
    const letter = json({ timeMs: clock.now(), link: 'mqtt', reason, device, bytes })
    publisher().tell('bridgeDeadletter', {}, letter)
  }

  /** The same on the connection of another tree; only the first of a topic is told. */
  deadElsewhere(topic: string, bytes: number, reason: string, first: boolean): void {
    this.#elsewhere++
    if (first) this.dead(topic, bytes, reason)
  }
}
