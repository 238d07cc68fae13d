import { hash } from 'node:crypto'

/** A message that was given up; never what was in it. */
export interface DeadLetter {
  readonly timeMs: number
  readonly reason: string
  readonly bytes: number
  /** Of the frame, to recognise it by. */
  readonly hash: string
}

/** What was given up, counted by reason and told. */
export class DeadLetters {
  readonly byReason = new Map<string, number>()
  readonly #tell: (letter: DeadLetter) => void

  constructor(tell: (letter: DeadLetter) => void) {
    this.#tell = tell
  }

  /** `bytes` is what it weighed on the wire: of an oversized one there is only the beginning. */
  add(content: string | Uint8Array, bytes: number, timeMs: number, reason: string): void {
    this.byReason.set(reason, (this.byReason.get(reason) ?? 0) + 1)
    this.#tell({ timeMs, reason, bytes, hash: hash('sha256', content).slice(0, 16) })
  }
}
