import { words } from './payload.ts'
import type { Publisher } from './publisher.ts'
import type { TopicTree } from './topic.ts'

/**
 * R-S3: offline first, so that nobody who still looks takes it for reachable; then everything goes, what the device
 * says before what it is.
 */
export function takeBackDevice(
  publisher: Publisher,
  tree: TopicTree,
  device: string,
  topics: readonly string[],
): void {
  if (topics.includes(tree.build('stateAvailability', { device })))
    publisher.sayLast('stateAvailability', { device }, words('offline'))
  const isMeta = (topic: string) => tree.relative(topic)?.startsWith('meta/') ?? false
  for (const topic of topics) if (!isMeta(topic)) publisher.clearTopic(topic)
  for (const topic of topics) if (isMeta(topic)) publisher.clearTopic(topic)
}
