/** A walk that stands still keeps alive every form that the map has had since: then it is given up. */
const longestStand = 1_000

/** A map that keeps the newest `capacity` entries; the oldest insertion leaves first. */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>()
  /** Where the oldest is looked for. A new walk each time would step over all that left since the map was packed. */
  #oldest: Iterator<K, undefined> | undefined
  /** Entries that were set since the walk went on. */
  #steps = 0
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  /** Sets and moves the entry to the young end. */
  set(key: K, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.#capacity) this.#dropOldest()
    else if (++this.#steps > longestStand) this.#oldest = undefined
  }

  delete(key: K): boolean {
    return this.#entries.delete(key)
  }

  #dropOldest(): void {
    this.#steps = 0
    this.#oldest ??= this.#entries.keys()
    let oldest = this.#oldest.next()
    if (oldest.done) {
      this.#oldest = this.#entries.keys()
      oldest = this.#oldest.next()
    }
    if (!oldest.done) this.#entries.delete(oldest.value)
  }

  entries(): IterableIterator<[K, V]> {
    return this.#entries.entries()
  }
}
