import type { FirmwareModule } from '../domain/firmware.ts'
import type { Member, MemberDetail } from '../domain/member.ts'
import type { SceneBinding } from '../domain/scene.ts'
import { DeviceTopics } from './device-topics.ts'
import { firmwareState } from './payload-firmware.ts'
import { bindingsMeta, membersMeta } from './payload-scene.ts'
import type { Publisher } from './publisher.ts'
import { homeGroup } from './summary-topics.ts'
import type { TopicTree } from './topic.ts'

export interface BesideTopicsParts {
  readonly publisher: Publisher
  readonly tree: TopicTree
  /** Read at each use: they may change. */
  readonly settings: { readonly members: MemberDetail }
}

/** What is said beside homes and devices: who uses them, which keys run scenes, what firmware is in them. */
export class BesideTopics {
  readonly #parts: BesideTopicsParts

  constructor(parts: BesideTopicsParts) {
    this.#parts = parts
  }

  members(homeId: string, members: readonly Member[]): void {
    const { publisher, settings } = this.#parts
    if (settings.members === 'off') return
    const payload = membersMeta(homeId, members, settings.members)
    publisher.retain(homeGroup(homeId), 'metaMembers', { home: homeId }, payload)
  }

  /** How much is said of members has changed; undefined where they are not known. */
  membersAgain(homeId: string, members: readonly Member[] | undefined): void {
    const { publisher, tree, settings } = this.#parts
    if (settings.members === 'off')
      publisher.clearOwned(homeGroup(homeId), tree.build('metaMembers', { home: homeId }))
    else if (members) this.members(homeId, members)
  }

  /** Only scene switches have a document of their keys. */
  bindings(deviceId: string, bindings: readonly SceneBinding[]): void {
    const { publisher, tree } = this.#parts
    const group = DeviceTopics.group(deviceId)
    if (bindings.length > 0)
      publisher.retain(group, 'metaBindings', { device: deviceId }, bindingsMeta(bindings))
    else publisher.clear(group, tree.build('metaBindings', { device: deviceId }))
  }

  firmware(deviceId: string, modules: readonly FirmwareModule[]): void {
    const group = DeviceTopics.group(deviceId)
    this.#parts.publisher.retain(group, 'stateOta', { device: deviceId }, firmwareState(modules))
  }
}
