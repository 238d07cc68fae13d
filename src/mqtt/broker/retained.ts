import persistence from 'aedes-persistence'
import { contains } from '../filter.ts'

export interface RetainedCaps {
  readonly topics: number
  readonly bytes: number
}

export const retainedCaps: RetainedCaps = { topics: 20_000, bytes: 64 * 1024 * 1024 }

export interface RetainedPacket {
  readonly topic: string
  readonly payload: Buffer | string
}

/** The part of aedes' persistence that we stand in front of. */
export interface Persistence {
  storeRetained(packet: RetainedPacket): Promise<void>
}

/**
 * aedes' memory store with a cap on what is retained (R-E2) and without retained commands, which are never kept.
 * `counts.dropped` is what did not get in.
 */
export class RetainedStore {
  readonly counts = { bytes: 0, dropped: 0 }
  readonly store: Persistence
  readonly #kept = new Map<string, RetainedPacket>()
  readonly #caps: RetainedCaps
  readonly #isCommand: (topic: string) => boolean

  constructor(isCommand: (topic: string) => boolean, caps: RetainedCaps = retainedCaps, inner?: Persistence) {
    this.#caps = caps
    this.#isCommand = isCommand
    this.store = inner ?? (persistence as unknown as () => Persistence)()
    const keep = this.store.storeRetained.bind(this.store)
    this.store.storeRetained = async (packet) => {
      if (!this.accepts(packet)) {
        this.counts.dropped++
        return
      }
      await keep(packet)
      this.#note(packet)
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
    return (known !== undefined || this.#kept.size < this.#caps.topics) && bytes <= this.#caps.bytes
  }

  *matching(filter: string): Generator<RetainedPacket> {
    for (const packet of this.#kept.values()) if (contains(filter, packet.topic)) yield packet
  }

  #note(packet: RetainedPacket): void {
    const before = this.#kept.get(packet.topic)
    if (before) this.counts.bytes -= sizeOf(before)
    if (packet.payload.length === 0) this.#kept.delete(packet.topic)
    else {
      this.#kept.set(packet.topic, { topic: packet.topic, payload: packet.payload })
      this.counts.bytes += sizeOf(packet)
    }
  }
}

function sizeOf(packet: RetainedPacket): number {
  return packet.topic.length + packet.payload.length
}
