import type { DescribedTree } from '../mqtt/asyncapi.ts'
import { homeAssistantTopics, homie4Topics, homie5Topics } from '../mqtt/convention-topics.ts'
import { type TreeRights, treeRights } from '../mqtt/rights.ts'
import { tuyaMqttTopics } from '../mqtt/topic.ts'
import type { Config } from './config-types.ts'

/** Trees in the words of other bridges that are on. */
export function furtherTrees({ tuyaMqtt }: Config): readonly DescribedTree[] {
  return tuyaMqtt.enabled ? [{ base: tuyaMqtt.base, topics: tuyaMqttTopics }] : []
}

/** Trees in the words of conventions that are on. */
export function conventionTrees({ publish }: Config): readonly DescribedTree[] {
  const { homeassistant, homeassistantPrefix, homie4, homie5, homieDomain } = publish
  return [
    ...(homeassistant ? [{ base: homeassistantPrefix, topics: homeAssistantTopics }] : []),
    ...(homie5 ? [{ base: homieDomain, topics: homie5Topics }] : []),
    ...(homie4 ? [{ base: homieDomain, topics: homie4Topics }] : []),
  ]
}

/** What each role may do in the trees besides the bridge's own. */
export function furtherRights(config: Config): readonly TreeRights[] {
  const { homeassistant, homie4, homie5 } = config.publish
  return [
    ...furtherTrees(config).map((tree) => treeRights(tree.base, tree.topics)),
    ...(homeassistant || homie4 || homie5 ? [foundRights(config)] : []),
  ]
}

/** Whoever reads and commands devices may do so in the words of Home Assistant and of Homie. */
export function foundRights({ publish }: Config): TreeRights {
  const { homeassistantPrefix: prefix, homieDomain: domain } = publish
  const read = [`${prefix}/#`, `${domain}/#`]
  const write = [`${prefix}/status`, `${domain}/5/+/+/+/set`, `${domain}/+/+/+/set`]
  return {
    bridge: { read, write: read },
    administrator: { read, write },
    controller: { read, write },
    dashboard: { read, write: [] },
  }
}
