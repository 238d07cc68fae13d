import type { Automation } from '../domain/automation.ts'
import type { Specification, ValueCodec } from '../domain/data-point.ts'
import type { Device } from '../domain/device.ts'
import type { PublishedSum } from '../domain/energy.ts'
import type { FirmwareModule } from '../domain/firmware.ts'
import type { Home, Room } from '../domain/home.ts'
import type { Member } from '../domain/member.ts'
import type { Report, Source } from '../domain/report.ts'
import type { Scene, SceneBinding } from '../domain/scene.ts'
import { SlugRegistry } from '../domain/slug.ts'
import { sameSpecification } from '../domain/specification.ts'
import { type PointFact, sameJson } from '../domain/state.ts'
import type { Clock } from '../util/clock.ts'
import { Emitter } from '../util/emitter.ts'
import type { Settlement } from '../util/settlement.ts'
import { Beside } from './beside.ts'
import { DefinitionSet } from './definition-set.ts'
import { EnergyTotals } from './energy-totals.ts'
import type { DeviceRecord, InventoryEvents } from './events.ts'
import { PresenceTimes } from './presence.ts'
import { type MutableRecord, ReportMerge } from './report-merge.ts'
import { Staleness } from './staleness.ts'
import { dropWaiting, keepReport, mergeWaiting } from './waiting-reports.ts'

export interface InventoryParts {
  readonly codec: ValueCodec
  readonly now: () => number
  /** Whether both ways to a device date what it says by the same clock; they do unless told. */
  readonly isDated?: () => boolean
  /** Runs later what has to wait for other reports; without it nothing waits. */
  readonly after?: Clock['after']
}

/** Which homes, rooms, devices, scenes and automations exist, and what the data points say. */
export class Inventory {
  readonly events = new Emitter<InventoryEvents>()
  readonly slugs = { device: new SlugRegistry() }
  readonly scenes = new DefinitionSet<Scene>()
  readonly automations = new DefinitionSet<Automation>()
  readonly energy = new EnergyTotals()
  /** By home, who may use it. */
  readonly members = new Beside<readonly Member[]>({
    isThere: (homeId) => this.#homes.has(homeId),
    tell: (homeId, members) => this.events.emit('members', { homeId, members }),
  })
  /** By device, which of its keys run which scenes. */
  readonly bindings = new Beside<readonly SceneBinding[]>({
    isThere: (deviceId) => this.#devices.has(deviceId),
    none: [],
    tell: (deviceId, bindings) => this.events.emit('bindings', { deviceId, bindings }),
  })
  /** By device, what firmware it was last seen with. */
  readonly firmware = new Beside<readonly FirmwareModule[]>({
    isThere: (deviceId) => this.#devices.has(deviceId),
    tell: (deviceId, modules) => this.events.emit('firmware', { deviceId, modules }),
  })
  readonly counts = { reports: 0, unknownDevice: 0, crowdedOut: 0, older: 0, odd: 0 }
  readonly #now: () => number
  readonly #presence = new PresenceTimes()
  readonly #merge: ReportMerge
  readonly #homes = new Map<string, Home>()
  readonly #rooms = new Map<string, Room>()
  readonly #devices = new Map<string, MutableRecord>()
  readonly #staleness: Staleness

  constructor({ codec, now, isDated = () => true, after }: InventoryParts) {
    this.#now = now
    const { energy, events, counts } = this
    this.#staleness = new Staleness(events)
    this.#merge = new ReportMerge({ codec, energy, events, counts, isDated, after })
  }

  /** Nothing that waits is merged any more. */
  stop(): void {
    this.#merge.stop()
  }

  get homes(): ReadonlyMap<string, Home> {
    return this.#homes
  }

  get rooms(): ReadonlyMap<string, Room> {
    return this.#rooms
  }

  get devices(): ReadonlyMap<string, DeviceRecord> {
    return this.#devices
  }

  device(id: string): DeviceRecord | undefined {
    return this.#devices.get(id)
  }

  specification(deviceId: string): Specification | undefined {
    return this.#devices.get(deviceId)?.specification
  }

