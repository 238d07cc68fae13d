import type { Payload } from './payload.ts'
import { definitionItem, enabledState } from './payload-scene.ts'
import type { Publisher } from './publisher.ts'
import type { ThingEvents } from './thing-events.ts'

export type DefinitionKind = 'scene' | 'automation'

export interface PublishedDefinition {
  readonly id: string
  readonly name: string
  readonly homeId: string
  readonly enabled: boolean
}

/** All scenes, or all automations, as they are looked up. */
export interface Defined<T extends PublishedDefinition> {
  readonly all: ReadonlyMap<string, T>
  readonly slugs: {
    slug(id: string): string | undefined
    entries(): readonly (readonly [slug: string, id: string])[]
  }
}

export interface DefinitionTopicsParts<T extends PublishedDefinition> {
  readonly kind: DefinitionKind
  readonly defined: Defined<T>
  readonly publisher: Publisher
  readonly events: ThingEvents
  /** The document of one. */
  readonly meta: (definition: T, slug: string) => Payload
}

/** Says what scenes, or automations, there are, and whether they are switched on. */
export class DefinitionTopics<T extends PublishedDefinition> {
  readonly #parts: DefinitionTopicsParts<T>

  constructor(parts: DefinitionTopicsParts<T>) {
    this.#parts = parts
  }

  changed(now: T, before: T | undefined): void {
    const { kind, publisher, meta, events } = this.#parts
    const group = this.#group(now.id)
    const document = meta(now, this.#slug(now.id))
    const enabled = enabledState(now.enabled)
    if (kind === 'scene') {
      publisher.retain(group, 'metaScene', { scene: now.id }, document)
      publisher.retain(group, 'stateSceneEnabled', { scene: now.id }, enabled)
    } else {
      publisher.retain(group, 'metaAutomation', { automation: now.id }, document)
      publisher.retain(group, 'stateAutomationEnabled', { automation: now.id }, enabled)
    }
    events.named(kind, { [kind]: now.id }, now, before)
  }

  removed({ id }: T): void {
    this.#parts.publisher.clearGroup(this.#group(id))
  }

  /** The entries of the list. */
  get items(): object[] {
    return [...this.#parts.defined.all.values()].map((one) => definitionItem(one, this.#slug(one.id)))
  }

  /** How many a home has. */
  inHome(homeId: string): number {
    let count = 0
    for (const one of this.#parts.defined.all.values()) if (one.homeId === homeId) count++
    return count
  }

  #group(id: string): string {
    return `${this.#parts.kind}/${id}`
  }

  #slug(id: string): string {
    return this.#parts.defined.slugs.slug(id) ?? 'unnamed'
  }
}
