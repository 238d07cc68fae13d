import type { Clock } from '../util/clock.ts'
import { Emitter } from '../util/emitter.ts'
import { BridgeError } from '../util/error.ts'
import { type Random, systemRandom } from '../util/random.ts'
import { consequences, makeDevice, type SimDevice } from './world/device.ts'
import type { Origin, WorldEvents } from './world/event.ts'
import { Upgrades } from './world/firmware.ts'
import { type HomeChanges, makeHome, type SimHome, type SimRoom } from './world/home.ts'
import { limit } from './world/limit.ts'
import { LockRecords } from './world/lock.ts'
import { DeviceLogs } from './world/log.ts'
import { Pairing } from './world/pairing.ts'
import { Statistics } from './world/statistic.ts'
import { makeUser, type SimUser } from './world/user.ts'
import { Weather } from './world/weather.ts'
import {
  builtinModels,
  type DeviceEntry,
  type DpEntry,
  type HomeEntry,
  type LanEntry,
  type ModelEntry,
  type UserEntry,
  type WorldFile,
} from './world-file.ts'

/** Everything that exists in the simulator, and the only place where it changes. */
export class World {
  readonly events = new Emitter<WorldEvents>()
  readonly project: WorldFile['project'] & { readonly tokenSeconds: number }
  readonly users = new Map<string, SimUser>()
  readonly homes = new Map<string, SimHome>()
  readonly devices = new Map<string, SimDevice>()
  readonly logs: DeviceLogs
  readonly locks: LockRecords
  readonly statistics: Statistics
  readonly upgrades: Upgrades
  readonly weather: Weather
  readonly pairing: Pairing
  readonly #models: Map<string, ModelEntry>
  readonly #clock: Clock
  #number: number

  constructor(file: WorldFile, clock: Clock, random: Random = systemRandom) {
    this.#clock = clock
    this.project = { tokenSeconds: 7200, ...file.project }
    this.#models = new Map(Object.entries({ ...builtinModels(), ...file.models }))
    for (const user of file.users) this.users.set(user.uid, makeUser(user, clock.now()))
    for (const home of file.homes) this.homes.set(home.id, makeHome(home))
    for (const device of file.devices) this.#put(device, false)
    this.#number =
      1 +
      Math.max(
        1_000_000,
        ...file.homes.flatMap(({ id, rooms }) => [id, ...rooms.map((room) => room.id)]).map(Number),
      )
    this.logs = new DeviceLogs(this.events, clock)
    this.locks = new LockRecords(this.events)
    this.statistics = new Statistics(this.events)
    this.upgrades = new Upgrades(this.events, clock)
    this.weather = new Weather(this.events, file.weather ?? {})
    this.pairing = new Pairing(this, clock, random, file.pairable ?? [])
  }

