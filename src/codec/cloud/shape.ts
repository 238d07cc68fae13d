import type { Device } from '../../domain/device.ts'
import type { Home, Room } from '../../domain/home.ts'
import type { Schema } from './schema.ts'

/**
 * The platform's shapes, as tolerant as its own examples demand: numbers as strings, nulls, empty strings, members
 * left out, members nobody documented.
 */

export type WireText = string | null | undefined
export type WireNumber = number | string | null | undefined
export type WireFlag = boolean | null | undefined

export const text: Schema = { type: ['string', 'null'] }
export const number: Schema = { type: ['number', 'string', 'null'] }
export const flag: Schema = { type: ['boolean', 'null'] }
export const idText: Schema = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' }
export const numericId: Schema = {
  anyOf: [
    { type: 'integer', minimum: 0 },
    { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
  ],
}

export const listOf = (items: Schema): Schema => ({ type: 'array', items })
export const listOrNull = (items: Schema): Schema => ({ type: ['array', 'null'], items })
/** Most operations that change something answer with plain true. */
const trueOrFalse: Schema = { type: 'boolean' }
export const done = { reply: trueOrFalse, read: (isDone: boolean): boolean => isDone } as const

/** Those that make something answer with its id, as a number or as text. */
export const newId = { reply: numericId, read: (id: number | string): string => String(id) } as const

export interface WireToken {
  readonly access_token: string
  readonly refresh_token: string
  readonly expire_time: number
  readonly uid?: string | null
}

export const tokenProperties = {
  access_token: { type: 'string', minLength: 1, maxLength: 512 },
  refresh_token: { type: 'string', minLength: 1, maxLength: 512 },
  expire_time: { type: 'number', minimum: 0, maximum: 1_000_000 },
  uid: text,
} as const

export const tokenSchema: Schema = {
  type: 'object',
  required: ['access_token', 'refresh_token', 'expire_time'],
  properties: tokenProperties,
}

export interface Token {
  readonly accessToken: string
  readonly refreshToken: string
  readonly lifetimeMs: number
}

export function readToken(token: WireToken): Token {
  return {
    accessToken: token.access_token,
    refreshToken: token.refresh_token,
    lifetimeMs: token.expire_time * 1000,
  }
}

export interface WireStatus {
  readonly code: string
  readonly value: unknown
}

export const statusSchema: Schema = {
  type: 'object',
  required: ['code'],
  properties: { code: { type: 'string', minLength: 1, maxLength: 128 } },
}

export const statusListSchema: Schema = listOf(statusSchema)
export const readStatusList = (status: readonly WireStatus[]): readonly WireStatus[] => status

export interface WireStatusOf {
  readonly id: string
  readonly status?: readonly WireStatus[] | null
}

export const statusesSchema: Schema = listOf({
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string' }, status: listOrNull(statusSchema) },
})

export const readStatuses = (devices: readonly WireStatusOf[]) =>
  devices.map((device) => ({ id: device.id, status: device.status ?? [] }))

export interface WireHome {
  readonly home_id: number | string
  readonly name?: string | null
  readonly geo_name?: string | null
  readonly lat?: number | string | null
  readonly lon?: number | string | null
}

export const homeProperties = { home_id: numericId, name: text, geo_name: text, lat: number, lon: number }

export const homeSchema: Schema = { type: 'object', required: ['home_id'], properties: homeProperties }

export function readHome(home: WireHome): Home {
  const lat = finite(home.lat)
  const lon = finite(home.lon)
  return {
    id: String(home.home_id),
    name: home.name ?? '',
    ...(home.geo_name ? { geoName: home.geo_name } : {}),
    ...(lat === undefined ? {} : { lat }),
    ...(lon === undefined ? {} : { lon }),
  }
}

export interface WireRoom {
  readonly room_id: number | string
  readonly name?: string | null
}

export const roomSchema: Schema = {
  type: 'object',
  required: ['room_id'],
  properties: { room_id: numericId, name: text },
}

export function readRoom(room: WireRoom, homeId: string): Room {
  return { id: String(room.room_id), name: room.name ?? '', homeId }
}

export interface WireDevice {
  readonly id: string
  readonly uid?: string | null
  readonly name?: string | null
  readonly local_key?: string | null
  readonly uuid?: string | null
  readonly node_id?: string | null
  readonly category?: string | null
  readonly product_id?: string | null
  readonly product_name?: string | null
  readonly model?: string | null
  readonly sub?: boolean | null
  readonly owner_id?: number | string | null
  readonly gateway_id?: string | null
  readonly online?: boolean | null
  readonly icon?: string | null
  readonly time_zone?: string | null
  readonly create_time?: number | string | null
  readonly update_time?: number | string | null
  readonly status?: readonly WireStatus[] | null
}

export const deviceSchema: Schema = {
  type: 'object',
  required: ['id'],
  properties: {
    id: idText,
    uid: text,
    name: text,
    local_key: text,
    uuid: text,
    node_id: text,
    category: { type: ['string', 'null'], maxLength: 64 },
    product_id: { type: ['string', 'null'], maxLength: 64 },
    product_name: text,
    model: text,
    sub: flag,
    owner_id: number,
    gateway_id: text,
    online: flag,
    icon: text,
    time_zone: text,
    create_time: number,
    update_time: number,
    status: listOrNull(statusSchema),
  },
}

/** A device of an answer: what exists, its present values (undefined when the answer carries none), its key. */
export interface ListedDevice {
  readonly device: Device
  readonly status: readonly WireStatus[] | undefined
  readonly localKey: string | undefined
  /** Of a sub-device: what its gateway calls it, and its own number; lists may leave either out. */
  readonly nodeId: string | undefined
  readonly uuid: string | undefined
}

export const deviceListSchema: Schema = listOf(deviceSchema)
export const readDevices = (devices: readonly WireDevice[]): ListedDevice[] => devices.map(readDevice)

export function readDevice(wire: WireDevice): ListedDevice {
  return {
    device: {
      id: wire.id,
      name: wire.name ?? '',
      category: wire.category ?? '',
      product: {
        id: wire.product_id ?? '',
        name: wire.product_name ?? '',
        ...(wire.model ? { model: wire.model } : {}),
      },
      homeId: wire.owner_id === undefined || wire.owner_id === null ? '' : String(wire.owner_id),
      roomId: null,
      gatewayId: wire.gateway_id || null,
      sub: wire.sub ?? false,
      online: wire.online ?? false,
      icon: wire.icon || null,
      timeZone: wire.time_zone || null,
      createdMs: timeMs(wire.create_time),
      updatedMs: timeMs(wire.update_time),
      ownerUid: wire.uid || null,
    },
    status: wire.status ?? undefined,
    localKey: wire.local_key || undefined,
    nodeId: (wire.sub && wire.node_id) || undefined,
    uuid: (wire.sub && wire.uuid) || undefined,
  }
}

/** Times are seconds in ten digits here and milliseconds in thirteen there, within one answer too. */
export function timeMs(value: WireNumber): number | null {
  const number = finite(value)
  if (number === undefined || number <= 0) return null
  return number < 1e11 ? number * 1000 : number
}

export function finite(value: WireNumber): number | undefined {
  if (value === null || value === undefined || value === '') return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}
