import { readFileSync } from 'node:fs'
import { type Schema, violations } from '../codec/cloud/schema.ts'
import type { AnnouncementForm } from '../codec/lan/discovery.ts'
import type { LanVersion } from '../codec/lan/version.ts'
import { BridgeError } from '../util/error.ts'
import { limits, parseJson } from '../util/json.ts'

/** A world as it stands in a file; `schemas/world.schema.json` describes every member. */
export interface WorldFile {
  readonly project: {
    readonly accessId: string
    readonly accessSecret: string
    readonly tokenSeconds?: number
    readonly schemas?: readonly string[]
    readonly platformUrl?: string
    readonly pushUrl?: string
  }
  readonly users: readonly UserEntry[]
  readonly homes: readonly HomeEntry[]
  readonly models?: Readonly<Record<string, ModelEntry>>
  readonly devices: readonly DeviceEntry[]
  readonly pairable?: readonly DeviceEntry[]
  readonly weather?: Readonly<Record<string, WeatherEntry>>
  readonly queue?: QueueEntry
}

type ByEnvironment<T> = { readonly [environment in 'event' | 'event-test' | 'notice']?: T }

/** What is special about the project's event queue. */
export interface QueueEntry {
  readonly families?: readonly ('legacy' | 'iotcore')[]
  readonly cipher?: 'ecb' | 'plain-ecb' | 'gcm' | 'mixed'
  readonly externalAction?: ExternalActionEntry
  /** Suffixes of subscriptions besides `sub`. */
  readonly subscriptions?: ByEnvironment<readonly string[]>
  /** Released and open for everything where nothing is said. */
  readonly rules?: ByEnvironment<{ readonly released?: boolean; readonly bizCodes?: readonly string[] }>
  /** Devices whose messages reach `event-test` too. */
  readonly testDevices?: readonly string[]
  readonly openHub?: OpenHubEntry
}

/** How the Open Hub words its envelopes. */
export interface OpenHubEntry {
  readonly time?: 'milliseconds' | 'seconds'
  /** What the tag of version 2.0 is made with; the time as text when absent. */
  readonly aad?: 'text' | 'bytes6' | 'bytes8' | 'none'
  /** True when absent: what was paired after a client came says nothing to it but that it is there. */
  readonly newDevicesSilent?: boolean
}

export interface ExternalActionEntry {
  readonly protocol?: 20 | 22
  readonly bizData?: 'object' | 'string'
}

export interface UserEntry {
  readonly uid: string
  readonly username?: string
  readonly password?: string
  readonly countryCode?: string
  readonly mobile?: string
  readonly email?: string
  readonly nickName?: string
  readonly timeZone?: string
  readonly linked?: boolean
}

/** What the weather of a city is, by category. */
export type WeatherEntry = Readonly<Record<string, number | string>>

export interface HomeEntry {
  readonly id: string
  readonly name: string
  readonly geoName?: string
  readonly lat?: number
  readonly lon?: number
  readonly owner: string
  readonly rooms: readonly { readonly id: string; readonly name: string }[]
  readonly members?: readonly { readonly uid: string; readonly name: string; readonly admin: boolean }[]
  readonly scenes?: readonly SceneEntry[]
  readonly automations?: readonly AutomationEntry[]
}

export interface SceneEntry {
  readonly id: string
  readonly name: string
  readonly background?: string
  readonly enabled?: boolean
  readonly actions: readonly object[]
}

/** Members in the platform's own words. */
export interface AutomationEntry extends SceneEntry {
  readonly match_type?: 1 | 2 | 3
  readonly condition_rule?: string
  readonly conditions: readonly object[]
  readonly preconditions?: readonly object[]
}

export interface DeviceEntry {
  readonly id: string
  readonly name: string
  readonly model: string
  readonly home: string
  readonly room?: string
  readonly gateway?: string
  readonly online?: boolean
  readonly localKey?: string
  readonly uuid?: string
  readonly ip?: string
  readonly lan?: LanEntry
  readonly status?: Readonly<Record<string, unknown>>
  readonly still?: boolean
  readonly names?: Readonly<Record<string, string>>
  readonly firmware?: readonly FirmwareEntry[]
  readonly scenes?: readonly { readonly code: string; readonly value: string; readonly scene: string }[]
}

