import { BoundedMap } from '../util/bounded-map.ts'
import type { BridgeError } from '../util/error.ts'

const kept = 10_000

/** What does not work, told once for each reason until it works again: a day without the cloud is one line. */
export class Troubles {
  readonly #onError: (error: BridgeError, what: string) => void
  readonly #codes = new BoundedMap<string, string>(kept)

  constructor(onError: (error: BridgeError, what: string) => void) {
    this.#onError = onError
  }

  /** True when it is news. */
  tell(what: string, error: BridgeError): boolean {
    if (this.#codes.get(what) === error.code) return false
    this.#codes.set(what, error.code)
    this.#onError(error, what)
    return true
  }

  over(what: string): void {
    this.#codes.delete(what)
  }
}
