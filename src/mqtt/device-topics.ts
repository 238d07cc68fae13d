import type { Values } from '../domain/ability/base.ts'
import { entityState } from '../domain/ability/composite.ts'
import { entitiesOf } from '../domain/ability.ts'
import type { DataPoint, Json, Specification, ValueCodec } from '../domain/data-point.ts'
import type { Device } from '../domain/device.ts'
import type { DevicePaths } from '../domain/link.ts'
import type { DeviceState, PointFact } from '../domain/state.ts'
import type { Clock } from '../util/clock.ts'
import type { Settle } from '../util/settlement.ts'
import { type Applied, DeviceDocuments } from './device-documents.ts'
import {
  type DevicePlaces,
  deviceMeta,
  json,
  lanState,
  pathState,
  scalar,
  specMeta,
  words,
} from './payload.ts'
import type { Publisher } from './publisher.ts'
import { takeBackDevice } from './take-back.ts'
import type { TopicTree } from './topic.ts'

/** What the topics of a device are made of. */
export interface PublishedDevice {
  readonly device: Device
  readonly specification: Specification | undefined
  readonly state: DeviceState
  readonly listedMs: number
  readonly lanUp: boolean
}

export interface DeviceTopicsParts {
  readonly publisher: Publisher
  readonly tree: TopicTree
  readonly codec: ValueCodec
  readonly clock: Clock
  readonly settings: {
    readonly scalars: boolean
    readonly views: boolean
    readonly mirrorNames: boolean
    readonly entities: boolean
  }
  readonly isStale: (fact: PointFact, deviceId: string) => boolean
  readonly places: (device: Device) => DevicePlaces
  readonly paths: (deviceId: string) => DevicePaths
  /** The sum of what a data point reports in portions. */
  readonly total: (deviceId: string, code: string) => number | undefined
}

interface KnownTopics {
  readonly document: string
  readonly values: Map<string, string>
}

/** The topics of one device after another: meta, specification, availability, paths, document, scalars, views. */
export class DeviceTopics {
  readonly #parts: DeviceTopicsParts
  readonly #documents: DeviceDocuments
  /** Topics of document and values by device and code: built once, said thousands of times. */
  readonly #known = new Map<string, KnownTopics>()
  #lastUser:
    | (Pick<PointFact, 'source' | 'timeMs'> & { readonly user: Readonly<Record<string, string>> })
    | undefined

  constructor(parts: DeviceTopicsParts) {
    this.#parts = parts
    this.#documents = new DeviceDocuments({
      ...parts,
      get mirrorNames() {
        return parts.settings.mirrorNames
      },
      slug: (device) => parts.places(device).slug,
      group: DeviceTopics.group,
      onSaid: (published, changed) => {
        const group = DeviceTopics.group(published.device.id)
        for (const code of changed) this.#values(published, code, group)
        this.#entities(published, changed)
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
    for (const [code] of published.state.entries()) this.#values(published, code)
    this.#entities(published)
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
    for (const [code] of published.state.entries()) this.#values(published, code)
    this.#entities(published)
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

  remove(deviceId: string): void {
    const { publisher, tree } = this.#parts
    this.#known.delete(deviceId)
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

  /** The scalar of one point and what is derived from it. */
  #values(published: PublishedDevice, code: string, group = DeviceTopics.group(published.device.id)): void {
    const { publisher, settings, places } = this.#parts
    const { device, state } = published
    const fact = state.get(code)
    if (!fact) return
    if (settings.scalars) {
      const extra = { user: this.#userOf(fact), after: this.#topicsOf(device.id).document }
      const payload = scalar(fact.value)
      publisher.retainAt(group, 'stateDp', this.#topicOf(device.id, code), payload, extra)
      if (settings.mirrorNames)
        publisher.retain(group, 'stateNamedDp', { name: places(device).slug, code }, payload, extra)
    }
    this.#derived(published, code)
  }

  /** What points say together, of those that changed or of all. */
  #entities({ device, specification, state }: PublishedDevice, changed?: readonly string[]): void {
    const { publisher, settings } = this.#parts
    if (!settings.entities) return
    const values: Values = (code) => state.get(code)?.value
    const extra = { after: this.#topicsOf(device.id).document }
    for (const entity of entitiesOf(device.category, specification)) {
      if (changed && !entity.points.some(({ code }) => changed.includes(code))) continue
      const said = entityState(entity, values)
      const params = { device: device.id, key: entity.key }
      if (said) publisher.retain(DeviceTopics.group(device.id), 'stateEntity', params, json(said), extra)
    }
  }

  /** The points of a report have one time and one source. */
  #userOf({ source, timeMs }: PointFact): Readonly<Record<string, string>> {
    const last = this.#lastUser
    if (last?.timeMs === timeMs && last.source === source) return last.user
    const user = { source, timeMs: String(timeMs) }
    this.#lastUser = { source, timeMs, user }
    return user
  }

  /** What is derived from the value of one point has changed: it does not go before the document that has the value. */
  derived(published: PublishedDevice, code: string): void {
    if (!this.#documents.takesAlong(published.device.id, code)) this.#derived(published, code)
  }

  #derived({ device, specification, state }: PublishedDevice, code: string): void {
    const { settings, codec } = this.#parts
    const point = settings.views ? specification?.points.get(code) : undefined
    if (!point || codec.viewNames(point).length === 0) return
    const fact = state.get(code)
    if (!fact) return
    const extra = { user: this.#userOf(fact), after: this.#topicsOf(device.id).document }
    this.#views(DeviceTopics.group(device.id), device.id, point, fact.value, extra)
  }

  /** A view that the value does not give now says nothing, rather than what an earlier value gave. */
  #views(group: string, deviceId: string, point: DataPoint, value: Json, extra: object): void {
    const { publisher, codec, tree, total } = this.#parts
    const values = new Map(codec.views(point, value).map((view) => [view.name, view.value]))
    const sum = total(deviceId, point.code)
    if (sum !== undefined) values.set('total', sum)
    for (const { name } of codec.viewNames(point)) {
      const topic = tree.build('stateView', { device: deviceId, code: point.code, view: name })
      const derived = values.get(name)
      if (derived !== undefined) publisher.retainAt(group, 'stateView', topic, scalar(derived), extra)
      else if (publisher.owned.has(group, topic)) publisher.clear(group, topic)
    }
  }

  #topicOf(device: string, code: string): string {
    const { values } = this.#topicsOf(device)
    let topic = values.get(code)
    if (topic === undefined) {
      topic = this.#parts.tree.build('stateDp', { device, code })
      values.set(code, topic)
    }
    return topic
  }

  #topicsOf(device: string): KnownTopics {
    let known = this.#known.get(device)
    if (!known) {
      known = { document: this.#parts.tree.build('stateDevice', { device }), values: new Map() }
      this.#known.set(device, known)
    }
    return known
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
