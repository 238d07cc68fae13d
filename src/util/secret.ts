import { inspect } from 'node:util'

const mask = '[redacted]'

/** S-1: a secret from the first line that read it. Only `reveal()` gives the text; printing gives a mask. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself. For the wire and for key derivation alone. */
  reveal(): string {
    return this.#text
  }

  get length(): number {
    return this.#text.length
  }

  toString(): string {
    return mask
  }

  toJSON(): string {
    return mask
  }

  [inspect.custom](): string {
    return mask
  }
}
