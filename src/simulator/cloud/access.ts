import type { SimDevice } from '../world/device.ts'
import { isAdmin, livesIn, type SimHome, type SimRoom } from '../world/home.ts'
import type { SimAutomation, SimScene } from '../world/rule.ts'
import type { SimUser } from '../world/user.ts'
import { illegal } from './given.ts'
import { Refusal } from './refusal.ts'
import type { Calling } from './serve.ts'

/** Ownership comes first: what is not the caller's is not there. */

const denied = () => new Refusal(1106, 'permission deny')

export function userOf({ world, caller }: Calling, uid: string): SimUser {
  const user = world.users.get(uid)
  if (!user?.linked || (caller !== undefined && caller !== uid)) throw denied()
  return user
}

export function seesHome({ world, caller }: Calling, home: SimHome): boolean {
  return caller === undefined ? (world.users.get(home.owner)?.linked ?? false) : livesIn(home, caller)
}

export function homeOf(calling: Calling, id: string): SimHome {
  const home = calling.world.homes.get(id)
  if (!home || !seesHome(calling, home)) throw denied()
  return home
}

/** The home, for somebody who may change it. */
export function ownHomeOf(calling: Calling, id: string): SimHome {
  const home = homeOf(calling, id)
  if (calling.caller !== undefined && !isAdmin(home, calling.caller))
    throw new Refusal(2508, 'you must be home admin')
  return home
}

export function roomOf(home: SimHome, id: string): SimRoom {
  const room = home.rooms.get(id)
  if (!room) throw new Refusal(2502, 'room not exist')
  return room
}

export function seesDevice(calling: Calling, device: SimDevice): boolean {
  const home = calling.world.homes.get(device.homeId)
  return home !== undefined && seesHome(calling, home)
}

export function deviceOf(calling: Calling, id: string): SimDevice {
  const device = calling.world.devices.get(id)
  if (!device || !seesDevice(calling, device)) throw denied()
  return device
}

/** The device, for somebody who may change more than its values. */
export function ownDeviceOf(calling: Calling, id: string): SimDevice {
  const device = deviceOf(calling, id)
  ownHomeOf(calling, device.homeId)
  return device
}

export function reachableOf(calling: Calling, id: string): SimDevice {
  const device = deviceOf(calling, id)
  if (!device.online) throw new Refusal(2001, 'device is offline')
  return device
}

export function sceneOf(calling: Calling, home: SimHome, id: string): SimScene {
  return ruleOf(calling, home, ({ scenes }) => scenes, id)
}

export function automationOf(calling: Calling, home: SimHome, id: string): SimAutomation {
  return ruleOf(calling, home, ({ automations }) => automations, id)
}

function ruleOf<T>({ world }: Calling, home: SimHome, of: (home: SimHome) => Map<string, T>, id: string): T {
  const found = of(home).get(id)
  if (found) return found
  const elsewhere = [...world.homes.values()].some((other) => of(other).has(id))
  throw elsewhere ? new Refusal(2513, 'scene not belong to home') : new Refusal(2503, 'scene not exist')
}

/** What a list shows, faults considered. */
export function listed({ faults }: Calling, devices: readonly SimDevice[]): readonly SimDevice[] {
  if (faults.has('empty-lists')) return []
  const hidden = faults.text('hide-device')
  return devices.filter((device) => device.id !== hidden)
}

/** Everything that the caller sees. */
export function allDevices(calling: Calling): readonly SimDevice[] {
  return listed(
    calling,
    [...calling.world.devices.values()].filter((device) => seesDevice(calling, device)),
  )
}

/** The ids of a comma-separated list; throws Refusal above the platform's number. */
export function idsOf(text: string, most: number): readonly string[] {
  const ids = text.split(',').filter(Boolean)
  if (ids.length === 0 || ids.length > most) throw illegal()
  return ids
}

/** The part of a list that a page shows; pages count from 1. */
export function pageOf<T>(list: readonly T[], no: number, size: number, most = 100): readonly T[] {
  if (no < 1 || size < 1 || size > most) throw illegal()
  return list.slice((no - 1) * size, no * size)
}

export interface RowPage<T> {
  readonly rows: readonly T[]
  readonly hasMore: boolean
  readonly lastKey: string
}

/** The part of a list that follows the row with a key; an unknown key begins at the beginning. */
export function rowsAfter<T>(
  list: readonly T[],
  keyOf: (row: T) => string,
  after: string,
  size: number,
): RowPage<T> {
  const start = after === '' ? 0 : list.findIndex((row) => keyOf(row) === after) + 1
  const rows = list.slice(start, start + Math.min(Math.max(size, 1), 100))
  const last = rows.at(-1)
  return {
    rows,
    hasMore: start + rows.length < list.length,
    lastKey: last === undefined ? '' : keyOf(last),
  }
}
