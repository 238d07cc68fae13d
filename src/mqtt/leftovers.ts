import type { Clock, Timer } from '../util/clock.ts'
import type { Publisher } from './publisher.ts'
import { takeBackDevice } from './take-back.ts'
import type { TopicName, TopicTree } from './topic.ts'

/** What decides whether an absent thing is gone for good (R-S3). */
export interface AbsenceJudge {
  review(
    known: Iterable<string>,
    listed: ReadonlySet<string>,
    now: number,
  ): { gone: string[]; pending: boolean }
}

export interface LeftoversParts {
  readonly tree: TopicTree
  readonly publisher: Publisher
  readonly clock: Clock
  /** The device that has a name. */
  readonly deviceOfName: (slug: string) => string | undefined
  readonly judges: Readonly<Record<OwnedKind, AbsenceJudge>>
}

/** The groups whose owner is looked up by id; the others are decided as soon as they are published. */
const ownedById = ['device', 'home', 'room', 'scene', 'automation'] as const

export type OwnedKind = (typeof ownedById)[number]

/** Said of a thing when everything else was read. */
const saidLast: ReadonlySet<TopicName | undefined> = new Set<TopicName>(['metaBindings', 'metaMembers'])

/** What belongs to a thing is said in several steps; the last of them comes within this time. */
const settleMs = 1_000

/**
 * Retained topics of an earlier run. What belongs to a thing that exists goes when that thing has been published
 * anew and does not say it any more; what belongs to a thing that is gone goes by the same rule as the thing.
 */
export class Leftovers {
  readonly #parts: LeftoversParts
  readonly #groups = new Map<string, Set<string>>()
  /** What is said last of things, by the same groups. */
  readonly #last = new Map<string, Set<string>>()
  readonly #due = new Set<string>()
  #timer: Timer | undefined

  constructor(parts: LeftoversParts) {
    this.#parts = parts
  }

  get size(): number {
    let size = 0
    for (const groups of [this.#groups, this.#last]) for (const topics of groups.values()) size += topics.size
    return size
  }

  /** Takes the topics of ours that a scan has found. */
  adopt(topics: Iterable<string>): void {
    for (const topic of topics) {
      const groups = saidLast.has(this.#parts.tree.parse(topic)?.name) ? this.#last : this.#groups
      put(groups, this.#groupOf(topic), [topic])
    }
  }

  /** The thing is published now: what it does not say in a moment is cleared. */
  published(group: string): void {
    if (!this.#groups.has(group)) return
    this.#due.add(group)
    this.#timer ??= this.#parts.clock.after(settleMs, () => this.#settle())
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /**
   * A full list of one kind arrived: ids that are not on it for the second time lose their topics. True when one more
   * list would decide over some.
   */
  listed(kind: OwnedKind, ids: ReadonlySet<string>, now: number): boolean {
    const left = [...this.#groups.keys()]
      .filter((group) => group.startsWith(`${kind}/`))
      .map((group) => group.slice(kind.length + 1))
    const { gone, pending } = this.#parts.judges[kind].review(left, ids, now)
    for (const id of gone) this.#takeBack(kind, id)
    return pending
  }

  /** Nothing else exists, and no list will say so: what is left of other things goes at once. */
  keepOnly(known: Readonly<Record<OwnedKind, { has(id: string): boolean }>>): void {
    for (const group of [...this.#groups.keys(), ...this.#last.keys()]) {
      const kind = ownedById.find((one) => group.startsWith(`${one}/`))
      const id = group.slice((kind?.length ?? 0) + 1)
      if (kind && !known[kind].has(id)) this.#takeBack(kind, id)
      else if (kind === 'home') this.published(group)
    }
  }

  /** Everything was published once: topics that belong to no single thing are settled, and what is said last. */
  settleRest(): void {
    for (const [group, topics] of this.#last) {
      const settled = !this.#groups.has(group)
      put(this.#groups, group, topics)
      if (settled) this.published(group)
    }
    this.#last.clear()
    for (const group of this.#groups.keys()) if (!group.includes('/')) this.published(group)
  }

  #settle(): void {
    this.#timer = undefined
    for (const group of this.#due)
      for (const topic of this.#unsaid(group)) this.#parts.publisher.clearTopic(topic)
    this.#due.clear()
  }

  #takeBack(kind: string, id: string): void {
    const { publisher, tree } = this.#parts
    const group = `${kind}/${id}`
    put(this.#groups, group, this.#last.get(group) ?? [])
    this.#last.delete(group)
    const topics = [...this.#unsaid(group), ...this.#lastOf(group)]
    if (kind === 'device') takeBackDevice(publisher, tree, id, topics)
    else for (const topic of topics) publisher.clearTopic(topic)
  }

  /** Copies of last events are ours from the first look on, and still go with what they are about. */
  #lastOf(group: string): string[] {
    const { publisher, tree } = this.#parts
    const topics = publisher.owned.topics(group).filter((topic) => tree.isLast(topic))
    for (const topic of topics) publisher.owned.remove(group, topic)
    return topics
  }

  /** The topics of a group that nothing says any more; they are no leftovers from now on. */
  #unsaid(group: string): string[] {
    const { owned } = this.#parts.publisher
    const topics = [...(this.#groups.get(group) ?? [])]
    this.#groups.delete(group)
    return topics.filter((topic) => !owned.has(group, topic) && !owned.says(topic))
  }

  #groupOf(topic: string): string {
    const parsed = this.#parts.tree.parse(topic)
    for (const kind of ownedById) {
      const id = parsed?.params[kind]
      if (id !== undefined) return `${kind}/${id}`
    }
    if (parsed?.name === 'metaIndex' || parsed?.name === 'metaIndexPage') return 'index'
    const name = parsed?.params['name']
    if (name === undefined) return 'bridge'
    const deviceId = this.#parts.deviceOfName(name)
    return deviceId === undefined ? 'named' : `device/${deviceId}`
  }
}

function put(groups: Map<string, Set<string>>, group: string, topics: Iterable<string>): void {
  const known = groups.get(group)
  if (!known) groups.set(group, new Set(topics))
  else for (const topic of topics) known.add(topic)
}
