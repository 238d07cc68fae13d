import { entitiesOf } from '../domain/ability.ts'
import type { Specification } from '../domain/data-point.ts'
import type { Device } from '../domain/device.ts'
import type { DevicePaths } from '../domain/link.ts'
import type { DeviceState, PointFact } from '../domain/state.ts'
import type { Clock } from '../util/clock.ts'
import { Emitter } from '../util/emitter.ts'
import type { Settle } from '../util/settlement.ts'
import { type Applied, DeviceDocuments } from './device-documents.ts'
import { DeviceValues, type DeviceValuesParts } from './device-values.ts'
import { type DevicePlaces, deviceMeta, json, lanState, pathState, specMeta, words } from './payload.ts'
import { takeBackDevice } from './take-back.ts'

/** What the topics of a device are made of. */
export interface PublishedDevice {
  readonly device: Device
  readonly specification: Specification | undefined
  readonly state: DeviceState
  readonly listedMs: number
  readonly lanUp: boolean
}

export interface DeviceTopicsParts extends Omit<DeviceValuesParts, 'group' | 'places'> {
  readonly clock: Clock
  readonly isStale: (fact: PointFact, deviceId: string) => boolean
  readonly places: (device: Device) => DevicePlaces
  readonly paths: (deviceId: string) => DevicePaths
}

/** A document went out: what it holds of a device may be said elsewhere by now. */
export interface SaidDocument {
  readonly published: PublishedDevice
  /** Points that have changed since the one before. */
  readonly changed: readonly string[]
}

/** What whoever says the same elsewhere has to know of documents (I-2). */
export interface Documents {
  readonly events: Pick<Emitter<{ said: SaidDocument }>, 'on'>
  /** The document that is due goes out now. */
  hurry(deviceId: string): void
  /** Calls when the broker has the document that was said last, or a newer one; false when it will not have it. */
  whenHeld(deviceId: string, settle: Settle): void
}

/** The topics of one device after another: meta, specification, availability, paths, document, scalars, views. */
export class DeviceTopics implements Documents {
  readonly events = new Emitter<{ said: SaidDocument }>()
  readonly #parts: DeviceTopicsParts
  readonly #documents: DeviceDocuments
  readonly #values: DeviceValues

