import { type Clock, every, type Timer } from '../util/clock.ts'
import type { Outgoing } from './message.ts'
import type { Outbox, Settle } from './outbox.ts'
import { OwnedTopics } from './owned.ts'
import type { Payload } from './payload.ts'
import { type Topic, type TopicName, type TopicParams, type TopicTree, topics } from './topic.ts'

export interface PublisherParts {
  readonly tree: TopicTree
  readonly outbox: Outbox
  readonly clock: Clock
  /** The instance, told on every message of MQTT 5. */
  readonly bridge: string
  /** Something waits in the outbox. */
  readonly wake: () => void
  /** Messages a second when everything is said again; 0 = as fast as the broker takes them. */
  readonly republishPerSecond: number
}

export interface Extra {
  readonly user?: Readonly<Record<string, string>>
  readonly settle?: Settle
}

const tickMs = 20
/** The retained messages that wait in line while everything is said again. */
const aheadAtMost = 1_000

/**
 * The one way to the outbox. Retained messages are remembered by group, so that equal ones are said once, a group can
 * be taken back, and all of them can be said again after a reconnect.
 */
export class Publisher {
  readonly owned = new OwnedTopics()
  readonly #parts: PublisherParts
  #republishing: Timer | undefined
  #paused = true

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  /** Says a retained value; nothing happens when the topic says it already. */
  retain<N extends TopicName>(
    group: string,
    name: N,
    params: TopicParams<(typeof topics)[N]['pattern']>,
    payload: Payload,
    extra: Extra = {},
  ): void {
    this.retainAt(group, name, this.#parts.tree.build(name, params), payload, extra)
  }

  /** The same for a topic that the caller has built, for messages that are sent thousands of times. */
  retainAt(group: string, name: TopicName, topic: string, payload: Payload, extra: Extra = {}): void {
    const message = this.#message(name, topic, payload, extra)
    if (!this.owned.put(group, message) && extra.settle === undefined) return
    if (this.#paused) return
    this.#parts.outbox.offerState(message, extra.settle)
    this.#parts.wake()
  }

  /** Says something once. */
  tell<N extends TopicName>(
    name: N,
    params: TopicParams<(typeof topics)[N]['pattern']>,
    payload: Payload,
    extra: Extra = {},
  ): void {
    this.#parts.outbox.offerEvent(
      this.#message(name, this.#parts.tree.build(name, params), payload, extra),
      extra.settle,
    )
    this.#parts.wake()
  }

  /** The same to a topic that a requester named. */
  tellTo(topic: string, payload: Payload, correlationData: Buffer | undefined): void {
    const message = this.#message('reply', topic, payload, {})
    const properties = { ...message.properties, ...(correlationData ? { correlationData } : {}) }
    this.#parts.outbox.offerEvent({ ...message, properties })
    this.#parts.wake()
  }

  /** Takes one retained topic back. */
  clear(group: string, topic: string): void {
    this.owned.remove(group, topic)
    this.clearTopic(topic)
  }

  /** Takes back everything of a group. */
  clearGroup(group: string): void {
    for (const topic of this.owned.removeGroup(group)) this.clearTopic(topic)
  }

  /** Removes a retained message that is not in the books, such as one of an earlier run. */
  clearTopic(topic: string): void {
    if (this.#paused) return
    this.#parts.outbox.offerState({ topic, payload: '', qos: 1, retain: true })
    this.#parts.wake()
  }

  /** The same before there is a connection; it goes out with everything else. */
  forgetLater(topic: string): void {
    this.#parts.outbox.offerState({ topic, payload: '', qos: 1, retain: true })
  }

  /** While there is no connection nothing is queued: everything is said when it comes. */
  pause(): void {
    this.#paused = true
    this.#republishing?.cancel()
    this.#republishing = undefined
  }

  /** R-M10: says everything, at a pace that leaves room for what happens meanwhile. */
  republish(): void {
    this.#paused = false
    this.#republishing?.cancel()
    const { outbox, clock, wake, republishPerSecond } = this.#parts
    const messages = this.owned.messages()
    const perTick =
      republishPerSecond === 0 ? Number.POSITIVE_INFINITY : Math.max(1, (republishPerSecond * tickMs) / 1000)
    const feed = () => {
      for (let n = 0; n < perTick && outbox.size < aheadAtMost; n++) {
        const next = messages.next()
        if (next.done) {
          this.#republishing?.cancel()
          this.#republishing = undefined
          break
        }
        outbox.offerState(next.value)
      }
      wake()
    }
    this.#republishing = every(clock, tickMs, feed)
    feed()
  }

  get republishes(): boolean {
    return this.#republishing !== undefined
  }

  #message(name: TopicName, topic: string, payload: Payload, extra: Extra): Outgoing {
    const { retained, qos, expirySeconds }: Topic = topics[name]
    return {
      topic,
      payload: payload.text,
      qos: qos === 0 ? 0 : 1,
      retain: retained,
      properties: {
        contentType: payload.contentType,
        user: { bridge: this.#parts.bridge, ...extra.user },
        ...(expirySeconds === undefined ? {} : { expirySeconds }),
      },
    }
  }
}
