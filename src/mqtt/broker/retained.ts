import { Readable, Transform } from 'node:stream'
import persistence from 'aedes-persistence'
import { contains } from '../filter.ts'
import { type BrokerLimits, brokerLimits } from './limits.ts'

export interface RetainedPacket {
  readonly topic: string
  readonly payload: Buffer | string
}

/** The part of aedes' persistence that we stand in front of. */
export interface Persistence {
  storeRetained(packet: RetainedPacket): Promise<void>
  /** What somebody who subscribes to these gets first. */
  createRetainedStreamCombi(filters: readonly string[]): Readable
}

const cleared = Buffer.alloc(0)

export type RetainedCaps = Pick<BrokerLimits, 'retainedTopics' | 'retainedBytes'>

/** The store in memory that aedes uses by itself. */
export function memoryStore(): Persistence {
  return (persistence as unknown as () => Persistence)()
}

/**
 * aedes' store with a cap on what is retained (R-E2) and without retained commands, which are never kept.
 * `counts.dropped` is what did not get in.
 */
export class RetainedStore {
  readonly counts = { bytes: 0, dropped: 0 }
  readonly store: Persistence
  readonly #kept = new Map<string, RetainedPacket>()
  readonly #caps: RetainedCaps
  readonly #isCommand: (topic: string) => boolean

  constructor(
    isCommand: (topic: string) => boolean,
    caps: RetainedCaps = brokerLimits,
    inner: Persistence = memoryStore(),
  ) {
    this.#caps = caps
    this.#isCommand = isCommand
    this.store = inner
    const keep = inner.storeRetained.bind(inner)
    inner.storeRetained = async (packet) => {
      if (!this.accepts(packet)) {
        this.counts.dropped++
        return
      }
      // Cut from what was read of the socket, it would hold all of that for as long as it is retained.
      const own = { ...packet, payload: unshared(packet.payload) }
      const before = this.#kept.get(packet.topic)
      // Noted before it is stored: those that come meanwhile find their place taken.
      this.#note(packet.topic, own)
      try {
        await keep(own)
      } catch (thrown) {
        if (this.#kept.get(packet.topic) === own) this.#note(packet.topic, before)
        throw thrown
      }
    }
    const replay = inner.createRetainedStreamCombi.bind(inner)
    inner.createRetainedStreamCombi = (filters) => {
      const wild = filters.filter((filter) => /[+#]/.test(filter))
      if (wild.length === filters.length) return this.#asOfTheirTurn(replay(filters))
      const named = new Set(filters.filter((filter) => !wild.includes(filter)))
      return this.#asOfTheirTurn(
        Readable.from(this.#both(named, wild.length === 0 ? undefined : replay(wild))),
      )
    }
  }

  get topics(): number {
    return this.#kept.size
  }

  /** Whether a message would be kept; an empty one clears and always may. */
  accepts(packet: RetainedPacket): boolean {
    if (packet.payload.length === 0) return true
    if (this.#isCommand(packet.topic)) return false
    const known = this.#kept.get(packet.topic)
    const bytes = this.counts.bytes - (known ? sizeOf(known) : 0) + sizeOf(packet)
    return (
      (known !== undefined || this.#kept.size < this.#caps.retainedTopics) &&
      bytes <= this.#caps.retainedBytes
    )
  }

  *matching(filter: string): Generator<RetainedPacket> {
    for (const packet of this.#kept.values()) if (contains(filter, packet.topic)) yield packet
  }

  /** aedes looks at all that is retained for every filter; programs that read topic by topic would wait for seconds. */
  async *#both(named: ReadonlySet<string>, wild?: Readable): AsyncGenerator<RetainedPacket> {
    for (const topic of named) {
      const packet = this.#kept.get(topic)
      if (packet) yield packet
    }
    if (wild) yield* wild
  }

  /**
   * aedes reads ahead of what it delivers. A subscriber gets what is kept when a message's turn comes: one read before
   * could follow the newer one that he got live meanwhile, and stay the last that he heard.
   */
  #asOfTheirTurn(read: Readable): Readable {
    const kept = this.#kept
    return read.pipe(
      new Transform({
        objectMode: true,
        transform: (packet: RetainedPacket, _encoding, done) =>
          done(null, {
            ...packet,
            get payload() {
              return kept.get(packet.topic)?.payload ?? cleared
            },
          }),
      }),
    )
  }

  #note(topic: string, packet: RetainedPacket | undefined): void {
    const before = this.#kept.get(topic)
    if (before) this.counts.bytes -= sizeOf(before)
    if (!packet || packet.payload.length === 0) this.#kept.delete(topic)
    else {
      this.#kept.set(topic, packet)
      this.counts.bytes += sizeOf(packet)
    }
  }
}

function unshared(payload: Buffer | string): Buffer {
  const bytes = Buffer.from(payload)
  const own = Buffer.alloc(bytes.length)
  bytes.copy(own)
  return own
}

function sizeOf(packet: RetainedPacket): number {
  return packet.topic.length + packet.payload.length
}
