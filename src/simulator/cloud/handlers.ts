import type { Clock } from '../../util/clock.ts'
import { isRecord, own } from '../../util/json.ts'
import type { Random } from '../../util/random.ts'
import type { Faults } from '../fault.ts'
import type { Journal } from '../journal.ts'
import type { SimDevice, SimHome, World } from '../world.ts'
import type { DpEntry } from '../world-file.ts'
import { accepts, stored } from './accept.ts'
import { Refusal } from './refusal.ts'
import {
  renderDevice,
  renderHome,
  renderHomeDevice,
  renderRoomDevice,
  renderShadow,
  renderSpecification,
  renderStatus,
  renderThingModel,
} from './render.ts'
import type { Tokens } from './tokens.ts'

export interface CloudParts {
  readonly world: World
  readonly tokens: Tokens
  readonly faults: Faults
  readonly journal: Journal
  readonly clock: Clock
  readonly random: Random
}

export type Args = Readonly<Record<string, string | undefined>> & { readonly $body?: unknown }

type Handler = (parts: CloudParts, args: Args) => unknown

const devicesPerCall = 20

/** What each operation does, by its id; the route comes from the operation registry. */
export const handlers: Readonly<Record<string, Handler>> = {
  'token-get': ({ tokens }, { grant_type }) => {
    if (grant_type !== '1') throw new Refusal(1003, 'grant type invalid')
    return tokens.get()
  },
  'token-refresh': ({ tokens }, { refresh_token = '' }) => tokens.refresh(refresh_token),
  'user-homes': ({ world }, { uid = '' }) => {
    user(world, uid)
    return [...world.homes.values()].filter((home) => home.owner === uid).map(renderHome)
  },
  'home-get': ({ world }, { home_id }) => renderHome(home(world, home_id)),
  'home-devices': (parts, { home_id }) => {
    const { id, owner } = home(parts.world, home_id)
    return listed(parts, parts.world.devicesOf(id)).map((device) => renderHomeDevice(device, owner))
  },
  'room-list': ({ world }, { home_id }) => {
    const found = home(world, home_id)
    const rooms = [...found.rooms.values()].map(({ id, name }) => ({ room_id: Number(id), name }))
    return { ...renderHome(found), rooms }
  },
  'room-devices-list': (parts, { home_id, room_id = '' }) => {
    const found = home(parts.world, home_id)
    if (!found.rooms.has(room_id)) throw new Refusal(2502, 'room not exist')
    const devices = parts.world.devicesOf(found.id).filter((device) => device.roomId === room_id)
    return listed(parts, devices).map((device) => renderRoomDevice(device, found.owner))
  },
  'user-devices': (parts, { uid = '' }) => {
    user(parts.world, uid)
    const devices = [...parts.world.devices.values()].filter((device) => ownerOf(parts.world, device) === uid)
    return listed(parts, devices).map((device) => renderDevice(device, uid))
  },
  'associated-devices': (parts, { size, last_row_key = '' }) => {
    const devices = listed(parts, [...parts.world.devices.values()]).filter((device) =>
      isLinked(parts.world, device),
    )
    const start = last_row_key === '' ? 0 : devices.findIndex((device) => device.id === last_row_key) + 1
    const page = devices.slice(start, start + Math.min(Math.max(Number(size) || 20, 1), 100))
    const hasMore = start + page.length < devices.length
    return {
      devices: page.map((device) => renderDevice(device, ownerOf(parts.world, device))),
      has_more: hasMore,
      last_row_key: page.at(-1)?.id ?? '',
      total: devices.length,
    }
  },
  'device-get': ({ world }, { device_id }) => {
    const found = device(world, device_id)
    return renderDevice(found, ownerOf(world, found))
  },
  'device-status': ({ world }, { device_id }) => renderStatus(device(world, device_id)),
  'devices-status-batch': ({ world }, { device_ids = '' }) => {
    const ids = device_ids.split(',').filter(Boolean)
    if (ids.length > devicesPerCall) throw new Refusal(1109, 'param is illegal, too many device_ids')
    return ids.map((id) => ({ id, status: renderStatus(device(world, id)) }))
  },
  'device-specifications': ({ world }, { device_id }) => renderSpecification(device(world, device_id), false),
  'device-specifications-v1-1': ({ world }, { device_id }) =>
    renderSpecification(device(world, device_id), true),
  'thing-model': ({ world }, { device_id }) => renderThingModel(device(world, device_id)),
  'thing-properties': ({ world }, { device_id, codes }) =>
    renderShadow(device(world, device_id), codes?.split(',')),
  'device-commands': (parts, args) => {
    const found = reachable(parts.world, args.device_id)
    const values = commandsOf(found, own(bodyOf(args), 'commands'))
    deliver(parts, found, values)
    return true
  },
  'thing-properties-issue': (parts, args) => {
    const found = reachable(parts.world, args.device_id)
    const text = own(bodyOf(args), 'properties')
    const properties = typeof text === 'string' ? jsonOf(text) : text
    if (!isRecord(properties)) throw new Refusal(1109, 'param is illegal, please check it')
    const rows = Object.entries(properties).map(([code, value]) => ({ code, value }))
    const byThingCode = (code: string) => found.model.dps.find((dp) => (dp.thingCode ?? dp.code) === code)
    deliver(parts, found, checked(rows, byThingCode))
    return {}
  },
}

