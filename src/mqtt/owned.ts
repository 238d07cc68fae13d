import type { Outgoing } from './message.ts'

/** Which retained topics are ours right now, by the thing that they belong to, and what was last said on each. */
export class OwnedTopics {
  readonly #groups = new Map<string, Map<string, Outgoing>>()

  get size(): number {
    let size = 0
    for (const messages of this.#groups.values()) size += messages.size
    return size
  }

  /** Notes the message; false when its topic says the same already. */
  put(group: string, message: Outgoing): boolean {
    const messages = this.#groups.get(group)
    if (!messages) {
      this.#groups.set(group, new Map([[message.topic, message]]))
      return true
    }
    if (messages.get(message.topic)?.payload === message.payload) return false
    messages.set(message.topic, message)
    return true
  }

  get(group: string, topic: string): Outgoing | undefined {
    return this.#groups.get(group)?.get(topic)
  }

  has(group: string, topic: string): boolean {
    return this.#groups.get(group)?.has(topic) ?? false
  }

  /** Whether any group says something on the topic. */
  says(topic: string): boolean {
    for (const messages of this.#groups.values()) if (messages.has(topic)) return true
    return false
  }

  /** What is said on the topic, whichever group says it. */
  find(topic: string): Outgoing | undefined {
    for (const messages of this.#groups.values()) {
      const message = messages.get(topic)
      if (message) return message
    }
    return undefined
  }

  topics(group: string): string[] {
    return [...(this.#groups.get(group)?.keys() ?? [])]
  }

  /** What the group says right now. */
  of(group: string): Outgoing[] {
    return [...(this.#groups.get(group)?.values() ?? [])]
  }

  remove(group: string, topic: string): boolean {
    return this.#groups.get(group)?.delete(topic) ?? false
  }

  removeGroup(group: string): string[] {
    const topics = this.topics(group)
    // Whoever says everything may be in the middle of it.
    this.#groups.get(group)?.clear()
    this.#groups.delete(group)
    return topics
  }

  /** Everything that is said right now, group by group. Groups that come or go meanwhile are no matter. */
  *messages(): Generator<Outgoing> {
    for (const messages of this.#groups.values()) yield* messages.values()
  }
}
