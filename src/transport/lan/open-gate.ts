/** R-L1: over all devices so many connections are made at a time. */
export const opensAtOnce = 16

/** Lets so many in at a time, those first whose device has just called. */
export class OpenGate {
  #inside = 0
  readonly #urgent: (() => void)[] = []
  readonly #waiting: (() => void)[] = []

  /** Resolves with the way out, to be called once. */
  async enter(isUrgent: boolean): Promise<() => void> {
    if (this.#inside < opensAtOnce) this.#inside++
    else
      await new Promise<void>((resolve) => {
        ;(isUrgent ? this.#urgent : this.#waiting).push(resolve)
      })
    return () => this.#leave()
  }

  #leave(): void {
    const next = this.#urgent.shift() ?? this.#waiting.shift()
    if (next) next()
    else this.#inside--
  }
}
