import { type Clock, sleep } from '../util/clock.ts'
import { deferred } from '../util/deferred.ts'
import { utf8 } from '../util/json.ts'
import type { BrokerConnector, BrokerLink } from './link.ts'
import type { Incoming } from './message.ts'
import type { Branch, Table, TopicTree } from './topic.ts'

/** Without a stored message for this long it is over, whatever came; and after so long altogether. */
const patienceMs = 5_000
const scanMs = 60_000
const quietMs = 250
const againMs = 1_000
/** What 3,000 devices have in the largest of our trees, twice. */
const topicsAtMost = 400_000
/** Longer documents than ours are not ours. */
const keptBytes = 128 * 1024
const keptBytesInAll = 64 * 1024 * 1024
/** Brokers drop what is more than their queue and the socket hold, and mosquitto's queue has this size: from here on, all is read once more in portions. */
const manyMessages = 1_000
/** Of this many things at a time: of some fifty messages each, that queue holds them all. */
const filtersAtOnce = 20

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

/** A tree as its parts. */
export interface Portions {
  /** Filters of few and short messages that tell which things there are. */
  readonly names: readonly string[]
  /** A filter for each thing that there may be, after all that was found so far. */
  readonly of: (found: Found) => Iterable<string>
}

export interface ScanParts {
  readonly connector: BrokerConnector
  readonly tree: TopicTree
  /** Whose topics are looked for; those of the tree itself unless told. */
  readonly sought?: Pick<Branch<Table>, 'parse'>
  /** How a large tree is read in small parts. */
  readonly portions?: Portions
  /** What is kept of a wanted payload outside the base; the whole of it unless told. */
  readonly keep?: (topic: string, text: string) => string
  readonly clock: Clock
  readonly token: string
  readonly signal: AbortSignal
}

/**
 * Reads stored messages over a short connection of its own, at QoS 0, which brokers answer in full as long as it is not
 * too much at once; where it is, in portions after that. It ends when our marker came back and silence followed, or when
 * nothing came for 5 s. At most 400,000 topics are kept.
 */
export async function scan(
  parts: ScanParts,
  filters: readonly string[],
  wanted: (topic: string) => boolean,
): Promise<Found> {
  const { connector, clock, signal } = parts
  const collector = new Collector(parts, wanted)
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
      patience(clock, collector, untilOver),
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

async function patience(clock: Clock, collector: Collector, signal: AbortSignal): Promise<void> {
  const end = clock.monotonic() + scanMs
  let seen = collector.count
  let patient = clock.monotonic() + patienceMs
  while (clock.monotonic() < Math.min(patient, end)) {
    await sleep(clock, quietMs, signal)
    if (seen !== collector.count) patient = clock.monotonic() + patienceMs
    seen = collector.count
  }
}

async function collect(
  link: BrokerLink,
  { tree, clock, token, portions }: ScanParts,
  filters: readonly string[],
  collector: Collector,
  signal: AbortSignal,
): Promise<void> {
  const probe = tree.build('bridgeProbe', {})
  const ask = async (some: readonly string[]) => {
    const back = new AbortController()
    void collector.mark().then(() => back.abort())
    const granted = Promise.all(some.map((filter) => link.subscribe(filter, { qos: 0 })))
    // A broker that drops what is too much may have dropped the marker too.
    for (let first = true; first || (!back.signal.aborted && !signal.aborted); first = false) {
      link.publish({ topic: probe, payload: token, qos: 0, retain: false }, () => {})
      if (first) await granted
      await sleep(clock, againMs, AbortSignal.any([signal, back.signal])).catch(() => {})
    }
  }
  if (!filters.includes(tree.everything)) await link.subscribe(probe, { qos: 0 })
  await ask(filters)
  await silence(clock, collector, signal)
  if (!portions || collector.count < manyMessages) return
  collector.isAgain = true
  for (const names of portions.names) await ask([names])
  const parts = [...new Set(portions.of(collector.found))]
  for (let i = 0; i < parts.length && !signal.aborted; i += filtersAtOnce)
    await ask(parts.slice(i, i + filtersAtOnce))
  await silence(clock, collector, signal)
}

async function silence(clock: Clock, collector: Collector, signal: AbortSignal): Promise<void> {
  for (let seen = -1; seen !== collector.count; ) {
    seen = collector.count
    await sleep(clock, quietMs, signal)
  }
}

class Collector {
  readonly #parts: ScanParts
  readonly #wanted: (topic: string) => boolean
  #marked = deferred<void>()
  readonly #topics = new Set<string>()
  readonly #payloads = new Map<string, string>()
  readonly #commands = new Set<string>()
  readonly #others = new Map<string, string>()
  #foreign = 0
  #keptBytes = 0
  /** Stored messages that came. */
  count = 0
  /** What comes now may have come before. */
  isAgain = false

  constructor(parts: ScanParts, wanted: (topic: string) => boolean) {
    this.#parts = parts
    this.#wanted = wanted
  }

  /** Resolves when our marker comes back after this. */
  mark(): Promise<void> {
    this.#marked = deferred<void>()
    return this.#marked.promise
  }

  get found(): Found {
    return {
      topics: this.#topics,
      payloads: this.#payloads,
      commands: [...this.#commands],
      foreign: this.#foreign,
      others: this.#others,
    }
  }

  take(message: Incoming): void {
    const { payload, retain } = message
    const { token } = this.#parts
    if (!retain) {
      if (payload.byteLength === token.length && utf8(payload) === token) this.#marked.resolve()
      return
    }
    if (payload.byteLength === 0) return
    this.count++
    const isFull = this.#topics.size + this.#others.size + this.#commands.size >= topicsAtMost
    if (!isFull) this.#sort(message)
  }

  #sort(message: Incoming): void {
    const { tree, sought, keep } = this.#parts
    const { topic } = message
    if (tree.relative(topic)?.startsWith('cmd/')) this.#commands.add(topic)
    else if (tree.relative(topic) === undefined && this.#wanted(topic)) {
      if (this.#others.has(topic)) return
      const text = this.#textOf(message, keep) ?? ''
      this.#others.set(topic, text)
    } else if (!(sought ?? tree).parse(topic)) this.#foreign += this.isAgain ? 0 : 1
    else {
      if (this.#wanted(topic) && !this.#payloads.has(topic)) {
        const text = this.#textOf(message)
        if (text !== undefined) this.#payloads.set(topic, text)
      }
      this.#topics.add(topic)
    }
  }

  #textOf({ topic, payload }: Incoming, keep: ScanParts['keep'] = (_, text) => text): string | undefined {
    const text = payload.byteLength > keptBytes ? undefined : utf8(payload)
    const kept = text === undefined ? undefined : keep(topic, text)
    if (kept === undefined || this.#keptBytes + kept.length > keptBytesInAll) return undefined
    this.#keptBytes += kept.length
    return kept
  }
}
