import type { Automation } from '../domain/automation.ts'
import type { ValueCodec } from '../domain/data-point.ts'
import type { DefinitionCodec } from '../domain/definition.ts'
import type { Device } from '../domain/device.ts'
import type { Home, Room } from '../domain/home.ts'
import type { DevicePaths } from '../domain/link.ts'
import type { Member, MemberDetail } from '../domain/member.ts'
import type { Source } from '../domain/report.ts'
import type { Scene } from '../domain/scene.ts'
import type { PointFact } from '../domain/state.ts'
import type { Clock } from '../util/clock.ts'
import type { Settle } from '../util/settlement.ts'
import { BesideTopics } from './beside-topics.ts'
import { type Defined, DefinitionTopics } from './definition-topics.ts'
import type { Applied } from './device-documents.ts'
import { DeviceTopics, type PublishedDevice } from './device-topics.ts'
import { IndexTopics } from './index-topics.ts'
import type { EventObject } from './payload-event.ts'
import { automationMeta, sceneMeta } from './payload-scene.ts'
import type { Publisher } from './publisher.ts'
import { devicesOf, SummaryTopics } from './summary-topics.ts'
import { type Named, ThingEvents } from './thing-events.ts'
import type { TopicTree } from './topic.ts'

/** What exists, as the mirror looks it up. */
export interface MirroredHouse {
  readonly homes: ReadonlyMap<string, Home>
  readonly rooms: ReadonlyMap<string, Room>
  readonly devices: ReadonlyMap<string, PublishedDevice>
  readonly scenes: Defined<Scene>
  readonly automations: Defined<Automation>
  /** Who may use a home; undefined where that is not known. */
  members(homeId: string): readonly Member[] | undefined
  slug(deviceId: string): string
  slugs(): readonly (readonly [slug: string, id: string])[]
  isStale(fact: PointFact, deviceId: string): boolean
  paths(deviceId: string): DevicePaths
  /** The sum of what a data point reports in portions. */
  total(deviceId: string, code: string): number | undefined
}

export interface MirrorParts {
  readonly publisher: Publisher
  readonly tree: TopicTree
  readonly house: MirroredHouse
  readonly codec: ValueCodec
  readonly definitionCodec: Pick<DefinitionCodec, 'writeScene' | 'writeAutomation'>
  readonly clock: Clock
  readonly settings: {
    readonly scalars: boolean
    readonly views: boolean
    readonly entities: boolean
    readonly mirrorNames: boolean
    readonly exposeLocation: boolean
    readonly members: MemberDetail
    /** Members of an external action's object that name it. */
    readonly actionKeys: readonly string[]
  }
}

/** Says on MQTT what exists and what it says; told of every change, it decides which topics follow. */
export class Mirror {
  readonly devices: DeviceTopics
  readonly beside: BesideTopics
  readonly #scenes: DefinitionTopics<Scene>
  readonly #automations: DefinitionTopics<Automation>
  readonly #parts: MirrorParts
  readonly #events: ThingEvents
  readonly #summaries: SummaryTopics
  readonly #slugs = new Map<string, string>()

