import { BoundedMap } from '../util/bounded-map.ts'
import type { Settle } from '../util/settlement.ts'

const topicsAtMost = 50_000

/**
 * What found no place in the outbox: topics to clear, whether there are values among it, and who waits for what. Values
 * themselves are in the publisher's books, whatever they are by the time that there is room.
 */
export class Debts {
  /** A topic to clear is in no book. */
  readonly clears = new BoundedMap<string, true>(topicsAtMost)
  values = false
  readonly #waiting = new Map<string, readonly Settle[]>()

  get areTopics(): boolean {
    return this.clears.size > 0 || this.#waiting.size > 0
  }

  get areAny(): boolean {
    return this.values || this.areTopics
  }

  /** The topics for which somebody waits. */
  get awaited(): readonly string[] {
    return [...this.#waiting.keys()]
  }

  /** Everybody who waits for the topic, the newest last. */
  together(topic: string, settle: Settle | undefined): Settle | undefined {
    const owed = this.#waiting.size === 0 ? undefined : this.#waiting.get(topic)
    if (!owed) return settle
    const all = settle ? [...owed, settle] : owed
    return (delivered) => {
      for (const tell of all) tell(delivered)
    }
  }

  /** The message was taken, with everybody who waits. */
  paid(topic: string): void {
    if (this.#waiting.size > 0) this.#waiting.delete(topic)
  }

  /** The message was not taken. */
  owe({ topic, payload }: { readonly topic: string; readonly payload: string }, settle?: Settle): void {
    if (settle) this.#waiting.set(topic, [...(this.#waiting.get(topic) ?? []), settle])
    if (payload === '') this.clears.set(topic, true)
    else this.values = true
  }
}
