import type { Outgoing } from '../../src/mqtt/message.ts'
import { type Entry, Outbox, type OutboxCaps, outboxCaps } from '../../src/mqtt/outbox.ts'
import { Publisher } from '../../src/mqtt/publisher.ts'
import { TopicTree } from '../../src/mqtt/topic.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A publisher whose messages the test takes out of the outbox by hand. */
export class PublisherBench {
  readonly clock = new VirtualClock()
  readonly tree = new TopicTree('tuya')
  readonly outbox: Outbox
  readonly publisher: Publisher
  readonly refused: string[] = []
  /** What the broker would hold. */
  readonly retained = new Map<string, string>()
  /** Everything that left, oldest first. */
  readonly left: Outgoing[] = []
  /** Everything that was said to everybody, sent or not. */
  readonly heard: string[] = []
  wakes = 0

  constructor(options: { readonly caps?: Partial<OutboxCaps>; readonly republishPerSecond?: number } = {}) {
    this.outbox = new Outbox({ ...outboxCaps, ...options.caps })
    this.publisher = new Publisher({
      tree: this.tree,
      outbox: this.outbox,
      clock: this.clock,
      bridge: 'main',
      wake: () => this.wakes++,
      republishPerSecond: options.republishPerSecond ?? 2_000,
      onRefused: (reason, topic) => this.refused.push(`${reason} ${topic}`),
      onSaid: (name, topic, text) => this.heard.push(`${name} ${topic} ${text}`),
    })
  }

  /** The broker takes everything that waits; gives what it took. */
  flush(): Outgoing[] {
    const taken: Outgoing[] = []
    for (let entry = this.#next(); entry; entry = this.#next()) {
      this.outbox.settled(entry)
      taken.push(entry.message)
      const { topic, payload, retain } = entry.message
      if (retain && payload === '') this.retained.delete(topic)
      else if (retain) this.retained.set(topic, payload)
    }
    this.left.push(...taken)
    return taken
  }

  /** The same, without what stands around it: `topic payload`. */
  said(): string[] {
    return this.flush().map(({ topic, payload }) =>
      `${topic.slice(this.tree.base.length + 1)} ${payload}`.trimEnd(),
    )
  }

  #next(): Entry | undefined {
    return this.outbox.take(1)
  }
}
