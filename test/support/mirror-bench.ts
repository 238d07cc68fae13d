import { definitionCodec } from '../../src/codec/cloud/automation/codec.ts'
import { valueCodec } from '../../src/codec/data-point/codec.ts'
import type { Automation } from '../../src/domain/automation.ts'
import type { Specification } from '../../src/domain/data-point.ts'
import type { Device } from '../../src/domain/device.ts'
import type { Home, Room } from '../../src/domain/home.ts'
import { type DevicePaths, type LinkHealth, unusedLan } from '../../src/domain/link.ts'
import type { MemberDetail } from '../../src/domain/member.ts'
import type { Source } from '../../src/domain/report.ts'
import type { Scene } from '../../src/domain/scene.ts'
import { slugOf } from '../../src/domain/slug.ts'
import { DeviceState } from '../../src/domain/state.ts'
import { DefinitionSet } from '../../src/inventory/definition-set.ts'
import type { PublishedDevice } from '../../src/mqtt/device-topics.ts'
import { Mirror } from '../../src/mqtt/mirror.ts'
import type { OutboxCaps } from '../../src/mqtt/outbox.ts'
import type { Settle } from '../../src/util/settlement.ts'
import { device, specification } from './mirrored.ts'
import { PublisherBench } from './publisher-bench.ts'

interface Record extends PublishedDevice {
  device: Device
  specification: Specification | undefined
  state: DeviceState
}

export interface MirrorSettings {
  readonly scalars?: boolean
  readonly views?: boolean
  readonly mirrorNames?: boolean
  readonly exposeLocation?: boolean
  readonly members?: MemberDetail
  /** Of the outbox. */
  readonly caps?: Partial<OutboxCaps>
}

/** A mirror of a small house that the test builds and changes; the connection is up. */
export class MirrorBench extends PublisherBench {
  readonly mirror: Mirror
  /** May be changed, as by a reload. */
  readonly settings = {
    scalars: true,
    views: true,
    entities: false,
    mirrorNames: false,
    exposeLocation: false,
    members: 'off' as MemberDetail,
    actionKeys: ['action'],
  }
  readonly scenes = new DefinitionSet<Scene>()
  readonly automations = new DefinitionSet<Automation>()
  readonly homes = new Map<string, Home>()
  readonly rooms = new Map<string, Room>()
  readonly devices = new Map<string, Record>()
  readonly stale = new Set<Source>()
  /** Sums of portions, by `<device>/<code>`. */
  readonly totals = new Map<string, number>()
  lan: DevicePaths['lan'] = unusedLan
  path: LinkHealth = { state: 'up', sinceMs: 5, reason: null, lastMs: null }

  constructor({ caps, ...settings }: MirrorSettings = {}) {
    super(caps ? { caps } : {})
    this.mirror = new Mirror({
      publisher: this.publisher,
      tree: this.tree,
      codec: valueCodec,
      definitionCodec,
      clock: this.clock,
      settings: Object.assign(this.settings, settings),
      house: {
        homes: this.homes,
        rooms: this.rooms,
        devices: this.devices,
        scenes: this.scenes,
        automations: this.automations,
        members: () => undefined,
        slug: (id) => slugOf(this.devices.get(id)?.device.name ?? ''),
        slugs: () =>
          [...this.devices.values()].map((one) => [slugOf(one.device.name), one.device.id] as const),
        isStale: ({ source }) => this.stale.has(source),
        paths: () => ({ lan: this.lan, cloud: this.path }),
        total: (id, code) => this.totals.get(`${id}/${code}`),
      },
    })
    const { scenes, automations, mirror } = this
    scenes.events.on('changed', ({ now, before }) => mirror.sceneChanged(now, before))
    scenes.events.on('removed', (scene) => mirror.sceneRemoved(scene))
    automations.events.on('changed', ({ now, before }) => mirror.automationChanged(now, before))
    automations.events.on('removed', (automation) => mirror.automationRemoved(automation))
    this.publisher.resume()
    this.addHome({ id: '1', name: 'Home' })
    this.flush()
  }

  addHome(home: Home): void {
    const before = this.homes.get(home.id)
    this.homes.set(home.id, home)
    this.mirror.homeChanged(home, before)
  }

  addRoom(room: Room): void {
    const before = this.rooms.get(room.id)
    this.rooms.set(room.id, room)
    this.mirror.roomChanged(room, before)
  }

  /** A new device, or new facts about a known one. */
  put(id: string, changes: Partial<Device> = {}): void {
    const known = this.devices.get(id)
    const before = known?.device
    if (known) known.device = { ...known.device, ...changes }
    else {
      const state = new DeviceState()
      const listedMs = this.clock.now()
      const fresh = { device: device(id, changes), specification: undefined, state, listedMs, lanUp: false }
      this.devices.set(id, fresh)
    }
    this.mirror.deviceChanged(this.record(id), before)
  }

  describe(id: string, ...points: Parameters<typeof specification>[0]): void {
    const record = this.record(id)
    record.specification = specification(points)
    this.mirror.specificationChanged(record)
  }

  remove(id: string): void {
    const { device } = this.record(id)
    this.devices.delete(id)
    this.mirror.deviceRemoved(device)
  }

  report(
    id: string,
    values: { readonly [code: string]: unknown },
    source: Source = 'lan',
    settle?: Settle,
    timeMs = this.clock.now(),
  ): void {
    const record = this.record(id)
    const now = this.clock.now()
    const changed: string[] = []
    let isNews = false
    for (const [code, raw] of Object.entries(values)) {
      const point = record.specification?.points.get(code)
      const decoded = point ? valueCodec.decode(point, raw) : { value: raw as never, odd: false }
      const fact = { raw, ...decoded, timeMs, receivedMs: now, source }
      const verdict = record.state.apply(code, fact)
      if (verdict === 'changed') changed.push(code)
      isNews ||= verdict !== 'older'
    }
    this.mirror.reported(record, { source, receivedMs: now, changed, isNews }, settle)
  }

  record(id: string): Record {
    const record = this.devices.get(id)
    if (!record) throw new Error(`no device ${id}`)
    return record
  }

  /** Lists and summaries, which follow in a moment, have left too. */
  async settled(): Promise<string[]> {
    await this.clock.advance(200)
    return this.said()
  }

  /** What stands on a topic below the base, as JSON. */
  json(topic: string): globalThis.Record<string, unknown> {
    return JSON.parse(this.retained.get(`tuya/${topic}`) ?? 'null')
  }

  text(topic: string): string | undefined {
    return this.retained.get(`tuya/${topic}`)
  }

  /** The retained topics below a prefix, without the base. */
  topics(prefix = ''): string[] {
    return [...this.retained.keys()]
      .map((topic) => topic.slice(5))
      .filter((topic) => topic.startsWith(prefix))
  }
}
