import type { DataPoint, Json, Specification, ValueCodec } from '../domain/data-point.ts'
import type { Device } from '../domain/device.ts'
import type { LinkHealth } from '../domain/link.ts'
import type { Source } from '../domain/report.ts'
import type { DeviceState, PointFact } from '../domain/state.ts'
import type { Clock, Timer } from '../util/clock.ts'
import { type DevicePlaces, deviceMeta, json, pathState, scalar, specMeta, words } from './payload.ts'
import { stateDocument } from './payload-state.ts'
import type { Publisher } from './publisher.ts'
import { takeBackDevice } from './take-back.ts'
import type { TopicTree } from './topic.ts'

/** What the topics of a device are made of. */
export interface PublishedDevice {
  readonly device: Device
  readonly specification: Specification | undefined
  readonly state: DeviceState
  readonly listedMs: number
}

export interface DeviceTopicsParts {
  readonly publisher: Publisher
  readonly tree: TopicTree
  readonly codec: ValueCodec
  readonly clock: Clock
  readonly settings: { readonly scalars: boolean; readonly views: boolean; readonly mirrorNames: boolean }
  readonly isStale: (fact: PointFact) => boolean
  readonly places: (device: Device) => DevicePlaces
  readonly path: (deviceId: string) => LinkHealth
  /** The sum of what a data point reports in portions. */
  readonly total: (deviceId: string, code: string) => number | undefined
}

/** At most ten documents a second and device; the newest always goes out. */
const documentEveryMs = 100

interface Progress {
  seq: number
  lastAt: number
  timer: Timer | undefined
  /** What the timer is for. */
  due: PublishedDevice | undefined
  source: Source
  receivedMs: number
  changed: Set<string>
  /** Topics of values by code: built once, said thousands of times. */
  readonly topics: Map<string, string>
}

/** The topics of one device after another: meta, specification, availability, paths, document, scalars, views. */
export class DeviceTopics {
  readonly #parts: DeviceTopicsParts
  readonly #progress = new Map<string, Progress>()

  constructor(parts: DeviceTopicsParts) {
    this.#parts = parts
  }

  static group(deviceId: string): string {
    return `device/${deviceId}`
  }

  /** Everything about a device; whatever it said before and does not say now is taken back. */
  publish(published: PublishedDevice): void {
    const { publisher, codec } = this.#parts
    const { device, specification } = published
    this.publishMeta(published)
    this.publishAvailability(device)
    this.publishPaths(device.id)
    if (specification) {
      publisher.retain(
        DeviceTopics.group(device.id),
        'metaSpec',
        { device: device.id },
        specMeta(device.id, specification, codec),
      )
    }
    this.#soon(published, this.#progressOf(device.id))
    for (const [code] of published.state.entries()) this.#values(published, code)
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
    const { publisher, places } = this.#parts
    const payload = deviceMeta(device, places(device), specification)
    publisher.retain(DeviceTopics.group(device.id), 'metaDevice', { device: device.id }, payload)
  }

  publishAvailability(device: Device): void {
    const { publisher, settings, places } = this.#parts
    const group = DeviceTopics.group(device.id)
    const payload = words(device.online ? 'online' : 'offline')
    publisher.retain(group, 'stateAvailability', { device: device.id }, payload)
    if (settings.mirrorNames)
      publisher.retain(group, 'stateNamedAvailability', { name: places(device).slug }, payload)
  }

  publishPaths(deviceId: string): void {
    const { publisher, path } = this.#parts
    const lan: LinkHealth = { state: 'unused', sinceMs: 0, reason: null, lastMs: null }
    const payload = json({ lan: { state: lan.state }, cloud: pathState(path(deviceId)) })
    publisher.retain(DeviceTopics.group(deviceId), 'statePaths', { device: deviceId }, payload)
  }

  /** A report was applied. */
  reported(published: PublishedDevice, source: Source, receivedMs: number, changed: readonly string[]): void {
    const progress = this.#progressOf(published.device.id)
    progress.source = source
    progress.receivedMs = receivedMs
    for (const code of changed) progress.changed.add(code)
    this.#soon(published, progress)
  }

  /** What counts as stale has changed. */
  staleness(published: PublishedDevice): void {
    this.#soon(published, this.#progressOf(published.device.id))
  }

  /** The newest document of a device; one that is due goes out first. */
  document(deviceId: string): string | undefined {
    const { publisher, tree } = this.#parts
    const progress = this.#progress.get(deviceId)
    if (progress?.due) this.#flush(progress.due, progress)
    const topic = tree.build('stateDevice', { device: deviceId })
    return publisher.owned.get(DeviceTopics.group(deviceId), topic)?.payload
  }

