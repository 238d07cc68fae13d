import type { Access, ColourRange, DataPointType } from '../../domain/data-point.ts'
import { codeOfDpId, type PointSource } from '../../domain/specification.ts'
import { asNumber, checkJson, isRecord, limits, own } from '../../util/json.ts'
import { colourRangeOf } from '../data-point/colour.ts'
import type { Schema } from './schema.ts'

/** `values` stands as JSON text in the specification endpoints and as an object in the linkage ones. */
export interface WireSpecRow {
  readonly code: string
  readonly type?: string | null
  readonly values?: unknown
  readonly name?: string | null
  readonly dp_id?: number | string | null
  readonly dpId?: number | string | null
}

const specRowSchema: Schema = {
  type: 'object',
  required: ['code'],
  properties: {
    code: { type: 'string', minLength: 1, maxLength: 128 },
    type: { type: ['string', 'null'] },
    name: { type: ['string', 'null'] },
    dp_id: { type: ['number', 'string', 'null'] },
    dpId: { type: ['number', 'string', 'null'] },
  },
}

export interface WireSpecification {
  readonly category?: string | null
  readonly functions?: readonly WireSpecRow[] | null
  readonly status?: readonly WireSpecRow[] | null
}

export const specificationSchema: Schema = {
  type: 'object',
  properties: {
    category: { type: ['string', 'null'] },
    functions: { type: ['array', 'null'], items: specRowSchema },
    status: { type: ['array', 'null'], items: specRowSchema },
  },
}

/** Status set and function set as one list: in both = rw, status only = ro, function only = wo. */
export function readSpecification(wire: WireSpecification): PointSource[] {
  const functions = new Map((wire.functions ?? []).map((row) => [row.code, row]))
  const status = new Map((wire.status ?? []).map((row) => [row.code, row]))
  return [...new Set([...status.keys(), ...functions.keys()])].map((code) => {
    const reported = status.get(code)
    const accepted = functions.get(code)
    const access: Access = reported && accepted ? 'rw' : reported ? 'ro' : 'wo'
    // What may be written is bound by the function set, so its ranges go first.
    const row = { ...reported, ...accepted, code }
    const dpId = dpIdOf(accepted) ?? dpIdOf(reported)
    return {
      ...pointSource(code, row.type, valuesOf(row.values)),
      access,
      ...(dpId === undefined ? {} : { dpId }),
      // Where nobody gave a name, the platform repeats the code.
      ...(row.name && row.name !== code ? { name: row.name } : {}),
    }
  })
}

/** A function set alone: what is accepted, without a word on what is reported. */
export function readFunctions({ functions }: WireSpecification): PointSource[] {
  return readSpecification({ functions: functions ?? [] }).map(({ access: _unknown, ...point }) => point)
}

function dpIdOf(row: WireSpecRow | undefined): number | undefined {
  const id = asNumber(row?.dp_id ?? row?.dpId)
  return Number.isInteger(id) && id > 0 ? id : undefined
}

const typeNames: Readonly<Record<string, DataPointType>> = {
  boolean: 'boolean',
  bool: 'boolean',
  integer: 'integer',
  value: 'integer',
  enum: 'enum',
  string: 'string',
  json: 'json',
  raw: 'raw',
  bitmap: 'bitmap',
  fault: 'bitmap',
  float: 'unknown',
}

/** The members that a type description gives, whatever they are called and however they are written. */
function pointSource(
  code: string,
  typeName: string | null | undefined,
  values: Record<string, unknown>,
): PointSource {
  const key = (typeName ?? '').toLowerCase()
  const type = Object.hasOwn(typeNames, key) ? (typeNames[key] ?? 'unknown') : undefined
  const numbers: Record<string, number> = {}
  for (const name of ['min', 'max', 'step', 'scale', 'maxlen']) {
    const number = asNumber(own(values, name))
    if (Number.isFinite(number)) numbers[name] = number
  }
  const unit = own(values, 'unit')
  const range = texts(own(values, 'range'))
  const labels = texts(own(values, 'label'))
  const colour = type === 'json' ? colourOf(code, values) : undefined
  return {
    code,
    ...(type === undefined ? {} : { type }),
    ...numbers,
    ...('scale' in numbers ? { scale: Math.min(Math.max(Math.trunc(numbers['scale'] ?? 0), 0), 15) } : {}),
    ...(typeof unit === 'string' ? { unit } : {}),
    ...(range ? { range } : {}),
    ...(labels ? { labels } : {}),
    ...(colour ? { colour } : {}),
  }
}

