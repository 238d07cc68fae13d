import type { Discovery } from '../integration/homeassistant/discovery.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Incoming } from '../mqtt/message.ts'
import type { Publisher } from '../mqtt/publisher.ts'
import type { TopicTree } from '../mqtt/topic.ts'
import type { Clock } from '../util/clock.ts'
import { utf8 } from '../util/json.ts'
import type { Random } from '../util/random.ts'
import type { Config } from './config-types.ts'
import { followForHomeAssistant, subjects } from './home-assistant.ts'

export interface DerivedTreesParts {
  readonly config: Config
  readonly inventory: Inventory
  readonly publisher: Publisher
  readonly tree: TopicTree
  readonly clock: Clock
  readonly random: Random
}

/** The trees of other conventions, made from the same facts as our own and switched on by settings. */
export class DerivedTrees {
  readonly #parts: DerivedTreesParts
  readonly #discovery: Discovery

  /** To be made before whatever takes things back: consumers lose a device before its topics go. */
  constructor(parts: DerivedTreesParts) {
    this.#parts = parts
    this.#discovery = followForHomeAssistant(parts)
  }

  /** Those that are published, by the names that `bridge/info` has for them. */
  get names(): readonly string[] {
    return this.#discovery.isOn ? ['homeassistant'] : []
  }

  /** What is listened to besides commands, on the bridge's own connection. */
  get listensTo(): readonly string[] {
    return this.#discovery.isOn ? [this.#discovery.birthTopic] : []
  }

  /** Where an earlier run may have left something, that had these trees. */
  leftAt(earlier: readonly string[]): readonly string[] {
    return this.#discovery.isOn || earlier.includes('homeassistant') ? [this.#discovery.filter] : []
  }

  isOurs(topic: string): boolean {
    return this.#discovery.isOurs(topic)
  }

  /** What an earlier run left there. */
  adopt(topics: Iterable<string>): void {
    this.#discovery.adopt(topics)
  }

  /** True when the message was for one of the trees. */
  take({ topic, payload }: Incoming): boolean {
    if (topic !== this.#discovery.birthTopic) return false
    if (utf8(payload) === 'online') this.#discovery.born()
    return true
  }

  /** The settings have changed: trees come, go, or say other things. */
  settingsChanged(): void {
    const { config, inventory } = this.#parts
    if (config.publish.homeassistant) this.#discovery.switchOn(subjects(inventory))
    else if (this.#discovery.isOn) this.#discovery.switchOff()
  }

  everythingRead(): void {
    this.#discovery.everythingRead()
  }

  stop(): void {
    this.#discovery.stop()
  }
}
