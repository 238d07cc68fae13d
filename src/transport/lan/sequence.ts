import type { RawFrame } from '../../codec/lan/frame.ts'

/** After so many numbers in a row a device is known to count. */
const provesAfter = 8
const noncesKept = 16
const nonceAt = 18
const nonceBytes = 12

/**
 * The numbers of the frames of one session. Devices need not count; but where one does, a number that does not grow
 * belongs to a frame that somebody recorded.
 */
export class Sequence {
  #last: number | undefined
  #inRow = 0

  /** False: this frame came before. */
  accept(seq: number): boolean {
    const last = this.#last
    if (this.#inRow >= provesAfter && last !== undefined && seq <= last) return false
    this.#inRow =
      last !== undefined && seq === last + 1 ? this.#inRow + 1 : this.#inRow >= provesAfter ? this.#inRow : 0
    this.#last = seq
    return true
  }
}

/** The nonces of the last frames of 3.5. Some peers take them from a clock, so using one again proves nothing. */
export class Nonces {
  readonly #recent: string[] = []

  /** Whether the nonce of this frame is new. */
  accept({ bytes }: RawFrame): boolean {
    const nonce = bytes.toString('latin1', nonceAt, nonceAt + nonceBytes)
    const isNew = !this.#recent.includes(nonce)
    this.#recent.push(nonce)
    if (this.#recent.length > noncesKept) this.#recent.shift()
    return isNew
  }
}
