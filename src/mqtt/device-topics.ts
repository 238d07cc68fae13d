import type { DataPoint, Json, Specification, ValueCodec } from '../domain/data-point.ts'
import type { Device } from '../domain/device.ts'
import type { LinkHealth } from '../domain/link.ts'
import type { Source } from '../domain/report.ts'
import type { DeviceState, PointFact } from '../domain/state.ts'
import type { Clock, Timer } from '../util/clock.ts'
import {
  type DevicePlaces,
  deviceMeta,
  json,
  pathState,
  scalar,
  specMeta,
  stateDocument,
  words,
} from './payload.ts'
import type { Publisher } from './publisher.ts'
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
}

/** At most ten documents a second and device; the newest always goes out. */
const documentEveryMs = 100

interface Progress {
  seq: number
  lastAt: number
  timer: Timer | undefined
  source: Source
  receivedMs: number
  changed: Set<string>
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
    this.#document(published, this.#progressOf(device.id))
    for (const [code] of published.state.entries()) this.#values(published, code)
    this.#clearUnknownPoints(published)
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

  /** R-S3: offline first, so that nobody who still looks takes it for reachable; then everything goes. */
  remove(deviceId: string): void {
    const { publisher } = this.#parts
    this.#progress.get(deviceId)?.timer?.cancel()
    this.#progress.delete(deviceId)
    const group = DeviceTopics.group(deviceId)
    publisher.retain(group, 'stateAvailability', { device: deviceId }, words('offline'))
    publisher.clearGroup(group)
  }

  /** Copies under an earlier name, taken back before new ones appear. */
  clearName(deviceId: string, slug: string): void {
    const { publisher, tree } = this.#parts
    const group = DeviceTopics.group(deviceId)
    const root = tree.build('stateNamedDevice', { name: slug })
    for (const topic of publisher.owned.topics(group)) {
      if (topic === root || topic.startsWith(`${root}/`)) publisher.clear(group, topic)
    }
    this.#progress.get(deviceId)?.topics.clear()
  }

  stop(): void {
    for (const progress of this.#progress.values()) progress.timer?.cancel()
  }

  #progressOf(deviceId: string): Progress {
    const known = this.#progress.get(deviceId)
    if (known) return known
    const fresh: Progress = {
      seq: 0,
      lastAt: Number.NEGATIVE_INFINITY,
      timer: undefined,
      source: 'poll',
      receivedMs: 0,
      changed: new Set(),
      topics: new Map(),
    }
    this.#progress.set(deviceId, fresh)
    return fresh
  }

  #soon(published: PublishedDevice, progress: Progress): void {
    if (progress.timer) return
    const { clock } = this.#parts
    const wait = progress.lastAt + documentEveryMs - clock.monotonic()
    if (wait <= 0) this.#flush(published, progress)
    else {
      progress.timer = clock.after(wait, () => {
        progress.timer = undefined
        this.#flush(published, progress)
      })
    }
  }

  #flush(published: PublishedDevice, progress: Progress): void {
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
    publisher.retainAt(
      group,
      'stateDevice',
      this.#topic(progress, device.id, 'stateDevice', ''),
      payload,
      extra,
    )
    if (settings.mirrorNames)
      publisher.retain(group, 'stateNamedDevice', { name: places(device).slug }, payload, extra)
  }

  /** The scalar of one point and what is derived from it. */
  #values(published: PublishedDevice, code: string): void {
    const { publisher, settings, places } = this.#parts
    const { device, specification, state } = published
    const fact = state.get(code)
    if (!fact) return
    const progress = this.#progressOf(device.id)
    const group = DeviceTopics.group(device.id)
    const extra = { user: { source: fact.source, timeMs: String(fact.timeMs) } }
    const payload = scalar(fact.value)
    if (settings.scalars) {
      publisher.retainAt(group, 'stateDp', this.#topic(progress, device.id, 'stateDp', code), payload, extra)
      if (settings.mirrorNames)
        publisher.retain(group, 'stateNamedDp', { name: places(device).slug, code }, payload, extra)
    }
    const point = specification?.points.get(code)
    if (settings.views && point) this.#views(group, device.id, point, fact.value, extra)
  }

  #views(group: string, deviceId: string, point: DataPoint, value: Json, extra: object): void {
    const { publisher, codec } = this.#parts
    for (const view of codec.views(point, value)) {
      const params = { device: deviceId, code: point.code, view: view.name }
      publisher.retain(group, 'stateView', params, scalar(view.value), extra)
    }
  }

  #topic(progress: Progress, device: string, name: 'stateDevice' | 'stateDp', code: string): string {
    const key = name === 'stateDevice' ? '' : code
    const known = progress.topics.get(key)
    if (known !== undefined) return known
    const { tree } = this.#parts
    const topic = name === 'stateDevice' ? tree.build(name, { device }) : tree.build(name, { device, code })
    progress.topics.set(key, topic)
    return topic
  }

  /** Points that the device has no more, or that turned momentary. */
  #clearUnknownPoints({ device, state }: PublishedDevice): void {
    const { publisher, tree } = this.#parts
    const group = DeviceTopics.group(device.id)
    for (const topic of publisher.owned.topics(group)) {
      const code = tree.parse(topic)?.params['code']
      if (code !== undefined && state.get(code) === undefined) publisher.clear(group, topic)
    }
  }
}

function newestSource(state: DeviceState): Source | undefined {
  let newest: PointFact | undefined
  for (const [, fact] of state.entries())
    if (newest === undefined || fact.timeMs > newest.timeMs) newest = fact
  return newest?.source
}
