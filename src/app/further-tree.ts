import type { DescribedTree } from '../mqtt/asyncapi.ts'
import { type TreeRights, treeRights } from '../mqtt/rights.ts'
import { tuyaMqttTopics } from '../mqtt/topic.ts'
import type { Config } from './config-types.ts'

/** Trees in the words of other bridges that are on. */
export function furtherTrees({ tuyaMqtt }: Config): readonly DescribedTree[] {
  return tuyaMqtt.enabled ? [{ base: tuyaMqtt.base, topics: tuyaMqttTopics }] : []
}

/** What each role may do in the trees besides the bridge's own. */
export function furtherRights(config: Config): readonly TreeRights[] {
  return furtherTrees(config).map((tree) => treeRights(tree.base, tree.topics))
}