/** How a device is on the LAN; those without this have no address there. */
export interface LanEntry {
  readonly version: LanVersion
  /** Its own loopback address; the next free one when absent. */
  readonly ip?: string
  readonly port?: number
  /** How many clients it serves at a time; 3 when absent. */
  readonly clients?: number
  /** Seconds of silence until a client is closed; 30 when absent. */
  readonly idle?: number
  /** It answers queries that name the points, and no others; 3.2 always does so. */
  readonly nullDpsOnly?: boolean
  /** Points that it measures only when asked to. */
  readonly metering?: readonly number[]
  /** It says what has changed before it acknowledges. */
  readonly pushFirst?: boolean
  readonly oneDpPerPush?: boolean
  /** Return codes of 3.5: `vendor` is little-endian, and 1 for every set. */
  readonly retcode?: 'vendor' | 'zero'
  /** True: it closes and ignores wherever the vendor's own firmware does. */
  readonly strict?: boolean
  /** It announces itself only when asked. */
  readonly silent?: boolean
  /** Its times count from when it was switched on. */
  readonly bootTime?: boolean
  /** How it wraps what it announces; by its version when absent. */
  readonly form?: AnnouncementForm
}

export interface FirmwareEntry {
  readonly module: number
  readonly version: string
  readonly upgrade?: string
}

export interface ModelEntry {
  readonly category: string
  readonly productId: string
  readonly productName: string
  readonly model?: string
  readonly icon?: string
  readonly dps: readonly DpEntry[]
}

export type DpType = 'Boolean' | 'Integer' | 'Enum' | 'String' | 'Json' | 'Raw' | 'Bitmap'

export interface DpEntry {
  readonly id: number
  readonly code: string
  readonly type: DpType
  readonly access: 'ro' | 'rw' | 'wo'
  readonly values: Readonly<Record<string, unknown>>
  readonly initial: unknown
  readonly name?: string
  readonly standard?: boolean
  readonly thingCode?: string
  readonly life?: LifeEntry
  readonly effects?: readonly EffectEntry[]
}

export interface LifeEntry {
  readonly kind: 'wander' | 'flip' | 'add' | 'portion' | 'approach'
  readonly everyMs: readonly [number, number]
  readonly min?: number
  readonly max?: number
  readonly step?: number
  readonly amount?: readonly [number, number]
  readonly of?: string
  readonly when?: { readonly code: string; readonly equals: unknown; readonly otherwise: unknown }
}

export interface EffectEntry {
  readonly equals?: unknown
  readonly set?: Readonly<Record<string, unknown>>
  readonly copy?: string
}

const folder = new URL('../../world/', import.meta.url)
const schemaFile = new URL('../../schemas/world.schema.json', import.meta.url)

let worldSchema: Schema | undefined

/** The world of the demo. */
export function demoWorld(): WorldFile {
  return parseWorld(readFileSync(new URL('demo.json', folder), 'utf8'), 'world/demo.json')
}

export function builtinModels(): Readonly<Record<string, ModelEntry>> {
  return JSON.parse(readFileSync(new URL('models.json', folder), 'utf8')) as Record<string, ModelEntry>
}

/** Throws BridgeError `simulator/world` with every fault of the file. */
export function parseWorld(text: string, name: string): WorldFile {
  let value: unknown
  try {
    value = parseJson(text, limits.cloud)
  } catch (thrown) {
    throw new BridgeError('simulator/world', `${name}: ${thrown instanceof Error ? thrown.message : ''}`)
  }
  worldSchema ??= JSON.parse(readFileSync(schemaFile, 'utf8')) as Schema
  const found = violations(worldSchema, value)
  if (found.length > 0) {
    const lines = found.map(({ path, message }) => `  ${path || '/'} ${message}`)
    throw new BridgeError('simulator/world', `${name} is no world:\n${lines.join('\n')}`)
  }
  return value as WorldFile
}
