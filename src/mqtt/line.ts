/** What waits in the order in which it came, with what it weighs. */
export class Line<T extends { readonly bytes: number }> {
  readonly #waiting: T[] = []
  #head = 0
  #bytes = 0

  get length(): number {
    return this.#waiting.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  push(one: T): void {
    this.#waiting.push(one)
    this.#bytes += one.bytes
  }

  shift(): T | undefined {
    const one = this.#waiting[this.#head]
    if (!one) return undefined
    this.#head++
    // An array that gives its first element away moves all others.
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) this.#compact()
    this.#bytes -= one.bytes
    return one
  }

  /** Takes out all for which this is so. */
  remove(isOut: (one: T) => boolean): T[] {
    this.#compact()
    const removed = this.#waiting.filter(isOut)
    if (removed.length === 0) return removed
    const left = this.#waiting.filter((one) => !isOut(one))
    this.#waiting.splice(0, this.#waiting.length, ...left)
    for (const { bytes } of removed) this.#bytes -= bytes
    return removed
  }

  #compact(): void {
    this.#waiting.splice(0, this.#head)
    this.#head = 0
  }
}
