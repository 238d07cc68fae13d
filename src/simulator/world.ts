import { createHash } from 'node:crypto'
import type { Clock } from '../util/clock.ts'
import { Emitter } from '../util/emitter.ts'
import { BridgeError } from '../util/error.ts'
import {
  builtinModels,
  type DeviceEntry,
  type DpEntry,
  type HomeEntry,
  type ModelEntry,
  type UserEntry,
  type WorldFile,
} from './world-file.ts'

export interface SimUser extends UserEntry {
  readonly linked: boolean
}

export interface SimRoom {
  readonly id: string
  name: string
}

export interface SimHome {
  readonly id: string
  name: string
  geoName: string
  lat: number
  lon: number
  readonly owner: string
  readonly rooms: Map<string, SimRoom>
  readonly members: { readonly uid: string; readonly name: string; readonly admin: boolean }[]
  readonly scenes: readonly object[]
  readonly automations: readonly object[]
}

export interface SimDevice {
  readonly id: string
  readonly uuid: string
  readonly localKey: string
  readonly ip: string
  readonly model: ModelEntry
  readonly still: boolean
  readonly createdMs: number
  /** The cloud takes its commands and nothing happens. */
  dead: boolean
  name: string
  homeId: string
  roomId: string | null
  readonly gatewayId: string | null
  online: boolean
  updatedMs: number
  /** Wire values by code. */
  readonly status: Map<string, unknown>
}

export interface ChangedPoint {
  readonly dp: DpEntry
  readonly value: unknown
  readonly timeMs: number
}

/** What the world tells those who watch it: the cloud's events and the LAN's pushes follow from these. */
export type WorldEvents = {
  status: { readonly device: SimDevice; readonly points: readonly ChangedPoint[] }
  presence: { readonly device: SimDevice; readonly online: boolean }
  renamed: { readonly device: SimDevice }
  added: { readonly device: SimDevice }
  removed: { readonly device: SimDevice }
}

/** Everything that exists in the simulator, and the only place where it changes. */
export class World {
  readonly events = new Emitter<WorldEvents>()
  readonly project: {
    readonly accessId: string
    readonly accessSecret: string
    readonly tokenSeconds: number
  }
  readonly users = new Map<string, SimUser>()
  readonly homes = new Map<string, SimHome>()
  readonly devices = new Map<string, SimDevice>()
  readonly #models: Map<string, ModelEntry>
  readonly #clock: Clock

  constructor(file: WorldFile, clock: Clock) {
    this.#clock = clock
    this.project = { tokenSeconds: 7200, ...file.project }
    this.#models = new Map(Object.entries({ ...builtinModels(), ...file.models }))
    for (const user of file.users) this.users.set(user.uid, { ...user, linked: user.linked ?? true })
    for (const home of file.homes) this.addHome(home)
    for (const device of file.devices) this.#put(device)
  }

  addHome(entry: HomeEntry): SimHome {
    const home: SimHome = {
      id: entry.id,
      name: entry.name,
      geoName: entry.geoName ?? '',
      lat: entry.lat ?? 0,
      lon: entry.lon ?? 0,
      owner: entry.owner,
      rooms: new Map(entry.rooms.map((room) => [room.id, { ...room }])),
      members: [...(entry.members ?? [])],
      scenes: entry.scenes ?? [],
      automations: entry.automations ?? [],
    }
    this.homes.set(home.id, home)
    return home
  }

  /** Unlinks the devices too. */
  removeHome(id: string): void {
    for (const device of this.devicesOf(id)) this.removeDevice(device.id)
    this.homes.delete(id)
  }

  addDevice(entry: DeviceEntry): SimDevice {
    const device = this.#put(entry)
    this.events.emit('added', { device })
    return device
  }

  removeDevice(id: string): void {
    const device = this.device(id)
    this.devices.delete(id)
    this.events.emit('removed', { device })
  }

  rename(id: string, name: string): void {
    const device = this.device(id)
    device.name = name
    device.updatedMs = this.#clock.now()
    this.events.emit('renamed', { device })
  }

  setOnline(id: string, online: boolean): void {
    const device = this.device(id)
    if (device.online === online) return
    device.online = online
    this.events.emit('presence', { device, online })
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

  /** What the device does by itself or is told to do; buttons report equal values, so those count too. */
  report(id: string, values: Readonly<Record<string, unknown>>): void {
    const device = this.device(id)
    const timeMs = this.#clock.now()
    const points = Object.entries(values).flatMap(([code, value]) => {
      const dp = device.model.dps.find((candidate) => candidate.code === code)
      if (!dp) return []
      if (dp.access !== 'wo') device.status.set(code, value)
      return [{ dp, value, timeMs }]
    })
    if (points.length === 0) return
    device.updatedMs = timeMs
    if (device.online) this.events.emit('status', { device, points })
  }

  /** A command arrives at the device: it takes the values and whatever follows from them. */
  command(id: string, values: Readonly<Record<string, unknown>>): void {
    const device = this.device(id)
    if (device.dead || !device.online) return
    this.report(id, { ...values, ...consequences(device.model, values) })
  }

  #put(entry: DeviceEntry): SimDevice {
    const model = this.#models.get(entry.model)
    if (!model)
      throw new BridgeError('simulator/world', `Device ${entry.id}: there is no model "${entry.model}".`)
    if (!this.homes.has(entry.home))
      throw new BridgeError('simulator/world', `Device ${entry.id}: there is no home ${entry.home}.`)
    const now = this.#clock.now()
    const device: SimDevice = {
      id: entry.id,
      uuid: entry.uuid ?? digest(entry.id).slice(0, 16),
      localKey: entry.localKey ?? digest(`key ${entry.id}`).slice(0, 16),
      ip: entry.ip ?? '203.0.113.7',
      model,
      still: entry.still ?? false,
      createdMs: now - 86_400_000,
      dead: false,
      name: entry.name,
      homeId: entry.home,
      roomId: entry.room ?? null,
      gatewayId: entry.gateway ?? null,
      online: entry.online ?? true,
      updatedMs: now,
      status: new Map(
        model.dps
          .filter((dp) => dp.access !== 'wo')
          .map((dp) => [dp.code, entry.status?.[dp.code] ?? dp.initial]),
      ),
    }
    this.devices.set(device.id, device)
    return device
  }
}

function consequences(model: ModelEntry, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const caused: Record<string, unknown> = {}
  for (const [code, value] of Object.entries(values)) {
    for (const effect of model.dps.find((dp) => dp.code === code)?.effects ?? []) {
      if (effect.equals !== undefined && effect.equals !== value) continue
      Object.assign(caused, effect.set)
      if (effect.copy !== undefined) caused[effect.copy] = value
    }
  }
  return caused
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
