import type { Discovery } from '../integration/homeassistant/discovery.ts'
import type { Subject } from '../integration/homeassistant/discovery-topics.ts'
import { homeSubject } from '../integration/homie/home.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { CommandTold } from '../mqtt/command/case.ts'
import type { Documents } from '../mqtt/device-topics.ts'
import type { BrokerConnector } from '../mqtt/link.ts'
import type { Incoming, Outgoing } from '../mqtt/message.ts'
import type { Publisher } from '../mqtt/publisher.ts'
import type { Portions } from '../mqtt/scan.ts'
import type { TopicTree } from '../mqtt/topic.ts'
import type { Clock } from '../util/clock.ts'
import { utf8 } from '../util/json.ts'
import type { Random } from '../util/random.ts'
import type { Config } from './config-types.ts'
import { HeldValues } from './held-values.ts'
import { followForHomeAssistant, subjects } from './home-assistant.ts'
import { Homie } from './homie.ts'
import { homie4, homie5 } from './homie-edition.ts'
import type { Logger } from './log.ts'

export interface DerivedTreesParts {
  readonly config: Config
  readonly inventory: Inventory
  readonly publisher: Publisher
  readonly tree: TopicTree
  readonly documents: Documents
  readonly clock: Clock
  readonly random: Random
  readonly connector: BrokerConnector
  readonly log: Logger
  readonly onCommand: (message: Incoming, told?: CommandTold) => void
  readonly onTrouble: (reason: string, message: string, more: object) => void
  readonly onDead: (message: Outgoing, reason: string, first: boolean) => void
}

/** The trees of other conventions, made from the same facts as our own and switched on by settings. */
export class DerivedTrees {
  readonly #parts: DerivedTreesParts
  readonly #discovery: Discovery
  readonly #held: HeldValues
  readonly #homies: readonly Homie[]

  /** To be made before whatever takes things back: consumers lose a device before its topics go. */
  constructor(parts: DerivedTreesParts) {
    this.#parts = parts
    this.#discovery = followForHomeAssistant(parts)
    this.#held = new HeldValues(parts.inventory, parts.documents)
    const homie = { ...parts, held: this.#held }
    this.#homies = [new Homie(homie, homie5), new Homie(homie, homie4)]
    this.#turn()
  }

  /** Those that are published, by the names that `bridge/info` has for them. */
  get names(): readonly string[] {
    const homies = this.#homies.filter(({ isOn }) => isOn)
    return [...(this.#discovery.isOn ? ['homeassistant'] : []), ...homies.map(({ name }) => name)]
  }

  /** What is listened to besides commands, on the bridge's own connection. */
  get listensTo(): readonly string[] {
    return this.#discovery.isOn ? [this.#discovery.topics.birth] : []
  }

  /** Where an earlier run may have left something, that had these trees. */
  leftAt(earlier: readonly string[]): readonly string[] {
    return [
      ...(this.#hadDocuments(earlier) ? [this.#discovery.topics.filter] : []),
      ...this.#had(earlier).map(({ filter }) => filter),
    ]
  }

  /** The same in parts, where it told of these devices and homes. */
  portions(earlier: readonly string[], devices: readonly string[], homes: readonly string[]): Portions {
    const homies = this.#had(earlier)
    const told = [
      ...homes.flatMap((id): Subject[] => [`scenes/${id}`, `automations/${id}`]),
      ...devices.map((id): Subject => `device/${id}`),
    ]
    return {
      names: homies.map(({ namesFilter }) => namesFilter),
      of: ({ others }) => [
        ...homies.flatMap((homie) => homie.partsOf([...homes.map(homeSubject), ...devices], others.keys())),
        ...(this.#hadDocuments(earlier) ? told.map((subject) => this.#discovery.topics.of(subject, 0)) : []),
      ],
    }
  }

  /** What has to be kept of a payload that an earlier run left; most of it is not read. */
  keep(topic: string, text: string): string {
    return this.#discovery.topics.isOurs(topic) ? this.#discovery.keep(text) : ''
  }

  #hadDocuments(earlier: readonly string[]): boolean {
    return this.#discovery.isOn || earlier.includes('homeassistant')
  }

  #had(earlier: readonly string[]): readonly Homie[] {
    return this.#homies.filter(({ isWanted, name }) => isWanted || earlier.includes(name))
  }

  isOurs(topic: string): boolean {
    return this.#discovery.topics.isOurs(topic) || this.#homies.some((homie) => homie.isOurs(topic))
  }

  /** What an earlier run left there, by topic. */
  adopt(found: ReadonlyMap<string, string>): void {
    this.#discovery.adopt(new Map([...found].filter(([topic]) => this.#discovery.topics.isOurs(topic))))
    for (const homie of this.#homies) homie.adopt([...found.keys()].filter((topic) => homie.isOurs(topic)))
  }

  /** The bridge's own connection is up: those that need one of their own may have it too. */
  up(): void {
    for (const homie of this.#homies) if (homie.isWanted) homie.start()
  }

  /** True when the message was for one of the trees. */
  take({ topic, payload }: Incoming): boolean {
    if (topic !== this.#discovery.topics.birth) return false
    if (utf8(payload) === 'online') this.#discovery.born()
    return true
  }

  /** The settings have changed: trees come, go, or say other things. */
  settingsChanged(): void {
    const { config, inventory } = this.#parts
    if (config.publish.homeassistant) this.#discovery.switchOn(subjects(inventory))
    else if (this.#discovery.isOn) this.#discovery.switchOff()
    this.#turn()
    for (const homie of this.#homies) {
      if (!homie.isWanted) void homie.switchOff()
      else if (homie.isOn) homie.settingsChanged()
      else homie.start()
    }
  }

  /** The settings of the connection to the broker have changed. */
  renew(): void {
    for (const homie of this.#homies) homie.renew()
  }

  #turn(): void {
    this.#held.turn(this.#homies.some(({ isWanted }) => isWanted))
  }

  everythingRead(): void {
    this.#discovery.everythingRead()
    for (const homie of this.#homies) homie.everythingRead()
  }

  /** What is known stays; who looks after it says goodbye. */
  async stop(): Promise<void> {
    this.#discovery.stop()
    await Promise.all(this.#homies.map((homie) => homie.stop()))
  }
}
