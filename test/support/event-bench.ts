import type { Json } from '../../src/domain/data-point.ts'
import { EventTopics, type EventTopicsParts } from '../../src/mqtt/event-topics.ts'
import type { OutboxCaps } from '../../src/mqtt/outbox.ts'
import type { Settle } from '../../src/util/settlement.ts'
import { PublisherBench } from './publisher-bench.ts'

export interface EventBenchOptions {
  readonly settings?: Partial<EventTopicsParts['settings']>
  readonly caps?: Partial<OutboxCaps>
  readonly redact?: (data: Json) => Json
  /** What an earlier run left on the broker. */
  readonly retained?: ReadonlyMap<string, string>
}

export const dayMs = 86_400_000

/** The topics of events over an outbox that the test empties; the connection is up. */
export class EventBench extends PublisherBench {
  readonly events: EventTopics
  /** May be changed, as by a reload. */
  readonly settings = {
    reports: true,
    last: true,
    lastTtlMs: dayMs,
    maxEventAgeMs: 60_000,
    stale: 'last' as 'last' | 'both' | 'drop',
    actionKeys: ['action'] as readonly string[],
  }
  /** Answers of those who wait, as `<name> <delivered>`. */
  readonly told: string[] = []

  constructor(options: EventBenchOptions = {}) {
    super({ ...(options.caps ? { caps: options.caps } : {}) })
    for (const [topic, text] of options.retained ?? []) this.retained.set(topic, text)
    this.events = new EventTopics({
      publisher: this.publisher,
      tree: this.tree,
      clock: this.clock,
      instance: 'main',
      redact: options.redact ?? ((data) => data),
      settings: Object.assign(this.settings, options.settings),
    })
    this.publisher.resume()
  }

  get now(): number {
    return this.clock.now()
  }

  waiter(name: string): Settle {
    return (delivered) => this.told.push(`${name} ${delivered}`)
  }

  /** What a look at the broker finds below `last/`. */
  get found(): { readonly topics: Set<string>; readonly payloads: Map<string, string> } {
    const lasts = [...this.retained].filter(([topic]) => topic.startsWith('tuya/last/'))
    return { topics: new Set(lasts.map(([topic]) => topic)), payloads: new Map(lasts) }
  }

  /** The topics that were said since the last time, without the base. */
  topicsSaid(): string[] {
    return this.flush().map(({ topic }) => topic.slice('tuya/'.length))
  }

  /** What stands below `last/`, as JSON, by topic without the base. */
  get lasts(): Record<string, Record<string, unknown>> {
    return Object.fromEntries(
      [...this.found.payloads].map(([topic, text]) => [topic.slice('tuya/'.length), JSON.parse(text)]),
    )
  }
}