/** A colour's own ranges `{"h":{"min","max"},…}`, else those that its code stands for. */
function colourOf(code: string, values: Record<string, unknown>): ColourRange | undefined {
  const usual = colourRangeOf(code)
  const most = (member: string) => {
    const range = own(values, member)
    const max = isRecord(range) ? asNumber(own(range, 'max')) : Number.NaN
    return Number.isFinite(max) && max > 0 ? max : undefined
  }
  const [h, s, v] = [most('h'), most('s'), most('v')]
  if (h !== undefined && s !== undefined && v !== undefined) return { h, s, v }
  return usual ?? undefined
}

/** Empty or invalid for infrared devices and some others: no ranges then. */
function valuesOf(values: unknown): Record<string, unknown> {
  const parsed = typeof values === 'string' ? parsedObject(values) : values
  return isRecord(parsed) ? parsed : {}
}

function parsedObject(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    checkJson(value, limits.cloud)
    return value
  } catch {
    return undefined
  }
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
}

export interface WireThingModel {
  readonly model: string
}

export const thingModelSchema: Schema = {
  type: 'object',
  required: ['model'],
  properties: { model: { type: 'string' } },
}

const accessModes: Readonly<Record<string, Access>> = { ro: 'ro', rw: 'rw', wr: 'wo' }

/** The thing model is JSON inside a string: services, each with properties; what cannot be read is left out. */
export function readThingModel(wire: WireThingModel): PointSource[] {
  const model = parsedObject(wire.model)
  const services = isRecord(model) ? own(model, 'services') : undefined
  if (!Array.isArray(services)) return []
  return services
    .flatMap((service) => (isRecord(service) ? own(service, 'properties') : undefined) ?? [])
    .filter(isRecord)
    .flatMap((property) => {
      const code = own(property, 'code')
      const dpId = asNumber(own(property, 'abilityId'))
      const typeSpec = own(property, 'typeSpec')
      const type = isRecord(typeSpec) ? own(typeSpec, 'type') : undefined
      if (typeof code !== 'string' || code === '' || code.length > 128 || !isRecord(typeSpec)) return []
      const mode = own(property, 'accessMode')
      const name = own(property, 'name')
      return [
        {
          ...pointSource(code, typeof type === 'string' ? type : undefined, typeSpec),
          ...(Number.isInteger(dpId) && dpId > 0 ? { dpId } : {}),
          ...(typeof mode === 'string' && Object.hasOwn(accessModes, mode)
            ? { access: accessModes[mode] ?? 'rw' }
            : {}),
          ...(typeof name === 'string' && name !== '' && name !== code ? { name } : {}),
        },
      ]
    })
}

export interface WireShadow {
  readonly properties?: readonly WireShadowRow[] | null
}

export interface WireShadowRow {
  readonly code?: string | null
  readonly custom_name?: string | null
  readonly dp_id?: number | string | null
  readonly time?: number | string | null
  readonly value?: unknown
}

export const shadowSchema: Schema = {
  type: 'object',
  properties: {
    properties: {
      type: ['array', 'null'],
      items: {
        type: 'object',
        properties: {
          code: { type: ['string', 'null'], maxLength: 128 },
          custom_name: { type: ['string', 'null'] },
          dp_id: { type: ['number', 'string', 'null'] },
          time: { type: ['number', 'string', 'null'] },
        },
      },
    },
  },
}

export interface ShadowPoint {
  readonly source: PointSource
  readonly raw: unknown
  /** When the device reported it; undefined when the answer does not say. */
  readonly timeMs: number | undefined
}

/** Every data point of a device with its value, its time and the name that people gave it. */
export function readShadow(wire: WireShadow): ShadowPoint[] {
  return (wire.properties ?? []).flatMap((row) => {
    const dpId = asNumber(row.dp_id)
    const known = Number.isInteger(dpId) && dpId > 0 ? dpId : undefined
    const code = row.code || (known === undefined ? undefined : codeOfDpId(known))
    if (code === undefined) return []
    const time = asNumber(row.time)
    return [
      {
        source: {
          code,
          ...(known === undefined ? {} : { dpId: known }),
          ...(row.custom_name ? { name: row.custom_name } : {}),
        },
        raw: row.value,
        timeMs: time > 1e12 && time < 1e13 ? time : undefined,
      },
    ]
  })
}
