import type { Publisher } from './publisher.ts'
import type { TopicTree } from './topic.ts'

/** What decides whether an absent thing is gone for good (R-S3). */
export interface AbsenceJudge {
  review(known: Iterable<string>, listed: ReadonlySet<string>, now: number): { gone: string[] }
}

export interface LeftoversParts {
  readonly tree: TopicTree
  readonly publisher: Publisher
  readonly judges: Readonly<Record<'device' | 'home' | 'room', AbsenceJudge>>
}

/** The groups whose owner is looked up by id; the others are decided as soon as they are published. */
const ownedById = ['device', 'home', 'room'] as const

/**
 * Retained topics of an earlier run. What belongs to a thing that exists goes when that thing has been published
 * anew and does not say it any more; what belongs to a thing that is gone goes by the same rule as the thing.
 */
export class Leftovers {
  readonly #parts: LeftoversParts
  readonly #groups = new Map<string, Set<string>>()

  constructor(parts: LeftoversParts) {
    this.#parts = parts
  }

  get size(): number {
    let size = 0
    for (const topics of this.#groups.values()) size += topics.size
    return size
  }

  /** Takes the topics of ours that a scan has found. */
  adopt(topics: Iterable<string>): void {
    for (const topic of topics) {
      const group = this.#groupOf(topic)
      const known = this.#groups.get(group)
      if (known) known.add(topic)
      else this.#groups.set(group, new Set([topic]))
    }
  }

  /** The thing has been published in full: what it does not say now is cleared. */
  published(group: string): void {
    const topics = this.#groups.get(group)
    if (!topics) return
    this.#groups.delete(group)
    const { owned } = this.#parts.publisher
    for (const topic of topics)
      if (!owned.has(group, topic) && !owned.says(topic)) this.#parts.publisher.clearTopic(topic)
  }

  /** A full list of one kind arrived: ids that are not on it for the second time lose their topics. */
  listed(kind: (typeof ownedById)[number], ids: ReadonlySet<string>, now: number): void {
    const left = [...this.#groups.keys()]
      .filter((group) => group.startsWith(`${kind}/`))
      .map((group) => group.slice(kind.length + 1))
    const { gone } = this.#parts.judges[kind].review(left, ids, now)
    for (const id of gone) this.#clear(`${kind}/${id}`)
  }

  /** Everything was published once: topics that belong to no single thing are settled. */
  settleRest(): void {
    for (const group of this.#groups.keys()) if (!group.includes('/')) this.published(group)
  }

  #clear(group: string): void {
    for (const topic of this.#groups.get(group) ?? []) this.#parts.publisher.clearTopic(topic)
    this.#groups.delete(group)
  }

  #groupOf(topic: string): string {
    const parsed = this.#parts.tree.parse(topic)
    for (const kind of ownedById) {
      const id = parsed?.params[kind]
      if (id !== undefined) return `${kind}/${id}`
    }
    if (parsed?.name === 'metaIndex' || parsed?.name === 'metaIndexPage') return 'index'
    return parsed?.params['name'] === undefined ? 'bridge' : 'named'
  }
}
