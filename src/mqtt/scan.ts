import { type Clock, sleep } from '../util/clock.ts'
import { deferred } from '../util/deferred.ts'
import { utf8 } from '../util/json.ts'
import type { BrokerConnector, BrokerLink } from './link.ts'
import type { Incoming } from './message.ts'
import type { Branch, Table, TopicTree } from './topic.ts'

const scanMs = 5_000
const quietMs = 250
const messagesAtMost = 50_000
/** Longer documents than ours are not ours. */
const keptBytes = 128 * 1024

/** What the broker held below our base. */
export interface Found {
  /** Topics of ours, with the payloads of those that the caller wants to read. */
  readonly topics: ReadonlySet<string>
  readonly payloads: ReadonlyMap<string, string>
  /** Stored commands, which are cleared and never obeyed. */
  readonly commands: readonly string[]
  /** Topics below the base that no table of ours knows. */
  readonly foreign: number
  /** Wanted topics outside the base with their payloads, which are empty where they cannot be read. */
  readonly others: ReadonlyMap<string, string>
}

export interface ScanParts {
  readonly connector: BrokerConnector
  readonly tree: TopicTree
  /** Whose topics are looked for; those of the tree itself unless told. */
  readonly sought?: Pick<Branch<Table>, 'parse'>
  readonly clock: Clock
  readonly token: string
  readonly signal: AbortSignal
}

/**
 * Reads stored messages over a short connection of its own, at QoS 0, which every broker answers in full. It ends
 * when our marker came back and silence followed, after 5 s, or at 50,000 messages.
 */
export async function scan(
  parts: ScanParts,
  filters: readonly string[],
  wanted: (topic: string) => boolean,
): Promise<Found> {
  const { connector, tree, clock, signal } = parts
  const collector = new Collector(tree, parts.sought ?? tree, wanted, parts.token)
  const link = await connector.connect({
    suffix: '-scan',
    onMessage: (message) => collector.take(message),
    signal,
  })
  const over = new AbortController()
  const untilOver = AbortSignal.any([signal, over.signal])
  try {
    await Promise.race([
      collect(link, parts, filters, collector, untilOver),
      broken(link),
      sleep(clock, scanMs, untilOver),
    ])
  } finally {
    over.abort()
    await link.close()
  }
  return collector.found
}

/** Half a picture is worse than none: a bridge on the same base might be in the other half. */
async function broken(link: BrokerLink): Promise<never> {
  throw await link.ended
}

async function collect(
  link: BrokerLink,
  { tree, clock, token }: ScanParts,
  filters: readonly string[],
  collector: Collector,
  signal: AbortSignal,
): Promise<void> {
  const probe = tree.build('bridgeProbe', {})
  if (!filters.includes(tree.everything)) await link.subscribe(probe, { qos: 0 })
  for (const filter of filters) await link.subscribe(filter, { qos: 0 })
  link.publish({ topic: probe, payload: token, qos: 0, retain: false }, () => {})
  await collector.marked
  for (let seen = -1; seen !== collector.count && collector.count < messagesAtMost; ) {
    seen = collector.count
    await sleep(clock, quietMs, signal)
  }
}

class Collector {
  readonly #tree: TopicTree
  readonly #sought: Pick<Branch<Table>, 'parse'>
  readonly #wanted: (topic: string) => boolean
  readonly #token: string
  readonly #marked = deferred<void>()
  readonly #topics = new Set<string>()
  readonly #payloads = new Map<string, string>()
  readonly #commands: string[] = []
  readonly #others = new Map<string, string>()
  #foreign = 0
  count = 0

  constructor(
    tree: TopicTree,
    sought: Pick<Branch<Table>, 'parse'>,
    wanted: (topic: string) => boolean,
    token: string,
  ) {
    this.#tree = tree
    this.#sought = sought
    this.#wanted = wanted
    this.#token = token
  }

  get marked(): Promise<void> {
    return this.#marked.promise
  }

  get found(): Found {
    return {
      topics: this.#topics,
      payloads: this.#payloads,
      commands: this.#commands,
      foreign: this.#foreign,
      others: this.#others,
    }
  }

  take(message: Incoming): void {
    if (!message.retain) {
      if (message.payload.byteLength === this.#token.length && utf8(message.payload) === this.#token)
        this.#marked.resolve()
      return
    }
    if (message.payload.byteLength === 0 || this.count >= messagesAtMost) return
    this.count++
    if (this.#tree.relative(message.topic)?.startsWith('cmd/')) {
      this.#commands.push(message.topic)
      return
    }
    if (this.#tree.relative(message.topic) === undefined && this.#wanted(message.topic)) {
      this.#others.set(message.topic, textOf(message) ?? '')
      return
    }
    const parsed = this.#sought.parse(message.topic)
    if (!parsed) {
      this.#foreign++
      return
    }
    this.#topics.add(message.topic)
    const text = this.#wanted(message.topic) ? textOf(message) : undefined
    if (text !== undefined) this.#payloads.set(message.topic, text)
  }
}

function textOf({ payload }: Incoming): string | undefined {
  return payload.byteLength > keptBytes ? undefined : utf8(payload)
}
