import { readFileSync } from 'node:fs'
import { type Schema, violations } from '../codec/cloud/schema.ts'
import { BridgeError } from '../util/error.ts'
import { limits, parseJson } from '../util/json.ts'

/** A world as it stands in a file; `schemas/world.schema.json` describes every member. */
export interface WorldFile {
  readonly project: {
    readonly accessId: string
    readonly accessSecret: string
    readonly tokenSeconds?: number
  }
  readonly users: readonly UserEntry[]
  readonly homes: readonly HomeEntry[]
  readonly models?: Readonly<Record<string, ModelEntry>>
  readonly devices: readonly DeviceEntry[]
}

export interface UserEntry {
  readonly uid: string
  readonly username?: string
  readonly countryCode?: string
  readonly nickName?: string
  readonly linked?: boolean
}

export interface HomeEntry {
  readonly id: string
  readonly name: string
  readonly geoName?: string
  readonly lat?: number
  readonly lon?: number
  readonly owner: string
  readonly rooms: readonly { readonly id: string; readonly name: string }[]
  readonly members?: readonly { readonly uid: string; readonly name: string; readonly admin: boolean }[]
  readonly scenes?: readonly object[]
  readonly automations?: readonly object[]
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
  readonly status?: Readonly<Record<string, unknown>>
  readonly still?: boolean
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
  readonly kind: 'wander' | 'flip' | 'add' | 'approach'
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
