/** The two ways in which the platform words its events. */
export type FeedFamily = 'legacy' | 'iotcore'

/** An event as the platform owes it to those who listen; the body is what its queue would carry, unencrypted. */
export interface FeedMessage {
  readonly family: FeedFamily
  /** The platform's coarse class. */
  readonly protocol: number
  /** Null for status reports of the older family. */
  readonly bizCode: string | null
  /** What it is about: messages of one key keep their order. */
  readonly key: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface FeedEntry extends FeedMessage {
  /** From 1, without a gap. */
  readonly sequence: number
  readonly timeMs: number
}

const kept = 10_000

/** Everything that the platform told, oldest first; the newest ten thousand can be read again. */
export class Feed {
  readonly #now: () => number
  readonly #listeners = new Set<(entry: FeedEntry) => void>()
  #entries: FeedEntry[] = []
  #sequence = 0

  constructor(now: () => number) {
    this.#now = now
  }

  append(message: FeedMessage): FeedEntry {
    const entry = { ...message, sequence: ++this.#sequence, timeMs: this.#now() }
    this.#entries.push(entry)
    if (this.#entries.length > 2 * kept) this.#entries = this.#entries.slice(-kept)
    for (const listener of [...this.#listeners]) listener(entry)
    return entry
  }

  /** Hears everything that is appended from now on, until the returned function is called. */
  subscribe(listener: (entry: FeedEntry) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The sequence number of the newest entry; 0 before the first. */
  get last(): number {
    return this.#sequence
  }

  /** What came after a sequence number and is still kept. */
  since(sequence = 0): readonly FeedEntry[] {
    return this.#entries.filter((entry) => entry.sequence > sequence)
  }
}