  devicesOf(homeId: string): DeviceRecord[] {
    return [...this.#devices.values()].filter(({ device }) => device.homeId === homeId)
  }

  roomsOf(homeId: string): Room[] {
    return [...this.#rooms.values()].filter((room) => room.homeId === homeId)
  }

  setHome(home: Home): void {
    const before = this.#homes.get(home.id)
    if (sameJson(before, home)) return
    this.#homes.set(home.id, home)
    this.events.emit('home', { home, before })
  }

  setRoom(room: Room): void {
    const before = this.#rooms.get(room.id)
    if (sameJson(before, room)) return
    this.#rooms.set(room.id, room)
    this.events.emit('room', { room, before })
  }

  /** The scene switches with a key that runs a scene. */
  boundTo(sceneId: string): string[] {
    return [...this.bindings.all]
      .filter(([, bindings]) => bindings.some((binding) => binding.sceneId === sceneId))
      .map(([deviceId]) => deviceId)
  }

  /** Which devices stand in which rooms of a home; devices in none of them stand in no room. */
  setPlaces(homeId: string, places: ReadonlyMap<string, readonly string[]>): void {
    const roomOf = new Map([...places].flatMap(([roomId, ids]) => ids.map((id) => [id, roomId] as const)))
    for (const record of this.#devices.values()) {
      if (record.device.homeId !== homeId) continue
      const roomId = roomOf.get(record.device.id) ?? null
      if (roomId !== record.device.roomId) this.#change(record, { ...record.device, roomId })
    }
  }

  /** These devices stand in a room now; what else stood there stays. */
  placeIn(roomId: string, deviceIds: readonly string[]): void {
    const homeId = this.#rooms.get(roomId)?.homeId
    for (const id of deviceIds) {
      const record = this.#devices.get(id)
      if (record && record.device.homeId === homeId) this.#change(record, { ...record.device, roomId })
    }
  }

  /**
   * Adds the devices of a list or brings them up to date; the room of a known device stays. `askedMs`: when the cloud
   * was asked for them.
   */
  setDevices(devices: readonly Device[], askedMs?: number | undefined): void {
    const fresh: MutableRecord[] = []
    for (const device of devices) {
      const isNews = askedMs === undefined || this.#presence.read(device.id, askedMs)
      const known = this.#devices.get(device.id)
      if (!known) fresh.push(this.#add(device))
      else {
        const roomId = known.device.homeId === device.homeId ? known.device.roomId : null
        const online = isNews ? device.online : known.device.online
        this.#change(known, { ...device, roomId: device.roomId ?? roomId, online })
      }
    }
    if (fresh.length > 0) this.#updateSlugs()
    for (const record of fresh) this.events.emit('device', { record, before: undefined })
  }

  /** Told before the next list says so; what is older than what is known is left out. */
  setOnline(id: string, online: boolean, saidMs: number): void {
    const record = this.#devices.get(id)
    if (record && this.#presence.told(id, saidMs, this.#now()))
      this.#change(record, { ...record.device, online })
  }

  removeHome(id: string): void {
    const home = this.#homes.get(id)
    if (!home) return
    for (const { device } of this.devicesOf(id)) this.removeDevice(device.id)
    for (const room of this.roomsOf(id)) this.removeRoom(room.id)
    for (const set of [this.scenes, this.automations]) {
      for (const definition of set.inHome(id)) set.remove(definition.id)
    }
    this.members.forget(id)
    this.#homes.delete(id)
    this.events.emit('homeRemoved', home)
  }

  removeRoom(id: string): void {
    const room = this.#rooms.get(id)
    if (!room) return
    this.#rooms.delete(id)
    for (const record of this.#devices.values()) {
      if (record.device.roomId === id) this.#change(record, { ...record.device, roomId: null })
    }
    this.events.emit('roomRemoved', room)
  }

  removeDevice(id: string): void {
    const record = this.#devices.get(id)
    if (!record) return
    this.#devices.delete(id)
    this.bindings.forget(id)
    this.firmware.forget(id)
    this.energy.forget(id)
    this.#presence.forget(id)
    this.#staleness.forget(id)
    this.#merge.forget(id)
    dropWaiting(record)
    this.#updateSlugs()
    this.events.emit('deviceRemoved', { device: record.device, specification: record.specification })
  }

  setSpecification(deviceId: string, specification: Specification): void {
    const record = this.#devices.get(deviceId)
    if (!record) return
    const before = record.specification
    if (before !== undefined && sameSpecification(before, specification)) return
    record.specification = specification
    if (before !== undefined) this.#merge.redecode(record)
    this.events.emit('specification', { record, before })
    mergeWaiting(record, (...given) => this.#merge.merge(...given))
  }

  /**
   * Merges what one source said of one device. Who publishes what follows from it takes a part of the settlement; what
   * nobody can make use of, because there is no such device or too much of it waits for a specification, is refused.
   */
  apply(report: Report, settlement?: Settlement): void {
    this.counts.reports++
    const record = this.#devices.get(report.deviceId)
    if (!record) {
      this.counts.unknownDevice++
      settlement?.part()(false)
      return
    }
    const { specification } = record
    if ((!specification || specification.partial) && keepReport(record, report, settlement))
      this.counts.crowdedOut++
    if (specification) this.#merge.take(record, report, settlement)
  }

  /** Lower bounds of source time that an earlier run published (R-S4). */
  setFloors(deviceId: string, floors: ReadonlyMap<string, number>): void {
    this.#merge.setFloors(deviceId, floors, this.#devices.get(deviceId)?.state)
  }

  /** The sum of a data point's portions as an earlier run published it. */
  setPublishedSum(deviceId: string, code: string, published: PublishedSum): void {
    const record = this.#devices.get(deviceId)
    if (this.energy.adopt(deviceId, code, published) && record) this.events.emit('total', { record, code })
  }

  /** From now on facts of this source count as stale, or as fresh (R-S1); what came from disk is always stale. */
  markStale(source: Exclude<Source, 'snapshot'>, isStale: boolean): void {
    this.#staleness.mark(source, isStale)
  }

  /** The same for what one device said on the LAN. */
  markLanStale(deviceId: string, isStale: boolean): void {
    const record = this.#devices.get(deviceId)
    if (record) this.#staleness.markOnLan(record, isStale)
  }

  isStale(fact: PointFact, deviceId: string): boolean {
    return this.#staleness.holds(fact, deviceId)
  }

  /** Whether the device itself answers on the LAN. */
  setLan(deviceId: string, isUp: boolean): void {
    const record = this.#devices.get(deviceId)
    if (!record || record.lanUp === isUp) return
    record.lanUp = isUp
    this.events.emit('lan', record)
  }

  #add(device: Device): MutableRecord {
    const record: MutableRecord = {
      device,
      specification: undefined,
      state: this.#merge.newState(device.id),
      listedMs: this.#now(),
      lanUp: false,
      waiting: [],
    }
    this.#devices.set(device.id, record)
    return record
  }

  #change(record: MutableRecord, device: Device): void {
    const before = record.device
    if (sameJson(before, device)) return
    record.device = device
    if (before.name !== device.name || before.createdMs !== device.createdMs) this.#updateSlugs()
    this.events.emit('device', { record, before })
  }

  #updateSlugs(): void {
    this.slugs.device.update([...this.#devices.values()].map(({ device }) => device))
  }
}
