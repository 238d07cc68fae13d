import type { LogEntry, Partition } from './topic-log.ts'

/** Messages that nobody may have at the moment are set aside, so many at most before reading on waits. */
const setAside = 2_000

/**
 * Where a subscription stands in one partition. Every offset below `end` is exactly one of: done, held by a reader,
 * waiting to be read again, or not read yet.
 */
export class Cursor<T, Reader> {
  readonly #partition: Partition<T>
  /** Everything before is done. */
  #mark: number
  /** Everything from here on was never read. */
  #next: number
  readonly #done = new Set<number>()
  readonly #held = new Map<number, Reader>()
  /** Ascending. */
  #again: number[] = []
  readonly #counts = new Map<number, number>()

  constructor(partition: Partition<T>, from: 'earliest' | 'latest') {
    this.#partition = partition
    this.#mark = from === 'earliest' ? partition.first : partition.end
    this.#next = this.#mark
  }

  /** The offset before which nothing is owed to anybody. */
  get mark(): number {
    this.#forgetExpired()
    return this.#mark
  }

  /** How many are not done. */
  get backlog(): number {
    this.#forgetExpired()
    return this.#partition.end - this.#mark - this.#done.size
  }

  /** The oldest message for which `choose` names a reader, who holds it from then on. */
  take(
    choose: (entry: LogEntry<T>) => Reader | undefined,
  ): { readonly entry: LogEntry<T>; readonly reader: Reader } | undefined {
    this.#forgetExpired()
    for (const [i, offset] of this.#again.entries()) {
      const taken = this.#hold(offset, choose)
      if (!taken) continue
      this.#again.splice(i, 1)
      return taken
    }
    while (this.#next < this.#partition.end && this.#again.length < setAside) {
      const offset = this.#next++
      if (this.#done.has(offset)) continue
      const taken = this.#hold(offset, choose)
      if (taken) return taken
      this.#again.push(offset)
    }
    return undefined
  }

  /** Whoever acknowledges it, it is done; false when it was already, or is not kept any more. */
  ack(offset: number): boolean {
    this.#forgetExpired()
    if (offset < this.#mark || offset >= this.#partition.end || this.#done.has(offset)) return false
    this.#held.delete(offset)
    this.#counts.delete(offset)
    const waiting = this.#again.indexOf(offset)
    if (waiting !== -1) this.#again.splice(waiting, 1)
    this.#done.add(offset)
    while (this.#done.delete(this.#mark)) this.#mark++
    this.#next = Math.max(this.#next, this.#mark)
    return true
  }

  /** Lets held messages be read again; `counted` where each says how often it came. Gives how many. */
  release(which: (offset: number, reader: Reader) => boolean, counted: boolean): number {
    const released: number[] = []
    for (const [offset, reader] of this.#held) if (which(offset, reader)) released.push(offset)
    for (const offset of released) {
      this.#held.delete(offset)
      if (counted) this.#counts.set(offset, this.redeliveries(offset) + 1)
    }
    if (released.length > 0) this.#again = [...this.#again, ...released].sort((a, b) => a - b)
    return released.length
  }

  /** Whether somebody else owes the acknowledgement of a message of this key. */
  heldByOther(key: string, reader: Reader): boolean {
    for (const [offset, holder] of this.#held)
      if (holder !== reader && this.#partition.at(offset)?.key === key) return true
    return false
  }

  redeliveries(offset: number): number {
    return this.#counts.get(offset) ?? 0
  }

  #hold(offset: number, choose: (entry: LogEntry<T>) => Reader | undefined) {
    const entry = this.#partition.at(offset)
    const reader = entry && choose(entry)
    if (!entry || reader === undefined) return undefined
    this.#held.set(offset, reader)
    return { entry, reader }
  }

  /** What retention took away is owed to nobody. */
  #forgetExpired(): void {
    const { first } = this.#partition
    if (first <= this.#mark) return
    for (const offset of this.#done) if (offset < first) this.#done.delete(offset)
    for (const offset of this.#held.keys()) if (offset < first) this.#held.delete(offset)
    for (const offset of this.#counts.keys()) if (offset < first) this.#counts.delete(offset)
    this.#again = this.#again.filter((offset) => offset >= first)
    this.#mark = first
    while (this.#done.delete(this.#mark)) this.#mark++
    this.#next = Math.max(this.#next, this.#mark)
  }
}
