/** The newest `capacity` entries in the order in which they came; each has a number that rises. */
export class Ring<T> {
  readonly #entries: T[] = []
  readonly #capacity: number
  #count = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** How many have come, those that are gone again included: the number of the next one. */
  get count(): number {
    return this.#count
  }

  push(entry: T): void {
    this.#entries.push(entry)
    this.#count++
    // One by one would move the whole list each time.
    if (this.#entries.length >= this.#capacity * 2)
      this.#entries.splice(0, this.#entries.length - this.#capacity)
  }

  /** Those that came since the count stood there and are still kept, oldest first. */
  since(count: number): T[] {
    const wanted = Math.min(this.#capacity, Math.max(0, this.#count - count))
    return wanted === 0 ? [] : this.#entries.slice(-wanted)
  }

  all(): T[] {
    return this.since(0)
  }
}
