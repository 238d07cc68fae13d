/** What status reports of the older family are called in the console, where they have no bizCode. */
export const statusReport = 'statusReport'

/** A messaging rule of one environment: without one that is released, nothing ever gets into the queue. */
export class Rule {
  #released = false
  #bizCodes: ReadonlySet<string> | null = null

  /** From now on everything gets in, or only what is named. */
  release(bizCodes: readonly string[] | null = null): void {
    this.#released = true
    this.#bizCodes = bizCodes && new Set(bizCodes)
  }

  withdraw(): void {
    this.#released = false
  }

  get released(): boolean {
    return this.#released
  }

  passes(bizCode: string | null): boolean {
    return this.#released && (this.#bizCodes?.has(bizCode ?? statusReport) ?? true)
  }
}
