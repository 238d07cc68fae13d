import type { Values } from '../domain/ability/base.ts'
import { entityState } from '../domain/ability/composite.ts'
import { entitiesOf } from '../domain/ability.ts'
import type { DataPoint, Json, ValueCodec } from '../domain/data-point.ts'
import type { Device } from '../domain/device.ts'
import type { PointFact } from '../domain/state.ts'
import type { PublishedDevice } from './device-topics.ts'
import { json, scalar } from './payload.ts'
import type { Publisher } from './publisher.ts'
import type { TopicTree } from './topic.ts'

export interface DeviceValuesParts {
  readonly publisher: Publisher
  readonly tree: TopicTree
  readonly codec: ValueCodec
  /** Read at each use: they may change. */
  readonly settings: {
    readonly scalars: boolean
    readonly views: boolean
    readonly mirrorNames: boolean
    readonly entities: boolean
  }
  readonly places: (device: Device) => { readonly slug: string }
  /** The sum of what a data point reports in portions. */
  readonly total: (deviceId: string, code: string) => number | undefined
  readonly group: (deviceId: string) => string
}

interface KnownTopics {
  readonly document: string
  readonly values: Map<string, string>
}

/** What stands beside the document of a device: scalars, views, entities. None goes before the document that has it (I-2). */
export class DeviceValues {
  readonly #parts: DeviceValuesParts
  /** Topics of document and values by device and code: built once, said thousands of times. */
  readonly #known = new Map<string, KnownTopics>()
  #lastUser:
    | (Pick<PointFact, 'source' | 'timeMs'> & { readonly user: Readonly<Record<string, string>> })
    | undefined

  constructor(parts: DeviceValuesParts) {
    this.#parts = parts
  }

  forget(deviceId: string): void {
    this.#known.delete(deviceId)
  }

  /** The scalar of one point and what is derived from it. */
  say(published: PublishedDevice, code: string): void {
    const { publisher, settings, places, group: groupOf } = this.#parts
    const { device, state } = published
    const group = groupOf(device.id)
    const fact = state.get(code)
    if (!fact) return
    if (settings.scalars) {
      const extra = { user: this.#userOf(fact), after: this.#topicsOf(device.id).document }
      const payload = scalar(fact.value)
      publisher.retainAt(group, 'stateDp', this.#topicOf(device.id, code), payload, extra)
      if (settings.mirrorNames)
        publisher.retain(group, 'stateNamedDp', { name: places(device).slug, code }, payload, extra)
    }
    this.sayDerived(published, code)
  }

  /** What points say together, of those that changed or of all. */
  sayEntities({ device, specification, state }: PublishedDevice, changed?: readonly string[]): void {
    const { publisher, settings, group } = this.#parts
    if (!settings.entities) return
    const values: Values = (code) => state.get(code)?.value
    const extra = { after: this.#topicsOf(device.id).document }
    for (const entity of entitiesOf(device.category, specification)) {
      if (changed && !entity.points.some(({ code }) => changed.includes(code))) continue
      const said = entityState(entity, values)
      const params = { device: device.id, key: entity.key }
      if (said) publisher.retain(group(device.id), 'stateEntity', params, json(said), extra)
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

  /** What is derived from the value of one point. */
  sayDerived({ device, specification, state }: PublishedDevice, code: string): void {
    const { settings, codec, group } = this.#parts
    const point = settings.views ? specification?.points.get(code) : undefined
    if (!point || codec.viewNames(point).length === 0) return
    const fact = state.get(code)
    if (!fact) return
    const extra = { user: this.#userOf(fact), after: this.#topicsOf(device.id).document }
    this.#views(group(device.id), device.id, point, fact.value, extra)
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
}
