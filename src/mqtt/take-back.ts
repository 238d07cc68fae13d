import { words } from './payload.ts'
import type { Publisher } from './publisher.ts'
import type { TopicTree } from './topic.ts'

/** What a device says goes before what was told of it, and what it is goes last. */
const families = ['state', 'last', 'meta']

/** R-S3: offline first, so that nobody who still looks takes it for reachable; then everything goes. */
export function takeBackDevice(
  publisher: Publisher,
  tree: TopicTree,
  device: string,
  topics: readonly string[],
): void {
  if (topics.includes(tree.build('stateAvailability', { device })))
    publisher.sayLast('stateAvailability', { device }, words('offline'))
  const rank = (topic: string) => families.indexOf(tree.relative(topic)?.split('/')[0] ?? '')
  for (const topic of [...topics].sort((a, b) => rank(a) - rank(b))) publisher.clearTopic(topic)
}