  constructor(parts: DeviceTopicsParts) {
    this.#parts = parts
    this.#values = new DeviceValues({ ...parts, group: DeviceTopics.group })
    this.#documents = new DeviceDocuments({
      ...parts,
      get mirrorNames() {
        return parts.settings.mirrorNames
      },
      slug: (device) => parts.places(device).slug,
      group: DeviceTopics.group,
      onSaid: (published, changed) => {
        this.#values.say(published, changed)
        this.#values.sayEntities(published, changed)
        this.events.emit('said', { published, changed })
      },
    })
  }

  static group(deviceId: string): string {
    return `device/${deviceId}`
  }

  /** Everything about a device; whatever it said before and does not say now is taken back. */
  publish(published: PublishedDevice): void {
    const { publisher, codec } = this.#parts
    const { device, specification } = published
    this.publishMeta(published)
    this.publishAvailability(published)
    this.publishPaths(device.id)
    if (specification) {
      publisher.retain(
        DeviceTopics.group(device.id),
        'metaSpec',
        { device: device.id },
        specMeta(device, specification, codec),
      )
    }
    this.#documents.soon(published)
    this.#documents.hurry(device.id)
    this.#values.say(published, published.state.codes())
    this.#values.sayEntities(published)
    this.#clearUnknownPoints(published)
  }

  /** A new name: the copies under the earlier one are taken back before the new ones appear. */
  rename(published: PublishedDevice, oldSlug: string): void {
    this.publishMeta(published)
    if (!this.#parts.settings.mirrorNames) return
    const { id } = published.device
    this.#clearName(id, oldSlug)
    this.#copyToName(id, this.#parts.places(published.device).slug)
  }

  publishMeta({ device, specification }: PublishedDevice): void {
    const { publisher, places, paths } = this.#parts
    const payload = deviceMeta(device, places(device), specification, paths(device.id))
    publisher.retain(DeviceTopics.group(device.id), 'metaDevice', { device: device.id }, payload)
  }

  /** There as soon as one of the ways says so. */
  publishAvailability({ device, lanUp }: PublishedDevice): void {
    const { publisher, settings, places } = this.#parts
    const group = DeviceTopics.group(device.id)
    const payload = words(device.online || lanUp ? 'online' : 'offline')
    publisher.retain(group, 'stateAvailability', { device: device.id }, payload)
    if (settings.mirrorNames)
      publisher.retain(group, 'stateNamedAvailability', { name: places(device).slug }, payload)
  }

  publishPaths(deviceId: string): void {
    const { publisher, paths } = this.#parts
    const { lan, cloud } = paths(deviceId)
    const payload = json({ lan: lanState(lan), cloud: pathState(cloud) })
    publisher.retain(DeviceTopics.group(deviceId), 'statePaths', { device: deviceId }, payload)
  }

  /** What is to be said has changed: what is not wanted any more is taken back, the rest is said. */
  settingsChanged(published: PublishedDevice): void {
    const { publisher, tree, settings, places } = this.#parts
    const { scalars, views, mirrorNames, entities } = settings
    const group = DeviceTopics.group(published.device.id)
    for (const topic of publisher.owned.topics(group)) {
      const name = tree.parse(topic)?.name ?? ''
      const isCopy = name.startsWith('stateNamed')
      const isValue = name === 'stateDp' || name === 'stateNamedDp'
      const isWanted =
        (mirrorNames || !isCopy) &&
        (scalars || !isValue) &&
        (views || name !== 'stateView') &&
        (entities || name !== 'stateEntity')
      if (!isWanted) publisher.clear(group, topic)
    }
    this.#documents.hurry(published.device.id)
    this.#values.say(published, published.state.codes())
    this.#values.sayEntities(published)
    if (mirrorNames) this.#copyToName(published.device.id, places(published.device).slug)
  }

  /** A report was applied; `settle` is called when the broker has a document that knows of it, or a later one. */
  reported(published: PublishedDevice, applied: Applied, settle?: Settle): void {
    this.#documents.reported(published, applied, settle)
  }

  /** What counts as stale has changed. */
  staleness(published: PublishedDevice): void {
    this.#documents.soon(published)
  }

  /** The newest document of a device; one that is due goes out first. */
  document(deviceId: string): string | undefined {
    return this.#documents.text(deviceId)
  }

  hurry(deviceId: string): void {
    this.#documents.hurry(deviceId)
  }

  whenHeld(deviceId: string, settle: Settle): void {
    this.#documents.whenHeld(deviceId, settle)
  }

  remove(deviceId: string): void {
    const { publisher, tree } = this.#parts
    this.#values.forget(deviceId)
    const topics = publisher.owned.removeGroup(DeviceTopics.group(deviceId))
    takeBackDevice(publisher, tree, deviceId, topics)
    this.#documents.remove(deviceId)
  }

  /** The newest values still go out. */
  stop(): void {
    this.#documents.stop()
  }

  #clearName(deviceId: string, slug: string): void {
    const { publisher, tree } = this.#parts
    const group = DeviceTopics.group(deviceId)
    const root = tree.build('stateNamedDevice', { name: slug })
    for (const topic of publisher.owned.topics(group)) {
      if (topic === root || topic.startsWith(`${root}/`)) publisher.clear(group, topic)
    }
  }

  #copyToName(deviceId: string, slug: string): void {
    const { publisher, tree } = this.#parts
    const group = DeviceTopics.group(deviceId)
    const root = tree.build('stateDevice', { device: deviceId })
    const named = tree.build('stateNamedDevice', { name: slug })
    for (const message of publisher.owned.of(group)) {
      const name = copies[tree.parse(message.topic)?.name ?? '']
      if (name) publisher.copy(group, name, named + message.topic.slice(root.length), message)
    }
  }

  /** The sum of a point's portions has changed: it goes with the document that has it. */
  totalChanged(published: PublishedDevice, code: string): void {
    this.#documents.changed(published, code)
  }

  /** Points that the device has no more, or that turned momentary, and views that a point has no more. */
  #clearUnknownPoints({ device, specification, state }: PublishedDevice): void {
    const { publisher, tree, codec } = this.#parts
    const group = DeviceTopics.group(device.id)
    const keys = new Set(entitiesOf(device.category, specification).map(({ key }) => key))
    for (const topic of publisher.owned.topics(group)) {
      const { code, view, key } = tree.isLast(topic) ? {} : (tree.parse(topic)?.params ?? {})
      if (key !== undefined && !keys.has(key)) publisher.clear(group, topic)
      if (code === undefined) continue
      const point = specification?.points.get(code)
      const hasView =
        view === undefined || (point && codec.viewNames(point).some(({ name }) => name === view))
      if (!hasView || state.get(code) === undefined) publisher.clear(group, topic)
    }
  }
}

/** What is copied below the name. */
const copies: Readonly<Record<string, 'stateNamedDevice' | 'stateNamedAvailability' | 'stateNamedDp'>> = {
  stateDevice: 'stateNamedDevice',
  stateAvailability: 'stateNamedAvailability',
  stateDp: 'stateNamedDp',
}
