import type { Clock } from '../../util/clock.ts'
import { Rule } from './rule.ts'
import { Subscription } from './subscription.ts'
import { type LogEntry, TopicLog } from './topic-log.ts'

export interface TopicOptions {
  readonly name: string
  readonly partitions: number
  readonly clock: Clock
  readonly handOverMs: number
  readonly retentionMs: number
  readonly onRedelivery: (subscription: string, why: string, messages: number, consumer: string) => void
}

/** How many entries come before it is looked after what is not owed to anybody any more. */
const sweepEvery = 256

/** One environment's stream: its rule, its messages and everyone's copy of it. */
export class Topic<T> {
  readonly name: string
  readonly rule = new Rule()
  readonly log: TopicLog<T>
  readonly subscriptions = new Map<string, Subscription<T>>()
  readonly #options: TopicOptions
  #appended = 0

  constructor(options: TopicOptions) {
    this.name = options.name
    this.#options = options
    this.log = new TopicLog(options.partitions)
  }

  append(key: string, content: T, publishedMs: number): LogEntry<T> {
    const entry = this.log.append(key, content, publishedMs)
    if (this.#appended++ % sweepEvery === 0) this.sweep()
    for (const subscription of this.subscriptions.values()) subscription.pump()
    return entry
  }

  /** One that exists stays as it is. `earliest`: it begins with what the others have not acknowledged yet. */
  subscribe(name: string, from: 'earliest' | 'latest'): Subscription<T> {
    const known = this.subscriptions.get(name)
    if (known) return known
    const { clock, handOverMs, onRedelivery } = this.#options
    const subscription = new Subscription<T>({
      name,
      log: this.log,
      clock,
      handOverMs,
      from,
      onRedelivery: (why, messages, consumer) => onRedelivery(name, why, messages, consumer),
    })
    this.subscriptions.set(name, subscription)
    return subscription
  }

  /** With all that waits in it. */
  unsubscribe(name: string): void {
    this.subscriptions.get(name)?.stop()
    this.subscriptions.delete(name)
  }

  /** Forgets what is too old and what is owed to nobody. */
  sweep(): void {
    this.log.expire(this.#options.clock.now() - this.#options.retentionMs)
    for (const partition of this.log.partitions) {
      const marks = [...this.subscriptions.values()].map((subscription) => subscription.mark(partition.index))
      partition.forget(Math.min(partition.end, ...marks))
    }
  }

  stop(): void {
    for (const subscription of this.subscriptions.values()) subscription.stop()
  }
}