  /** A number that no home and no room had before. */
  nextNumber(): string {
    return String(this.#number++)
  }

  /** Nothing goes on by itself any more. */
  stop(): void {
    this.upgrades.stop()
    this.pairing.stop()
  }

  get models(): Iterable<ModelEntry> {
    return this.#models.values()
  }

  addUser(entry: UserEntry & Partial<SimUser>, schema: string): SimUser {
    const user = { ...makeUser(entry, this.#clock.now()), createdMs: this.#clock.now() }
    user.updatedMs = user.createdMs
    this.users.set(user.uid, user)
    this.events.emit('userAdded', { user, schema })
    return user
  }

  changeUser(uid: string, changes: Partial<SimUser>, schema: string): void {
    const user = { ...(this.users.get(uid) as SimUser), ...changes, updatedMs: this.#clock.now() }
    this.users.set(uid, user)
    this.events.emit('userChanged', { user, schema })
  }

  addHome(entry: HomeEntry): SimHome {
    const home = makeHome(entry)
    this.homes.set(home.id, home)
    this.events.emit('homeAdded', { home })
    for (const room of home.rooms.values()) this.events.emit('roomAdded', { home, room })
    return home
  }

  changeHome(home: SimHome, changes: HomeChanges): void {
    Object.assign(home, changes)
    this.events.emit('homeChanged', { home })
  }

  /** Unlinks the devices too. */
  removeHome(id: string): void {
    const devices = this.devicesOf(id).map((device) => device.id)
    // Some are gone with their gateway by the time it is their turn.
    for (const device of devices) if (this.devices.has(device)) this.removeDevice(device)
    const home = this.homes.get(id)
    this.homes.delete(id)
    if (home) this.events.emit('homeRemoved', { home, devices })
  }

  addRoom(home: SimHome, name: string): SimRoom {
    const room = { id: this.nextNumber(), name }
    home.rooms.set(room.id, room)
    this.events.emit('roomAdded', { home, room })
    return room
  }

  renameRoom(home: SimHome, room: SimRoom, name: string): void {
    room.name = name
    this.events.emit('roomRenamed', { home, room })
  }

  /** Its devices stay in the home. */
  removeRoom(home: SimHome, room: SimRoom): void {
    for (const device of this.devicesOf(home.id)) if (device.roomId === room.id) device.roomId = null
    home.rooms.delete(room.id)
    this.events.emit('roomRemoved', { home, room })
  }

  /** Throws BridgeError for a model or home that there is not, and when the home is full. */
  addDevice(entry: DeviceEntry, token?: string): SimDevice {
    if (this.devicesOf(entry.home).length >= limit.devicesOfHome)
      throw new BridgeError('simulator/world', `Device ${entry.id}: the home ${entry.home} is full.`)
    const device = this.#put(entry, token !== undefined)
    this.events.emit('added', { device, ...(token === undefined ? {} : { token }) })
    // What was paired is online from then on, and the platform says so.
    if (token !== undefined && device.online) this.events.emit('presence', { device, online: true })
    return device
  }

  /** A gateway takes those behind it along. */
  removeDevice(id: string): void {
    const device = this.device(id)
    for (const other of this.subDevicesOf(id)) this.removeDevice(other.id)
    this.devices.delete(id)
    this.events.emit('removed', { device })
  }

  rename(id: string, name: string): void {
    const device = this.device(id)
    device.name = name
    device.updatedMs = this.#clock.now()
    this.events.emit('renamed', { device })
  }

  renamePoint(device: SimDevice, dp: DpEntry, name: string): void {
    device.pointNames.set(dp.code, name)
    this.events.emit('pointRenamed', { device, dp, name })
  }

  setOnline(id: string, online: boolean): void {
    const device = this.device(id)
    if (device.online === online) return
    device.online = online
    this.events.emit('presence', { device, online })
  }

  /** As when it is paired again: cloud and LAN know the new key, whoever kept the old one does not. */
  changeKey(id: string, localKey: string): void {
    this.device(id).localKey = localKey
    this.events.emit('relocated', { device: this.device(id) })
  }

  /** Another address, version or manner on the LAN. Throws BridgeError for a device that is not there. */
  changeLan(id: string, changes: Partial<LanEntry>): void {
    const device = this.device(id)
    if (!device.lan) throw new BridgeError('simulator/world', `Device ${id} is not on the LAN.`)
    device.lan = { ...device.lan, ...changes }
    this.events.emit('relocated', { device })
  }

  moveToRoom(id: string, roomId: string | null): void {
    this.device(id).roomId = roomId
  }

  device(id: string): SimDevice {
    const device = this.devices.get(id)
    if (!device) throw new BridgeError('simulator/unknown-device', `The world has no device ${id}.`)
    return device
  }

  devicesOf(homeId: string): SimDevice[] {
    return [...this.devices.values()].filter((device) => device.homeId === homeId)
  }

  subDevicesOf(gatewayId: string): SimDevice[] {
    return [...this.devices.values()].filter((device) => device.gatewayId === gatewayId)
  }

  ownerOf(device: SimDevice): string {
    return this.homes.get(device.homeId)?.owner ?? ''
  }

  /** What the device does by itself or is told to do; buttons report equal values, so those count too. */
  report(id: string, values: Readonly<Record<string, unknown>>): void {
    const device = this.device(id)
    const timeMs = this.#clock.now()
    const points = Object.entries(values).flatMap(([code, value]) => {
      const dp = device.model.dps.find((candidate) => candidate.code === code)
      if (!dp) return []
      const before = device.status.get(code)
      if (dp.access !== 'wo') device.status.set(code, value)
      return [{ dp, value, before, timeMs }]
    })
    if (points.length === 0) return
    device.updatedMs = timeMs
    if (device.online) this.events.emit('status', { device, points })
  }

  /** The cloud took values for a device; what becomes of them is another matter. */
  noteCommand(device: SimDevice, values: Readonly<Record<string, unknown>>, by: Origin): void {
    this.events.emit('commanded', { device, values, by })
  }

  /** A command arrives at the device: it takes the values and whatever follows from them. */
  command(id: string, values: Readonly<Record<string, unknown>>): void {
    const device = this.device(id)
    if (device.dead || !device.online) return
    this.report(id, { ...values, ...consequences(device.model, values) })
  }

  #put(entry: DeviceEntry, fresh: boolean): SimDevice {
    const model = this.#models.get(entry.model)
    if (!model)
      throw new BridgeError('simulator/world', `Device ${entry.id}: there is no model "${entry.model}".`)
    if (!this.homes.has(entry.home))
      throw new BridgeError('simulator/world', `Device ${entry.id}: there is no home ${entry.home}.`)
    if (entry.lan && entry.gateway !== undefined)
      throw new BridgeError(
        'simulator/world',
        `Device ${entry.id}: behind a gateway there is no LAN address of one's own; leave out "lan".`,
      )
    const device = makeDevice(entry, model, this.#clock.now(), fresh)
    this.devices.set(device.id, device)
    return device
  }
}