  constructor(parts: MirrorParts) {
    this.#parts = parts
    const { publisher, tree, codec, clock, settings, house } = parts
    this.beside = new BesideTopics(parts)
    const events = new ThingEvents(parts)
    this.#events = events
    const { definitionCodec } = parts
    this.#scenes = new DefinitionTopics({
      kind: 'scene',
      defined: house.scenes,
      publisher,
      events,
      meta: (scene, slug) => sceneMeta(scene, slug, definitionCodec),
    })
    this.#automations = new DefinitionTopics({
      kind: 'automation',
      defined: house.automations,
      publisher,
      events,
      meta: (automation, slug) => automationMeta(automation, slug, definitionCodec, settings.actionKeys),
    })
    this.#summaries = new SummaryTopics({
      publisher,
      house,
      clock,
      index: new IndexTopics(parts),
      scenes: this.#scenes,
      automations: this.#automations,
      get exposeLocation() {
        return settings.exposeLocation
      },
    })
    this.devices = new DeviceTopics({
      publisher,
      tree,
      codec,
      clock,
      settings,
      isStale: (fact, deviceId) => house.isStale(fact, deviceId),
      paths: (deviceId) => house.paths(deviceId),
      total: (deviceId, code) => house.total(deviceId, code),
      places: (device) => ({
        slug: house.slug(device.id),
        homeName: house.homes.get(device.homeId)?.name ?? null,
        roomName: device.roomId === null ? null : (house.rooms.get(device.roomId)?.name ?? null),
      }),
    })
  }

  /** From now on what comes and goes is told as an event. */
  announce(): void {
    this.#events.announce()
  }

  homeChanged(home: Home, before: Home | undefined): void {
    this.#summaries.touchHome(home.id)
    for (const published of devicesOf(this.#parts.house, home.id)) this.devices.publishMeta(published)
    this.#events.named('home', { home: home.id }, home, before)
  }

  homeRemoved(home: Home): void {
    this.#summaries.removeHome(home.id)
    this.#tellRemoved('home', { home: home.id }, home)
  }

  roomChanged(room: Room, before: Room | undefined): void {
    this.#summaries.touchRoom(room.id)
    this.#summaries.touchHome(room.homeId)
    for (const published of devicesOf(this.#parts.house, room.homeId)) {
      if (published.device.roomId === room.id) this.devices.publishMeta(published)
    }
    this.#events.named('room', { room: room.id }, room, before)
  }

  roomRemoved(room: Room): void {
    this.#summaries.removeRoom(room.id)
    this.#summaries.touchHome(room.homeId)
    this.#tellRemoved('room', { room: room.id }, room)
  }

  sceneChanged(now: Scene, before: Scene | undefined): void {
    this.#scenes.changed(now, before)
    this.#summaries.touchHome(now.homeId)
  }

  sceneRemoved(scene: Scene): void {
    this.#scenes.removed(scene)
    this.#summaries.touchHome(scene.homeId)
    this.#tellRemoved('scene', { scene: scene.id }, scene)
  }

  automationChanged(now: Automation, before: Automation | undefined): void {
    this.#automations.changed(now, before)
    this.#summaries.touchHome(now.homeId)
  }

  automationRemoved(automation: Automation): void {
    this.#automations.removed(automation)
    this.#summaries.touchHome(automation.homeId)
    this.#tellRemoved('automation', { automation: automation.id }, automation)
  }

  deviceChanged(published: PublishedDevice, before: Device | undefined): void {
    const { device } = published
    this.#touchPlaces(device)
    if (before) this.#touchPlaces(before)
    this.#summaries.touchIndex()
    const slug = this.#parts.house.slug(device.id)
    const oldSlug = this.#slugs.get(device.id)
    this.#slugs.set(device.id, slug)
    if (!before) {
      this.devices.publish(published)
      this.#events.named('device', { device: device.id }, device, undefined)
      return
    }
    if (oldSlug !== undefined && oldSlug !== slug) this.devices.rename(published, oldSlug)
    else this.devices.publishMeta(published)
    this.devices.publishAvailability(published)
    this.#events.named('device', { device: device.id }, device, before)
  }

  deviceRemoved(device: Device): void {
    this.devices.remove(device.id)
    this.#slugs.delete(device.id)
    this.#touchPlaces(device)
    this.#tellRemoved('device', { device: device.id }, device)
  }

  specificationChanged(published: PublishedDevice): void {
    this.devices.publish(published)
  }

  /** `settle` is called when the broker has a document that knows of the report, or a later one. */
  reported(published: PublishedDevice, applied: Applied, settle?: Settle): void {
    this.devices.reported(published, applied, settle)
  }

  /** Calls when what this topic of a device says now is with the broker; at once for what is not said of it. */
  confirm(deviceId: string, name: 'stateAvailability' | 'metaDevice' | 'stateOta', settle: Settle): void {
    const { publisher, tree } = this.#parts
    publisher.confirm(DeviceTopics.group(deviceId), tree.build(name, { device: deviceId }), settle)
  }

  /** For a while nobody listened to a link, for longer than the other side keeps what it has to say. */
  gap(link: string, fromMs: number, toMs: number): void {
    this.#events.gap(link, fromMs, toMs)
  }

  /** The sum of a data point's portions has changed without a report. */
  totalChanged(published: PublishedDevice, code: string): void {
    this.devices.totalChanged(published, code)
  }

  /** Facts of these sources turned stale or fresh: the documents that hold some say so. */
  stalenessChanged(sources: ReadonlySet<Source>): void {
    for (const published of this.#parts.house.devices.values()) {
      for (const [, fact] of published.state.entries()) {
        if (!sources.has(fact.source)) continue
        this.devices.staleness(published)
        break
      }
    }
  }

  /** What is to be said has changed: what was not said is, and what is not wanted any more is taken back. */
  settingsChanged(): void {
    const { house } = this.#parts
    for (const published of house.devices.values()) this.devices.settingsChanged(published)
    for (const automation of house.automations.all.values()) this.#automations.changed(automation, automation)
    for (const id of house.homes.keys()) {
      this.#summaries.touchHome(id)
      this.beside.membersAgain(id, house.members(id))
    }
  }

  /** The device can be reached on the LAN, or not any more. */
  lanChanged(published: PublishedDevice): void {
    this.#touchPlaces(published.device)
    this.devices.publishAvailability(published)
    this.pathChanged(published)
  }

  /** The state of the ways to one device has changed, or what is known of them. */
  pathChanged(published: PublishedDevice): void {
    this.devices.publishPaths(published.device.id)
    this.devices.publishMeta(published)
  }

  /** The state of the ways to the devices has changed. */
  pathsChanged(): void {
    for (const deviceId of this.#parts.house.devices.keys()) this.devices.publishPaths(deviceId)
  }

  /** What is due is said now. */
  sayNow(): void {
    this.#summaries.stop()
    this.devices.stop()
  }

  stop(): void {
    this.sayNow()
  }

  #touchPlaces(device: Device): void {
    if (device.homeId !== '') this.#summaries.touchHome(device.homeId)
    if (device.roomId !== null) this.#summaries.touchRoom(device.roomId)
  }

  /** Names of things that are gone are free: the list of names has changed. */
  namesForgotten(): void {
    this.#summaries.touchIndex()
  }

  /** Told when everything of it is gone, the lists included. */
  #tellRemoved(kind: string, object: EventObject, thing: Named): void {
    this.#summaries.afterwards(() => this.#events.removed(kind, object, thing))
  }
}
