import { toLan } from '../codec/data-point/lan.ts'
import { isLive } from '../domain/report.ts'
import { TuyaMqttCommands } from '../integration/tuya-mqtt/commands.ts'
import { Names } from '../integration/tuya-mqtt/names.ts'
import { TuyaMqttStates } from '../integration/tuya-mqtt/states.ts'
import type { DeviceRecord } from '../inventory/events.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Documents } from '../mqtt/device-topics.ts'
import type { Incoming } from '../mqtt/message.ts'
import type { Publisher } from '../mqtt/publisher.ts'
import { publishedFilters } from '../mqtt/rights.ts'
import { Branch, TopicTree, tuyaMqttTopics } from '../mqtt/topic.ts'
import type { Clock } from '../util/clock.ts'
import { overlaps } from './config-rules.ts'
import type { Config } from './config-types.ts'
import type { Neighbour } from './look-around.ts'

/** Presses of longer ago are history, not news. */
const freshMs = 60_000

/** The tree of tuya-mqtt, where it is wanted: what it obeys, and, once somebody can publish, what it says. */
export class TuyaMqttSide {
  readonly #inventory: Inventory
  readonly #branch: Branch<typeof tuyaMqttTopics>
  readonly #names: Names
  readonly #tree: TopicTree
  readonly #commands: TuyaMqttCommands
  /** What an earlier run has left and nobody has said anew. */
  #left: ReadonlySet<string> = new Set()
  #isRead = false
  #publisher: Publisher | undefined

  constructor({ mqtt, tuyaMqtt }: Config, inventory: Inventory) {
    this.#inventory = inventory
    this.#branch = new Branch(tuyaMqtt.base, tuyaMqttTopics)
    this.#names = new Names(inventory.devices, tuyaMqtt.devices)
    this.#tree = new TopicTree(mqtt.base)
    this.#commands = new TuyaMqttCommands({ branch: this.#branch, tree: this.#tree, names: this.#names })
  }

  get filters(): readonly string[] {
    return this.#commands.filters
  }

  /** The tree as it is looked at before anything is said. */
  get neighbour(): Neighbour {
    const adopt = (topics: ReadonlySet<string>) => {
      this.#left = topics
      if (this.#isRead) this.settle()
    }
    return { branch: this.#branch, filters: publishedFilters(this.#branch.base, tuyaMqttTopics), adopt }
  }

  /** Everything was read: what an earlier run said of devices and nobody says now is taken back. */
  settle(): void {
    this.#isRead = true
    const waiting = new Set<string>()
    for (const topic of this.#left) {
      const thing = this.#names.find(this.#branch.parse(topic)?.params['thing'] ?? '')
      // Until it is described nothing is said of its values.
      if (thing !== undefined && thing.specification === undefined) waiting.add(topic)
      else if (!this.#publisher?.owned.says(topic)) this.#publisher?.clearTopic(topic)
    }
    this.#left = waiting
  }

  /** A command of that tree as one of ours; any other message as it is. */
  translated(message: Incoming): Incoming {
    return this.#commands.translate(message) ?? message
  }

  /** Whatever changes in the inventory is said there too; values behind the document that has them (I-2). */
  follow(publisher: Publisher, clock: Clock, documents: Documents): void {
    this.#publisher = publisher
    const { devices, events } = this.#inventory
    const states = new TuyaMqttStates({
      branch: this.#branch,
      devices,
      names: this.#names,
      toLan,
      speaker: {
        retain: (group, name, topic, payload, device) =>
          publisher.retainOther(group, tuyaMqttTopics[name], topic, payload, {
            after: this.#tree.build('stateDevice', { device }),
          }),
        tell: (name, topic, payload) => publisher.tellOther(tuyaMqttTopics[name], topic, payload),
        clear: (group, topic) => publisher.clearOwned(group, topic),
        clearGroup: (group) => publisher.clearGroup(group),
      },
    })
    documents.events.on('said', ({ published, changed }) => states.reported(published, changed))
    const changed = (record: DeviceRecord) => {
      documents.hurry(record.device.id)
      states.changed(record)
    }
    events.on('device', ({ record }) => changed(record))
    events.on('lan', changed)
    events.on('specification', ({ record }) => {
      documents.hurry(record.device.id)
      states.described(record)
    })
    events.on('deviceRemoved', ({ device }) => {
      states.removed(device.id)
      if (this.#isRead) this.settle()
    })
    events.on('report', ({ record, source, said }) => {
      for (const { point, raw, timeMs } of said)
        if (point.momentary && isLive(source) && clock.now() - timeMs < freshMs)
          states.pressed(record, point, raw)
    })
  }
}

/**
 * The tree where it is not wanted any more: what an earlier run said there is taken back. Undefined where that could be
 * our own tree: below one base they look alike.
 */
export function tuyaMqttRemains(
  { mqtt, tuyaMqtt }: Config,
  clearTopic: (topic: string) => void,
): Neighbour | undefined {
  if (overlaps(tuyaMqtt.base, mqtt.base)) return undefined
  return {
    branch: new Branch(tuyaMqtt.base, tuyaMqttTopics),
    filters: publishedFilters(tuyaMqtt.base, tuyaMqttTopics),
    adopt: (topics) => {
      for (const topic of topics) clearTopic(topic)
    },
    onceWas: 'tuya-mqtt',
  }
}

/** Undefined where it is not wanted. */
export function tuyaMqttSide(config: Config, inventory: Inventory): TuyaMqttSide | undefined {
  return config.tuyaMqtt.enabled ? new TuyaMqttSide(config, inventory) : undefined
}
