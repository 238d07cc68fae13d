import { isWritable } from '../../domain/ability/base.ts'
import { readableName } from '../../domain/ability/name.ts'
import { shownRange } from '../../domain/ability/scale.ts'
import type { Ability, AbilityKind, AbilityOf } from '../../domain/ability.ts'
import type { DataPoint, Json } from '../../domain/data-point.ts'
import { usualUnit } from '../../domain/unit.ts'

/** What stands of a property in the description of its device. */
export interface PropertyDescription {
  readonly name: string
  readonly datatype: 'integer' | 'float' | 'boolean' | 'string' | 'enum' | 'color' | 'json'
  readonly format?: string
  readonly settable?: true
  readonly retained?: false
  readonly unit?: string
}

/** What a written property becomes among the bridge's own commands. */
export type Setting =
  | { readonly code: string; readonly view: null; readonly payload: string }
  | { readonly code: string; readonly view: string; readonly payload: string }

export interface Property {
  readonly id: string
  readonly description: PropertyDescription
  /** The data point whose changes it follows, and the view of it that it tells; null = its own value. */
  readonly code: string
  readonly view: string | null
  /** The value as Homie writes it; undefined for what its datatype has no word for. */
  encode(value: Json): string | undefined
  /** Undefined for a payload that the datatype does not have. */
  decode(payload: string): Setting | undefined
}

/** The properties of each ability: those of its points, but for what is derived from one. */
const properties: { readonly [K in AbilityKind]: (ability: AbilityOf<K>) => readonly Property[] } = {
  light: ofPoints,
  cover: ofPoints,
  climate: ofPoints,
  fan: ofPoints,
  humidifier: ofPoints,
  vacuum: ofPoints,
  lock: ofPoints,
  siren: ofPoints,
  alarm: ofPoints,
  switch: ofPoints,
  valve: ofPoints,
  number: ofPoints,
  select: ofPoints,
  text: ofPoints,
  button: ofPoints,
  sensor: ({ point, view, name, unit }) =>
    view === null ? [ofPoint(point)] : [ofView(point, view, name, unit)],
  // A fault is told as the list of its labels.
  binary: ofPoints,
  event: ofPoints,
}

export function propertiesOf(ability: Ability): readonly Property[] {
  const translate = properties[ability.kind] as (ability: Ability) => readonly Property[]
  return translate(ability)
}

function ofPoints({ points }: Ability): readonly Property[] {
  return points.map(ofPoint)
}

function ofPoint(point: DataPoint): Property {
  const { code } = point
  const settable = isWritable(point)
  const description = {
    name: readableName(point),
    ...typed(point),
    ...(settable ? { settable: true as const } : {}),
    ...(point.momentary || point.access === 'wo' ? { retained: false as const } : {}),
  }
  const isColour = description.datatype === 'color'
  return {
    id: code,
    description,
    code,
    view: isColour ? 'hsv' : null,
    encode: (value) => encode(description.datatype, value),
    decode: (payload) => decode(code, description, payload),
  }
}

function ofView(point: DataPoint, view: string, name: string, unit: string | null): Property {
  return {
    id: `${point.code}-${view}`,
    description: { name, datatype: 'float', ...(unit === null ? {} : { unit }) },
    code: point.code,
    view,
    encode: (value) => encode('float', value),
    decode: () => undefined,
  }
}

function typed(point: DataPoint): Pick<PropertyDescription, 'datatype' | 'format' | 'unit'> {
  switch (point.type) {
    case 'boolean':
      return { datatype: 'boolean' }
    case 'integer':
      return numeric(point)
    case 'enum':
      return enumerated(point.range)
    case 'json':
      return point.colour ? { datatype: 'color', format: 'hsv,rgb' } : { datatype: 'json' }
    case 'bitmap':
      return { datatype: 'json' }
    case 'string':
    case 'raw':
    case 'unknown':
      return { datatype: 'string' }
  }
}

function numeric(point: DataPoint): Pick<PropertyDescription, 'datatype' | 'format' | 'unit'> {
  const unit = usualUnit(point.unit)
  const { min, max, step } = shownRange(point, [0, 0])
  const isKnown = point.min !== null && point.max !== null && point.max > point.min
  return {
    datatype: point.scale > 0 ? 'float' : 'integer',
    ...(isKnown ? { format: isWritable(point) ? `${min}:${max}:${step}` : `${min}:${max}` } : {}),
    ...(unit === null ? {} : { unit }),
  }
}

/** Words with a comma, and none at all, make no list. */
function enumerated(range: readonly string[] | null): Pick<PropertyDescription, 'datatype' | 'format'> {
  const words = [...new Set(range ?? [])]
  const isList = words.length > 0 && words.every((word) => word !== '' && !word.includes(','))
  return isList ? { datatype: 'enum', format: words.join(',') } : { datatype: 'string' }
}

function encode(datatype: PropertyDescription['datatype'], value: Json): string | undefined {
  switch (datatype) {
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : undefined
    case 'integer':
    case 'float':
      return typeof value === 'number' ? String(value) : undefined
    case 'color':
      return typeof value === 'string' ? `hsv,${value}` : undefined
    case 'json':
      return typeof value === 'object' && value !== null ? JSON.stringify(value) : undefined
    case 'enum':
      return typeof value === 'string' && value !== '' ? value : undefined
    case 'string':
      return value === null ? undefined : text(value)
  }
}

/** An empty payload would delete the topic: the empty text is a single zero byte. */
function text(value: Exclude<Json, null>): string {
  const said = typeof value === 'string' ? value : JSON.stringify(value)
  return said === '' ? '\u0000' : said
}

const colourPattern = /^(hsv|rgb),(\d{1,3}(?:\.\d+)?(?:,\d{1,3}(?:\.\d+)?){2})$/

function decode(
  code: string,
  { datatype, format }: PropertyDescription,
  payload: string,
): Setting | undefined {
  const value = (given: string): Setting => ({ code, view: null, payload: given })
  switch (datatype) {
    case 'boolean':
      return payload === 'true' || payload === 'false' ? value(payload) : undefined
    case 'integer':
      return /^-?\d+$/.test(payload) ? value(payload) : undefined
    case 'float':
      return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(payload) ? value(payload) : undefined
    case 'enum':
      return format?.split(',').includes(payload) ? value(payload) : undefined
    case 'color': {
      const [, view, parts = ''] = colourPattern.exec(payload) ?? []
      const whole = parts.split(',').map((part) => Math.round(Number(part)))
      return view === undefined ? undefined : { code, view, payload: whole.join(',') }
    }
    case 'json':
      return /^\s*[[{]/.test(payload) ? value(payload) : undefined
    case 'string':
      return value(payload === '\u0000' ? '' : payload)
  }
}
