import type { AbilityRole } from '../../domain/ability/base.ts'
import type { TopicName, TopicParams, TopicTree, topics } from '../../mqtt/topic.ts'

/** One entity of a discovery document; keys and words are Home Assistant's. */
export interface Component {
  readonly platform: string
  readonly [key: string]: unknown
}

/** Where the topics of one device are. */
export interface DeviceContext {
  readonly deviceId: string
  readonly tree: TopicTree
}

export function topicOf<N extends TopicName>(
  { tree, deviceId }: DeviceContext,
  name: N,
  params: Omit<TopicParams<(typeof topics)[N]['pattern']>, 'device'>,
): string {
  return tree.build(name, { device: deviceId, ...params } as unknown as TopicParams<
    (typeof topics)[N]['pattern']
  >)
}

/** What entities are set apart by: knobs and health of a device are no part of its everyday card. */
export function categoryOf(role: AbilityRole): { readonly entity_category?: string } {
  return role === 'config' || role === 'diagnostic' ? { entity_category: role } : {}
}

/** Without the members that have nothing to say. */
export function compact(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

/** A value that nobody set stands as `null` on its topic. */
export const orUnknown = "{{ None if value == 'null' else value }}"

/** The longest state that Home Assistant takes. */
export const longestState = 255
