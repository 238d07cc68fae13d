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

/** Built once, said thousands of times. */
interface Names {
  readonly group: string
  readonly document: string
  /** Topics of values by code. */
  readonly values: Map<string, string>
}

/** What is said beside a value. */
interface Beside {
  readonly user: Readonly<Record<string, string>>
  /** The document that has it. */
  readonly after: string
}

/** What stands beside the document of a device: scalars, views, entities. None goes before the document that has it (I-2). */
export class DeviceValues {
  readonly #parts: DeviceValuesParts
  /** By device. */
  readonly #names = new Map<string, Names>()
  #last: (Pick<PointFact, 'source' | 'timeMs'> & { readonly beside: Beside }) | undefined

  constructor(parts: DeviceValuesParts) {
    this.#parts = parts
  }

  forget(deviceId: string): void {
    this.#names.delete(deviceId)
  }

  /** The scalars of these points and what is derived from them. */
  say({ device, specification, state }: PublishedDevice, codes: Iterable<string>): void {
    const { publisher, settings, places } = this.#parts
    const names = this.#namesOf(device.id)
    for (const code of codes) {
      const fact = state.get(code)
      if (!fact) continue
      const beside = this.#besideOf(fact, names)
      if (settings.scalars) {
        const payload = scalar(fact.value)
        publisher.retainAt(names.group, 'stateDp', this.#topicOf(device.id, code, names), payload, beside)
        if (settings.mirrorNames)
          publisher.retain(names.group, 'stateNamedDp', { name: places(device).slug, code }, payload, beside)
      }
      const point = settings.views ? specification?.points.get(code) : undefined
      if (point) this.#views(device.id, point, fact.value, names.group, beside)
    }
  }

  /** What points say together, of those that changed or of all. */
  sayEntities({ device, specification, state }: PublishedDevice, changed?: readonly string[]): void {
    const { publisher, settings } = this.#parts
    if (!settings.entities) return
    const values: Values = (code) => state.get(code)?.value
    const { group, document } = this.#namesOf(device.id)
    const extra = { after: document }
    for (const entity of entitiesOf(device.category, specification)) {
      if (changed && !entity.points.some(({ code }) => changed.includes(code))) continue
      const said = entityState(entity, values)
      const params = { device: device.id, key: entity.key }
      if (said) publisher.retain(group, 'stateEntity', params, json(said), extra)
    }
  }

  /** The points of a report have one time and one source. */
  #besideOf({ source, timeMs }: PointFact, { document }: Names): Beside {
    const last = this.#last
    if (last?.timeMs === timeMs && last.source === source && last.beside.after === document)
      return last.beside
    const beside = { user: { source, timeMs: String(timeMs) }, after: document }
    this.#last = { source, timeMs, beside }
    return beside
  }

  /** A view that the value does not give now says nothing, rather than what an earlier value gave. */
  #views(deviceId: string, point: DataPoint, value: Json, group: string, beside: Beside): void {
    const { publisher, codec, tree, total } = this.#parts
    const viewNames = codec.viewNames(point)
    if (viewNames.length === 0) return
    const values = new Map(codec.views(point, value).map((view) => [view.name, view.value]))
    const sum = total(deviceId, point.code)
    if (sum !== undefined) values.set('total', sum)
    for (const { name } of viewNames) {
      const topic = tree.build('stateView', { device: deviceId, code: point.code, view: name })
      const derived = values.get(name)
      if (derived !== undefined) publisher.retainAt(group, 'stateView', topic, scalar(derived), beside)
      else if (publisher.owned.has(group, topic)) publisher.clear(group, topic)
    }
  }

  #topicOf(device: string, code: string, { values }: Names): string {
    let topic = values.get(code)
    if (topic === undefined) {
      topic = this.#parts.tree.build('stateDp', { device, code })
      values.set(code, topic)
    }
    return topic
  }

  #namesOf(device: string): Names {
    let names = this.#names.get(device)
    if (!names) {
      const { tree, group } = this.#parts
      names = { group: group(device), document: tree.build('stateDevice', { device }), values: new Map() }
      this.#names.set(device, names)
    }
    return names
  }
}