/** Those of them that write to a device. */
export const deviceWrites: ReadonlySet<string> = new Set(['device-commands', 'thing-properties-issue'])

function bodyOf(args: Args): object {
  return isRecord(args.$body) ? args.$body : {}
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(1109, 'param is illegal, please check it')
  }
}

/** One of the platform's pages sends the list as text; both are taken. */
function commandsOf(found: SimDevice, given: unknown): Record<string, unknown> {
  const list = typeof given === 'string' ? jsonOf(given) : given
  if (!Array.isArray(list) || list.length === 0) throw new Refusal(1109, 'param is illegal, please check it')
  const rows = list.map((row: unknown) => {
    const code = isRecord(row) ? own(row, 'code') : undefined
    if (typeof code !== 'string') throw new Refusal(1109, 'param is illegal, please check it')
    return { code, value: own(row as object, 'value') }
  })
  return checked(rows, (code) => found.model.dps.find((dp) => dp.code === code && dp.standard !== false))
}

/** All or nothing: a code or value that the device does not take refuses them all. */
function checked(
  rows: readonly { readonly code: string; readonly value: unknown }[],
  find: (code: string) => DpEntry | undefined,
): Record<string, unknown> {
  return Object.fromEntries(
    rows.map(({ code, value }) => {
      const dp = find(code)
      if (!dp || dp.access === 'ro' || !accepts(dp, value))
        throw new Refusal(2008, 'command or value not support')
      return [dp.code, stored(dp, value)]
    }),
  )
}

/** The cloud has said yes; the device hears of it a moment later, or never. */
function deliver(parts: CloudParts, found: SimDevice, values: Record<string, unknown>): void {
  const { world, faults, journal, clock, random } = parts
  journal.note('command', found.id, { values })
  if (random() < (faults.number('lost-commands') ?? 0)) return
  const delayMs = faults.milliseconds('device-latency', random)
  if (delayMs === 0) world.command(found.id, values)
  else clock.after(delayMs, () => world.devices.has(found.id) && world.command(found.id, values))
}

function reachable(world: World, id: string | undefined): SimDevice {
  const found = device(world, id)
  if (!found.online) throw new Refusal(2001, 'device is offline')
  return found
}

function listed({ faults }: CloudParts, devices: readonly SimDevice[]): readonly SimDevice[] {
  if (faults.has('empty-lists')) return []
  return devices.filter((device) => device.id !== faults.text('hide-device'))
}

/** Ownership comes first: what is not ours is not there. */
function device(world: World, id: string | undefined): SimDevice {
  const found = world.devices.get(id ?? '')
  if (!found || !isLinked(world, found)) throw new Refusal(1106, 'permission deny')
  return found
}

function home(world: World, id: string | undefined): SimHome {
  const found = world.homes.get(id ?? '')
  if (!found || !world.users.get(found.owner)?.linked) throw new Refusal(1106, 'permission deny')
  return found
}

function user(world: World, uid: string): void {
  if (!world.users.get(uid)?.linked) throw new Refusal(1106, 'permission deny')
}

function ownerOf(world: World, found: SimDevice): string {
  return world.homes.get(found.homeId)?.owner ?? ''
}

function isLinked(world: World, found: SimDevice): boolean {
  return world.users.get(ownerOf(world, found))?.linked ?? false
}
