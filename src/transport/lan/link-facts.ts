import type { BridgeError } from '../../util/error.ts'
import type { LanAddress } from './device.ts'

export interface Trouble {
  readonly atMs: number
  readonly code: string
  readonly message: string
}

const troublesKept = 5

/** What somebody wants to know who looks into the trouble of one device. */
export class LinkFacts {
  /** Where it was looked for last. */
  where: LanAddress | null = null
  opens = 0
  connects = 0
  #troubles: readonly Trouble[] = []

  /** The last ones, oldest first. */
  get troubles(): readonly Trouble[] {
    return this.#troubles
  }

  tries(where: LanAddress): void {
    this.where = where
    this.opens++
  }

  trouble(atMs: number, { code, message }: BridgeError): void {
    this.#troubles = [...this.#troubles, { atMs, code, message }].slice(-troublesKept)
  }
}
