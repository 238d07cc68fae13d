/** Where a message lies in its topic. */
export interface Position {
  readonly partition: number
  /** From 0, without a gap inside its partition. */
  readonly offset: number
}

/** One message of a topic; nothing about it ever changes. */
export interface LogEntry<T> extends Position {
  readonly key: string
  readonly publishedMs: number
  readonly content: T
}

/** Java's hash of a text without its sign, which is how the platform's broker spreads keys. */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0
  return (hash & 0x7fffffff) % partitions
}

/** Forgotten entries are cut off in portions, so that forgetting one costs nothing. */
const portion = 1024

/** One ordered part of a topic. */
export class Partition<T> {
  readonly index: number
  #entries: LogEntry<T>[] = []
  #base = 0
  #first = 0

  constructor(index: number) {
    this.index = index
  }

  /** The offset of the oldest entry that is kept. */
  get first(): number {
    return this.#first
  }

  /** The offset that the next entry gets. */
  get end(): number {
    return this.#base + this.#entries.length
  }

  at(offset: number): LogEntry<T> | undefined {
    return offset < this.#first ? undefined : this.#entries[offset - this.#base]
  }

  append(key: string, content: T, publishedMs: number): LogEntry<T> {
    const entry = { partition: this.index, offset: this.end, key, publishedMs, content }
    this.#entries.push(entry)
    return entry
  }

  /** Forgets everything before an offset. */
  forget(before: number): void {
    this.#first = Math.min(Math.max(this.#first, before), this.end)
    if (this.#first - this.#base < portion) return
    this.#entries = this.#entries.slice(this.#first - this.#base)
    this.#base = this.#first
  }
}

/** The messages of a topic in the order of their coming; messages of one key lie in one partition. */
export class TopicLog<T> {
  readonly partitions: readonly Partition<T>[]

  constructor(partitions: number) {
    this.partitions = Array.from({ length: partitions }, (_, index) => new Partition<T>(index))
  }

  append(key: string, content: T, publishedMs: number): LogEntry<T> {
    const partition = this.partitions[partitionOf(key, this.partitions.length)] as Partition<T>
    return partition.append(key, content, publishedMs)
  }

  /** Forgets what was published before a time. */
  expire(beforeMs: number): void {
    for (const partition of this.partitions) {
      let offset = partition.first
      while ((partition.at(offset)?.publishedMs ?? beforeMs) < beforeMs) offset++
      partition.forget(offset)
    }
  }
}
