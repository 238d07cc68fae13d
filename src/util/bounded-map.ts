import { KeyedLine } from './keyed-line.ts'

/** A map that keeps the newest `capacity` entries; the oldest insertion leaves first. */
export class BoundedMap<K, V> {
  readonly #line = new KeyedLine<K, V>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#line.size
  }

  get(key: K): V | undefined {
    return this.#line.get(key)
  }

  has(key: K): boolean {
    return this.#line.has(key)
  }

  /** Sets and moves the entry to the young end. */
  set(key: K, value: V): void {
    this.#line.delete(key)
    this.#line.set(key, value)
    if (this.#line.size > this.#capacity) this.#line.shift()
  }

  delete(key: K): boolean {
    return this.#line.delete(key)
  }

  entries(): IterableIterator<[K, V]> {
    return this.#line.entries()
  }
}
