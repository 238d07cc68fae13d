/** A walk that stands still keeps alive every form that the map has had since: then it is given up. */
const longestStand = 1_000

/** A map that also gives its entries away in the order in which their keys came, however many came and went. */
export class KeyedLine<K, V> {
  readonly #entries = new Map<K, V>()
  /** Where the first is looked for. A new walk each time would step over all that left since the map was packed. */
  #walk: Iterator<[K, V], undefined> | undefined
  /** Entries that were set since the walk went on. */
  #steps = 0

  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  /** At the end of the line; a key that stands in it keeps its place. */
  set(key: K, value: V): void {
    this.#entries.set(key, value)
    if (++this.#steps > longestStand) this.#walk = undefined
  }

  delete(key: K): boolean {
    return this.#entries.delete(key)
  }

  /** Takes the first out of the line. */
  shift(): [K, V] | undefined {
    if (this.#entries.size === 0) return undefined
    this.#steps = 0
    this.#walk ??= this.#entries.entries()
    let first = this.#walk.next()
    if (first.done) {
      this.#walk = this.#entries.entries()
      first = this.#walk.next()
    }
    if (first.done) return undefined
    this.#entries.delete(first.value[0])
    return first.value
  }

  entries(): IterableIterator<[K, V]> {
    return this.#entries.entries()
  }
}