  remove(deviceId: string): void {
    const { publisher, tree } = this.#parts
    this.#progress.get(deviceId)?.timer?.cancel()
    this.#progress.delete(deviceId)
    const topics = publisher.owned.removeGroup(DeviceTopics.group(deviceId))
    takeBackDevice(publisher, tree, deviceId, topics)
  }

  /** The newest values still go out. */
  stop(): void {
    for (const progress of this.#progress.values()) {
      progress.timer?.cancel()
      if (progress.due) this.#flush(progress.due, progress)
    }
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

  #progressOf(deviceId: string): Progress {
    const known = this.#progress.get(deviceId)
    if (known) return known
    const fresh: Progress = {
      seq: 0,
      lastAt: Number.NEGATIVE_INFINITY,
      timer: undefined,
      due: undefined,
      source: 'poll',
      receivedMs: 0,
      changed: new Set(),
      topics: new Map(),
    }
    this.#progress.set(deviceId, fresh)
    return fresh
  }

  #soon(published: PublishedDevice, progress: Progress): void {
    if (progress.due) return
    const { clock } = this.#parts
    const wait = progress.lastAt + documentEveryMs - clock.monotonic()
    if (wait <= 0) {
      this.#flush(published, progress)
      return
    }
    progress.due = published
    progress.timer = clock.after(wait, () => this.#flush(published, progress))
  }

  #flush(published: PublishedDevice, progress: Progress): void {
    progress.timer?.cancel()
    progress.due = undefined
    progress.lastAt = this.#parts.clock.monotonic()
    const changed = [...progress.changed]
    this.#document(published, progress)
    for (const code of changed) this.#values(published, code)
  }

  #document(published: PublishedDevice, progress: Progress): void {
    const { publisher, settings, places, isStale } = this.#parts
    const { device, state, listedMs } = published
    const { changed } = progress
    const source = progress.receivedMs === 0 ? (newestSource(state) ?? progress.source) : progress.source
    const seq = ++progress.seq
    const receivedMs = progress.receivedMs || listedMs
    const payload = stateDocument({
      id: device.id,
      state,
      seq,
      source,
      changed: [...changed],
      receivedMs,
      listedMs,
      isStale,
    })
    progress.changed = new Set()
    const extra = { user: { source, timeMs: String(state.newestMs() ?? listedMs) } }
    const group = DeviceTopics.group(device.id)
    publisher.retain(group, 'stateDevice', { device: device.id }, payload, extra)
    if (settings.mirrorNames)
      publisher.retain(group, 'stateNamedDevice', { name: places(device).slug }, payload, extra)
  }

  /** The scalar of one point and what is derived from it. */
  #values(published: PublishedDevice, code: string): void {
    const { publisher, settings, places } = this.#parts
    const { device, state } = published
    const fact = state.get(code)
    if (!fact) return
    const progress = this.#progressOf(device.id)
    const group = DeviceTopics.group(device.id)
    const extra = { user: { source: fact.source, timeMs: String(fact.timeMs) } }
    const payload = scalar(fact.value)
    if (settings.scalars) {
      publisher.retainAt(group, 'stateDp', this.#topicOf(progress, device.id, code), payload, extra)
      if (settings.mirrorNames)
        publisher.retain(group, 'stateNamedDp', { name: places(device).slug, code }, payload, extra)
    }
    this.derived(published, code)
  }

  /** What is derived from the value of one point. */
  derived({ device, specification, state }: PublishedDevice, code: string): void {
    const point = specification?.points.get(code)
    const fact = state.get(code)
    if (!this.#parts.settings.views || !point || !fact) return
    const extra = { user: { source: fact.source, timeMs: String(fact.timeMs) } }
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

  #topicOf(progress: Progress, device: string, code: string): string {
    const known = progress.topics.get(code)
    if (known !== undefined) return known
    const topic = this.#parts.tree.build('stateDp', { device, code })
    progress.topics.set(code, topic)
    return topic
  }

  /** Points that the device has no more, or that turned momentary, and views that a point has no more. */
  #clearUnknownPoints({ device, specification, state }: PublishedDevice): void {
    const { publisher, tree, codec } = this.#parts
    const group = DeviceTopics.group(device.id)
    for (const topic of publisher.owned.topics(group)) {
      const { code, view } = tree.parse(topic)?.params ?? {}
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

function newestSource(state: DeviceState): Source | undefined {
  let newest: PointFact | undefined
  for (const [, fact] of state.entries())
    if (newest === undefined || fact.timeMs > newest.timeMs) newest = fact
  return newest?.source
}
