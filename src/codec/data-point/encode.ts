import {
  type ColourRange,
  type DataPoint,
  type EncodeContext,
  type Encoded,
  type EncodeFault,
  type EncodeWarning,
  type Json,
  toShown,
} from '../../domain/data-point.ts'
import { isRecord, own } from '../../util/json.ts'
import { bitmapLabels, bitmapMask } from './bitmap.ts'
import { decode } from './decode.ts'
import { type Decimal, parseDecimal, toGrid, toRaw, turned } from './scale.ts'
import { readColour } from './view.ts'

/** A shown value as the raw one that goes out; every refusal names the field, the rule and the value. */
export function encode(point: DataPoint, shown: unknown, context: EncodeContext): Encoded {
  switch (point.type) {
    case 'boolean':
      return encodeBoolean(point, shown)
    case 'integer':
      return encodeInteger(point, shown, point.scale, context)
    case 'enum':
      return encodeEnum(point, shown)
    case 'string':
      return encodeString(point, shown)
    case 'raw':
      return encodeRawBytes(point, shown)
    case 'json':
      return point.colour ? encodeColour(point, shown, point.colour, context) : encodeObject(point, shown)
    case 'bitmap':
      return encodeBitmap(point, shown)
    case 'unknown':
      return { ok: true, raw: shown as Json, shown: shown as Json, warnings: [] }
  }
}

/** A raw value: integers in device units, the rest as shown ones. */
export function encodeRaw(point: DataPoint, raw: unknown, context: EncodeContext): Encoded {
  if (point.inverted) return encodeTurned(point, raw, context)
  if (point.type === 'integer') return encodeInteger(point, raw, 0, context)
  if (point.type === 'json' && typeof raw === 'string') {
    const decoded = decode(point, raw)
    return decoded.odd ? badValue(point, raw, 'is not valid JSON') : encode(point, decoded.value, context)
  }
  return encode(point, raw, context)
}

/** What is raw already is not turned round; only what it shows is. */
function encodeTurned({ inverted: _, ...plain }: DataPoint, raw: unknown, context: EncodeContext): Encoded {
  const encoded = encodeRaw(plain, raw, context)
  return encoded.ok ? { ...encoded, shown: decode({ ...plain, inverted: true }, encoded.raw).value } : encoded
}

const words: Readonly<Record<string, boolean>> = {
  true: true,
  on: true,
  '1': true,
  false: false,
  off: false,
  '0': false,
}

function encodeBoolean(point: DataPoint, shown: unknown): Encoded {
  const word = typeof shown === 'object' ? '' : String(shown).toLowerCase()
  const value = Object.hasOwn(words, word) ? words[word] : undefined
  return value === undefined
    ? badValue(point, shown, 'takes true, false, on, off, 1, 0 or toggle')
    : { ok: true, raw: point.inverted ? !value : value, shown: value, warnings: [] }
}

function encodeInteger(point: DataPoint, shown: unknown, scale: number, context: EncodeContext): Encoded {
  const decimal = decimalOf(shown)
  if (!decimal) return badValue(point, shown, 'takes a decimal number')
  const warnings: EncodeWarning[] = []
  const { raw: rounded, exact } = toRaw(decimal, scale)
  const min = point.min === null ? undefined : BigInt(Math.trunc(point.min))
  const max = point.max === null ? undefined : BigInt(Math.trunc(point.max))
  let raw = rounded
  if ((min !== undefined && raw < min) || (max !== undefined && raw > max)) {
    if (!context.clamp) return outOfRange(point.code, shown, shownLimits(point, scale))
    raw = min !== undefined && raw < min ? min : (max ?? raw)
    warnings.push('clamped')
  }
  const step = point.step === null || point.step < 1 ? 1n : BigInt(Math.trunc(point.step))
  const fitted = toGrid(raw, min ?? 0n, max, step)
  if (!exact || fitted !== raw) warnings.push('adjusted')
  const number = Number(fitted)
  if (!Number.isSafeInteger(number)) return outOfRange(point.code, shown, shownLimits(point, scale, wire))
  return { ok: true, raw: turned(point, number), shown: toShown(number, point.scale), warnings }
}

/** What a double holds exactly, for points of which nobody gave the limits. */
const wire = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }

interface Limits {
  readonly min: number | null
  readonly max: number | null
}

/** The limits in the unit of the value that is compared with them. */
function shownLimits(point: DataPoint, scale: number, otherwise: Limits = { min: null, max: null }): Limits {
  const shown = (limit: number | null) => (limit === null ? null : toShown(limit, scale))
  return { min: shown(point.min ?? otherwise.min), max: shown(point.max ?? otherwise.max) }
}

function decimalOf(shown: unknown): Decimal | undefined {
  if (typeof shown === 'number') return Number.isFinite(shown) ? parseDecimal(String(shown)) : undefined
  return typeof shown === 'string' && shown.length <= 100 ? parseDecimal(shown) : undefined
}

