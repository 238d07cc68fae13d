import type { Found, Portions } from './scan.ts'
import type { TopicTree } from './topic.ts'

/** Our own tree by its things: a device at a time, by id and by name, and all others by their kind. */
export function ownPortions(tree: TopicTree): Portions {
  return {
    names: ['device', 'named/device'].map((kind) => `${tree.base}/state/${kind}/+/availability`),
    of: ({ topics }) => {
      const devices = new Set<string>()
      const others = new Set<string>()
      for (const topic of topics) {
        const [first, kind, id, name] = tree.relative(topic)?.split('/') ?? []
        if (kind === 'named' && name !== undefined)
          others.add(`${tree.base}/${first}/${kind}/${id}/${name}/#`)
        else if (kind === 'device' && id !== undefined) devices.add(`${tree.base}/+/device/${id}/#`)
        else if (kind !== undefined) others.add(`${tree.base}/${first}/${kind}/#`)
      }
      return [...others, ...devices]
    },
  }
}

/** Ids of the devices, or of the homes, that an earlier run has told of in our own tree. */
export function namedIn(
  tree: TopicTree,
  { topics }: Pick<Found, 'topics'>,
  kind: 'device' | 'home',
): string[] {
  const ids = new Set<string>()
  for (const topic of topics) {
    const [, said, id] = tree.relative(topic)?.split('/') ?? []
    if (said === kind && id !== undefined) ids.add(id)
  }
  return [...ids]
}

/** Another tree by what stands on one level of it. */
export function portionsAt(level: number): Portions {
  const upTo = (topic: string) =>
    topic
      .split('/')
      .slice(0, level + 1)
      .join('/')
  return { names: [], of: ({ topics }) => new Set([...topics].map((topic) => `${upTo(topic)}/#`)) }
}
