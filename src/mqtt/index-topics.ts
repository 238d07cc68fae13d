import type { MirroredHouse } from './mirror.ts'
import { indexPages, namePages, type Payload } from './payload.ts'
import type { Publisher } from './publisher.ts'
import type { TopicTree } from './topic.ts'

export interface IndexTopicsParts {
  readonly publisher: Publisher
  readonly tree: TopicTree
  readonly house: Pick<
    MirroredHouse,
    'homes' | 'rooms' | 'devices' | 'scenes' | 'automations' | 'slug' | 'slugs'
  >
}

const indexGroup = 'index'

/** Lists of everything that exists, in as many pages as they need. */
export class IndexTopics {
  readonly #parts: IndexTopicsParts

  constructor(parts: IndexTopicsParts) {
    this.#parts = parts
  }

  publish(scenes: readonly object[], automations: readonly object[]): void {
    const { house } = this.#parts
    const devices = [...house.devices.values()].map(({ device }) => ({
      id: device.id,
      name: device.name,
      slug: house.slug(device.id),
      category: device.category,
      home: device.homeId,
      room: device.roomId,
    }))
    const homes = [...house.homes.values()].map(({ id, name }) => ({ id, name }))
    const rooms = [...house.rooms.values()].map(({ id, name, homeId }) => ({ id, name, home: homeId }))
    const names = {
      device: house.slugs(),
      scene: house.scenes.slugs.entries(),
      automation: house.automations.slugs.entries(),
    }
    const lists = { devices, homes, rooms, scenes, automations }
    for (const [kind, items] of Object.entries(lists)) this.#pages(kind, indexPages(items))
    this.#pages('names', namePages(names))
  }

  #pages(kind: string, pages: readonly Payload[]): void {
    const { publisher, tree } = this.#parts
    const said = new Set<string>()
    for (const [i, page] of pages.entries()) {
      const topic =
        i === 0
          ? tree.build('metaIndex', { kind })
          : tree.build('metaIndexPage', { kind, page: String(i + 1) })
      said.add(topic)
      publisher.retainAt(indexGroup, i === 0 ? 'metaIndex' : 'metaIndexPage', topic, page)
    }
    const root = tree.build('metaIndex', { kind })
    for (const topic of publisher.owned.topics(indexGroup)) {
      if (topic.startsWith(`${root}/`) && !said.has(topic)) publisher.clear(indexGroup, topic)
    }
  }
}
