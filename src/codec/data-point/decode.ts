import { type DataPoint, type Decoded, type Json, toShown } from '../../domain/data-point.ts'
import { bitmapLabels } from './bitmap.ts'
import { parseColourHex } from './colour.ts'
import { parseDecimal, turned } from './scale.ts'

/** A wire value as the shown one. Total: what does not fit its type comes back as it is, marked odd. */
export function decode(point: DataPoint, raw: unknown): Decoded {
  const json = asJson(raw)
  if (json === null || (json === '' && point.type !== 'string' && point.type !== 'raw')) {
    return { value: null, odd: false }
  }
  switch (point.type) {
    case 'boolean':
      return decodeBoolean(point, json)
    case 'integer':
      return decodeInteger(point, json)
    case 'enum':
      return decodeEnum(point, json)
    case 'json':
      return decodeJson(point, json)
    case 'bitmap':
      return decodeBitmap(point, json)
    case 'string':
    case 'raw':
      return { value: json, odd: typeof json !== 'string' }
    case 'unknown':
      return { value: json, odd: false }
  }
}

function decodeBoolean(point: DataPoint, raw: Json): Decoded {
  const inverted = point.inverted === true
  if (raw === true || raw === 'true' || raw === 1 || raw === '1') return { value: !inverted, odd: false }
  if (raw === false || raw === 'false' || raw === 0 || raw === '0') return { value: inverted, odd: false }
  return { value: raw, odd: true }
}

function decodeInteger(point: DataPoint, raw: Json): Decoded {
  const number = numberOf(raw)
  if (number === undefined || !Number.isInteger(number)) return { value: raw, odd: true }
  return { value: toShown(turned(point, number), point.scale), odd: false }
}

function numberOf(raw: Json): number | undefined {
  if (typeof raw === 'number') return raw
  if (typeof raw !== 'string' || parseDecimal(raw) === undefined) return undefined
  const number = Number(raw)
  return Number.isFinite(number) ? number : undefined
}

function decodeEnum(point: DataPoint, raw: Json): Decoded {
  const text = typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : raw
  const fits = typeof text === 'string' && (point.range === null || point.range.includes(text))
  return fits ? { value: text, odd: false } : { value: raw, odd: true }
}

/** Json stands inside a string in the cloud and, for colours, as hex digits on the LAN. */
function decodeJson(point: DataPoint, raw: Json): Decoded {
  if (typeof raw !== 'string') return { value: raw, odd: typeof raw !== 'object' }
  const colour = point.colour ? parseColourHex(raw) : undefined
  if (colour) return { value: { ...colour }, odd: false }
  try {
    const value = JSON.parse(raw) as Json
    return isSafe(value, 0) ? { value, odd: false } : { value: raw, odd: true }
  } catch {
    return { value: raw, odd: true }
  }
}

function decodeBitmap(point: DataPoint, raw: Json): Decoded {
  const labels = bitmapLabels(numberOf(raw) ?? -1, point.labels)
  return labels ? { value: labels, odd: false } : { value: raw, odd: true }
}

const deepest = 16

/** Nested text can hold what the outer check has not seen: depth, infinities, poisoned names. */
function isSafe(value: Json, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth >= deepest) return false
  if (
    !Array.isArray(value) &&
    ['__proto__', 'constructor', 'prototype'].some((key) => Object.hasOwn(value, key))
  ) {
    return false
  }
  return Object.values(value).every((child) => isSafe(child as Json, depth + 1))
}

/** A wire value as JSON; what JSON cannot say becomes text, so that nothing is dropped. */
function asJson(raw: unknown): Json {
  switch (typeof raw) {
    case 'string':
    case 'boolean':
      return raw
    case 'number':
      return Number.isFinite(raw) ? raw : String(raw)
    case 'object':
      return raw as Json
    case 'undefined':
      return null
    default:
      return String(raw)
  }
}
