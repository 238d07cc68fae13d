/** `dead`: the message is at fault. `hold`: it may be the key. `close`: it is, as far as this connection can tell. */
export type KeyVerdict = 'dead' | 'hold' | 'close'

const failuresToClose = 5
const connectionsToTell = 3
/**
 * After a success messages are at fault, not the key. So many in a row say otherwise: the key was changed meanwhile,
 * and acknowledging everything from then on would lose it.
 */
const failuresToDoubt = 20

/**
 * R-Q4 without I/O: whether what cannot be decoded is damaged, or our key is wrong. A wrong key is told after 5
 * failures in a row without a success, in one connection or over several, or after 3 connections given up for it.
 * A connection that is made with a key taken for wrong looks on behind the failures, until its time is over: the
 * failures may all be damaged messages, which one that decodes behind them shows.
 */
export class KeyWatch {
  #proven = false
  #failures = 0
  #row = 0
  #givenUp = 0
  #mismatch = false
  #looksOn = false

  /** The key is taken for wrong, until a message decodes. */
  get mismatch(): boolean {
    return this.#mismatch
  }

  /** A message decoded on this connection. */
  get proven(): boolean {
    return this.#proven
  }

  /** Failures do not end this connection; what it brings is held for as long as anything may be. */
  get looksOn(): boolean {
    return this.#looksOn
  }

  connected(): void {
    this.#looksOn = this.#mismatch
    this.#proven = false
    this.#failures = 0
  }

  succeeded(): void {
    this.#proven = true
    this.#mismatch = false
    this.#failures = 0
    this.#row = 0
    this.#givenUp = 0
  }

  failed(): KeyVerdict {
    this.#row++
    if (this.#proven && this.#row <= failuresToDoubt) return 'dead'
    this.#proven = false
    this.#failures++
    return this.#looksOn || this.#failures < failuresToClose ? 'hold' : 'close'
  }

  /** The connection was given up because of what is kept back. */
  gaveUp(): void {
    this.#givenUp++
    this.#mismatch ||= this.#givenUp >= connectionsToTell || this.#row >= failuresToClose
  }
}
