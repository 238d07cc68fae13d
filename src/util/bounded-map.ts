import { KeyedLine } from './keyed-line.ts'

/** A map that keeps the newest `capacity` entries; the oldest insertion leaves first. */
export class BoundedMap<K, V> extends KeyedLine<K, V> {
  readonly #capacity: number

  constructor(capacity: number) {
    super()
    this.#capacity = capacity
  }

  /** Sets and moves the entry to the young end. */
  override set(key: K, value: V): void {
    this.delete(key)
    super.set(key, value)
    if (this.size > this.#capacity) this.shift()
  }
}
