import type { Json } from '../domain/data-point.ts'
import { FlatTree } from '../integration/homie/flat-tree.ts'
import { HomieTree } from '../integration/homie/tree.ts'
import type { HomieTreeParts, Wish } from '../integration/homie/tree-parts.ts'

/** A tree of devices in the words of one version of Homie. */
export interface ConventionTree {
  readonly filter: string
  readonly namesFilter: string
  readonly setFilter: string
  readonly topics: ReadonlySet<string>
  idOf(deviceId: string): string
  idIn(topic: string): string
  partFilter(id: string): string
  isOurs(topic: string): boolean
  says(topic: string): boolean
  tell(deviceIds: Iterable<string>): void
  changed(...deviceIds: readonly string[]): void
  reported(deviceId: string, codes: readonly string[]): void
  happened(deviceId: string, code: string, value: Json): void
  reachable(deviceId: string): void
  removed(deviceId: string): void
  farewell(): void
  clear(): void
  wish(topic: string, payload: string): Wish | undefined
  target(wish: Wish, payload: string): void
  /** The one state that speaks for all devices, where the version has such. */
  readonly stateTopic?: string
  /** Where each device speaks for itself: its state, once it is told, and that state once more. */
  stateTopicOf?(deviceId: string): string | undefined
  assert?(deviceId: string): void
}

/** A version of Homie that can be published. */
export interface HomieEdition {
  readonly setting: 'homie4' | 'homie5'
  /** Added to the client id of its connection. */
  readonly suffix: string
  readonly tree: (parts: HomieTreeParts) => ConventionTree
}

export const homie5: HomieEdition = {
  setting: 'homie5',
  suffix: '-homie',
  tree: (parts) => new HomieTree(parts),
}

export const homie4: HomieEdition = {
  setting: 'homie4',
  suffix: '-homie4',
  tree: (parts) => new FlatTree(parts),
}