function encodeEnum(point: DataPoint, shown: unknown): Encoded {
  const text = typeof shown === 'number' ? String(shown) : shown
  if (typeof text !== 'string') return badValue(point, shown, 'takes a text')
  if (point.range !== null && !point.range.includes(text)) {
    return {
      ok: false,
      fault: 'not-in-enum',
      message: `${point.code} must be one of ${cut(point.range.join(', '), 200)}, got ${quote(text)}.`,
      details: { dp: point.code, value: cut(text, 64), range: point.range },
    }
  }
  return { ok: true, raw: text, shown: text, warnings: [] }
}

function encodeString(point: DataPoint, shown: unknown): Encoded {
  if (typeof shown !== 'string') return badValue(point, shown, 'takes a text')
  return tooLong(point, shown, Buffer.byteLength(shown)) ?? { ok: true, raw: shown, shown, warnings: [] }
}

function encodeRawBytes(point: DataPoint, shown: unknown): Encoded {
  if (typeof shown !== 'string' || !isBase64(shown)) return badValue(point, shown, 'takes base64 text')
  const bytes = Buffer.byteLength(shown, 'base64')
  return tooLong(point, shown, bytes) ?? { ok: true, raw: shown, shown, warnings: [] }
}

/** S-4: without a pattern, for the text may be long. */
function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text
}

function tooLong(point: DataPoint, text: string, length: number): Encoded | undefined {
  if (point.maxlen === null || length <= point.maxlen) return undefined
  return {
    ok: false,
    fault: 'too-long',
    message: `${point.code} takes at most ${point.maxlen} bytes, got ${length}.`,
    details: { dp: point.code, value: cut(text, 64), bytes: length, maxlen: point.maxlen },
  }
}

function encodeObject(point: DataPoint, shown: unknown): Encoded {
  if (typeof shown !== 'object' || shown === null)
    return badValue(point, shown, 'takes a JSON object or list')
  const value = shown as Json
  return (
    tooLong(point, '', Buffer.byteLength(JSON.stringify(value))) ?? {
      ok: true,
      raw: value,
      shown: value,
      warnings: [],
    }
  )
}

/** Missing members come from the last value; each is a whole number inside its range. */
function encodeColour(point: DataPoint, shown: unknown, range: ColourRange, context: EncodeContext): Encoded {
  if (!isRecord(shown)) return badValue(point, shown, 'takes an object with h, s and v')
  const last = readColour(context.last)
  const warnings = new Set<EncodeWarning>()
  const colour: Record<string, number> = {}
  for (const member of ['h', 's', 'v'] as const) {
    const given = own(shown, member) ?? last?.[member]
    if (given === undefined) {
      return {
        ok: false,
        fault: 'no-state',
        message: `${point.code} needs h, s and v: ${member} is missing and no earlier value is known.`,
        details: { dp: point.code, missing: member },
      }
    }
    if (typeof given !== 'number') return badValue(point, shown, `takes a number for ${member}`)
    const limited = Math.min(Math.max(Math.round(given), 0), range[member])
    if (limited !== Math.round(given)) {
      if (!context.clamp) {
        return outOfRange(`${point.code}.${member}`, given, { min: 0, max: range[member] })
      }
      warnings.add('clamped')
    } else if (limited !== given) warnings.add('adjusted')
    colour[member] = limited
  }
  return { ok: true, raw: colour, shown: colour, warnings: [...warnings] }
}

function encodeBitmap(point: DataPoint, shown: unknown): Encoded {
  if (Array.isArray(shown) && shown.every((label) => typeof label === 'string')) {
    const encoded = bitmapMask(shown, point.labels)
    if ('mask' in encoded) {
      const { mask } = encoded
      return { ok: true, raw: mask, shown: bitmapLabels(mask, point.labels) ?? [], warnings: [] }
    }
    return {
      ok: false,
      fault: 'not-in-enum',
      message: `${point.code} has no label ${quote(encoded.unknown)}.`,
      details: { dp: point.code, value: cut(encoded.unknown, 64), labels: point.labels ?? [] },
    }
  }
  const decimal = decimalOf(shown)
  const mask = decimal && decimal.places === 0 ? Number(decimal.digits) : -1
  const labels = bitmapLabels(mask, point.labels)
  return labels
    ? { ok: true, raw: mask, shown: labels, warnings: [] }
    : badValue(point, shown, 'takes a list of labels or a whole number')
}

function badValue(point: DataPoint, value: unknown, rule: string): Encoded {
  return fault('bad-value', `${point.code} ${rule}, got ${quote(value)}.`, {
    dp: point.code,
    value: short(value),
  })
}

function outOfRange(dp: string, value: unknown, { min, max }: Limits): Encoded {
  const rule =
    min === null ? `at most ${max}` : max === null ? `at least ${min}` : `between ${min} and ${max}`
  return fault('out-of-range', `${dp} must be ${rule}, got ${cut(String(value), 64)}.`, {
    dp,
    value: short(value),
    min,
    max,
  })
}

function fault(kind: EncodeFault, message: string, details: object): Encoded {
  return { ok: false, fault: kind, message, details }
}

function quote(value: unknown): string {
  return cut(typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value)), 64)
}

function short(value: unknown): unknown {
  if (typeof value === 'string' && parseDecimal(value) && Number.isFinite(Number(value))) return Number(value)
  return typeof value === 'number' || typeof value === 'boolean' || value === null
    ? value
    : cut(quote(value), 64)
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
