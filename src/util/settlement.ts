/** Told once: true when the broker has all of it, or something newer; false when it was refused on purpose. */
export type Settle = (delivered: boolean) => void

/**
 * One message that becomes several: the giver is told once, when all parts are answered. Where a part found no room,
 * `comeAgain` is called instead, and nobody is told what became of the others: the message has to be brought once
 * more, and finds them done. Exactly one of the two is called, once.
 */
export class Settlement {
  readonly #settle: Settle
  readonly #comeAgain: () => void
  #open = 1
  #delivered = true
  #isOver = false
  #isSealed = false

  constructor(settle: Settle, comeAgain: () => void = () => {}) {
    this.#settle = settle
    this.#comeAgain = comeAgain
  }

  /** One part more; whoever gets it answers it. */
  part(): Settle {
    this.#open++
    let isAnswered = false
    return (delivered) => {
      if (isAnswered) return
      isAnswered = true
      this.#answer(delivered)
    }
  }

  /** A part for somebody who says false when there is no room for it. */
  join(take: (settle: Settle) => boolean): void {
    if (!take(this.part())) this.refuse()
  }

  /** There is no room for some part. */
  refuse(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#comeAgain()
  }

  /** No part comes any more, save those that a part holds open. */
  seal(): void {
    if (this.#isSealed) return
    this.#isSealed = true
    this.#answer(true)
  }

  #answer(delivered: boolean): void {
    this.#open--
    this.#delivered &&= delivered
    if (this.#open > 0 || this.#isOver) return
    this.#isOver = true
    this.#settle(this.#delivered)
  }
}
