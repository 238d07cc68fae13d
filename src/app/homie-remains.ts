import { identityFirst } from '../integration/homie/tree-parts.ts'
import type { Outgoing } from '../mqtt/message.ts'
import type { ConventionTree } from './homie-edition.ts'
import type { HomieLink } from './homie-link.ts'
import { type SweepParts, sweep } from './homie-sweep.ts'

export interface RemainsParts extends Omit<SweepParts, 'topics' | 'onDone'> {
  readonly tree: ConventionTree
  /** Says that nothing is retained there any more; nowhere without a connection. */
  readonly clear: (topic: string) => void
  /** Whether little waits to be said. */
  readonly hasRoom: () => boolean
}

/** What the broker may hold of one of our trees, of this run and of earlier ones, and how it goes again. */
export class HomieRemains {
  readonly #parts: RemainsParts
  /** Retained topics that the broker may hold of us: what is taken back while nobody listens is taken back later. */
  readonly #held = new Set<string>()
  #leftovers: readonly string[] = []
  /** To be taken back as there is room: there may be more of it than what is allowed to wait. */
  readonly #going = new Set<string>()
  /** Takes back what is held, while the tree is off. */
  #sweeper: HomieLink | undefined

  constructor(parts: RemainsParts) {
    this.#parts = parts
  }

  get held(): readonly string[] {
    return [...this.#held]
  }

  get hasLeftovers(): boolean {
    return this.#leftovers.length > 0
  }

  /** What an earlier run left. */
  adopt(topics: readonly string[]): void {
    this.#leftovers = topics
  }

  said(topic: string): void {
    this.#held.add(topic)
  }

  /** The broker has this message, or will not have it. */
  taken({ topic, payload }: Outgoing): void {
    if (payload === '' && !this.#parts.tree.says(topic)) this.#held.delete(topic)
  }

  /** What is not said any more goes, what makes it a device before all else of it. */
  takeBack(topics: readonly string[]): void {
    for (const topic of topics.toSorted(identityFirst)) this.#going.add(topic)
    this.go()
  }

  /** There may be room again. */
  go(): void {
    const { tree, clear, hasRoom } = this.#parts
    for (const topic of this.#going) {
      if (!hasRoom()) return
      this.#going.delete(topic)
      if (!tree.says(topic)) clear(topic)
    }
  }

  /** Nobody listens any more; what is held is taken back on the next connection. */
  forget(): void {
    this.#going.clear()
  }

  /** Leftovers go, but for those of devices that are still to be described. */
  settle(waiting: ReadonlySet<string>): void {
    const mayGo = (topic: string) => !waiting.has(this.#parts.tree.idIn(topic))
    const gone = this.#leftovers.filter(mayGo)
    this.#leftovers = this.#leftovers.filter((topic) => !mayGo(topic))
    for (const topic of gone) this.#held.add(topic)
    this.takeBack(gone)
  }

  /** The tree is off: all that the broker holds of it goes over a connection that is made for this. */
  sweep(): void {
    for (const topic of this.#leftovers) this.#held.add(topic)
    this.#leftovers = []
    if (this.#held.size === 0) return
    this.#sweeper ??= sweep({
      ...this.#parts,
      topics: this.#held,
      onDone: () => {
        this.#sweeper = undefined
      },
    })
  }

  /** The settings of the connection have changed. */
  renew(): void {
    this.#sweeper?.renew()
  }

  async stopSweeping(flushMs: number): Promise<void> {
    const sweeper = this.#sweeper
    this.#sweeper = undefined
    await sweeper?.stop(flushMs)
  }
}
