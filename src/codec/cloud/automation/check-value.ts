import { operatorsOf } from '../../../domain/condition.ts'
import type { DataPoint, Encoded, Json } from '../../../domain/data-point.ts'
import type { DefinitionFault, ReferredDevice } from '../../../domain/definition.ts'
import { nearest } from '../../../util/nearest.ts'
import { encode, encodeRaw } from '../../data-point/encode.ts'
import { quote } from './quote.ts'
import type { Checking } from './report.ts'
import { escaped, notOneOf, operatorFault } from './shape-fault.ts'

type Words = Omit<DefinitionFault, 'path'>

/** The raw values that an action writes to a device, checked like a command; undefined after a fault. */
export function checkWrites(
  checking: Checking,
  device: ReferredDevice,
  given: { readonly [code: string]: Json },
  path: string,
): { readonly [code: string]: Json } | undefined {
  const { specification } = device
  // Infrared devices and the like describe nothing: the platform has the last word.
  if (specification === undefined || specification.points.size === 0) return given
  const points = [...specification.points.values()]
  const writable = points.filter(({ access }) => access !== 'ro').map(({ code }) => code)
  const written = Object.entries(given).map(([code, value]) => {
    const at = `${path}/${escaped(code)}`
    const point = specification.points.get(code)
    if (point === undefined || point.access === 'ro') {
      checking.report({ path: at, ...cannot(device, code, writable, point, 'read-only') })
      return undefined
    }
    const fitted = fit(point, value)
    if ('fault' in fitted) checking.report({ path: at, ...fitted.fault })
    return 'fault' in fitted ? undefined : ([code, fitted.raw] as const)
  })
  const kept = written.filter((entry) => entry !== undefined)
  return kept.length === written.length ? Object.fromEntries(kept) : undefined
}

interface DeviceComparison {
  readonly code: string
  readonly operator: string
  readonly value: Json
}

/** The value that a condition on a device compares with; undefined after a fault. */
export function checkComparison(
  checking: Checking,
  device: ReferredDevice,
  { code, operator, value }: DeviceComparison,
  path: string,
): Json | undefined {
  const { specification } = device
  if (specification === undefined || specification.points.size === 0) return value
  const points = [...specification.points.values()]
  const watched = points
    .filter(({ access, type }) => access !== 'wo' && operatorsOf(type).length > 0)
    .map((point) => point.code)
  const point = specification.points.get(code)
  if (point === undefined || !watched.includes(code)) {
    checking.report({ path: `${path}/code`, ...cannot(device, code, watched, point, 'unwatchable') })
    return undefined
  }
  const allowed = operatorsOf(point.type)
  const fits = allowed.some((each) => each === operator)
  if (!fits) {
    const fault = operatorFault(operator, allowed)
    checking.report({
      path: `${path}/operator`,
      ...fault,
      message: `${fault.message.slice(0, -1)}: ${code} is ${article(point.type)}.`,
    })
  }
  // Between two steps a value can be above or below, and never equal.
  const fitted = fit(operator === '==' ? point : { ...point, step: 1 }, value)
  if ('fault' in fitted) checking.report({ path: `${path}/value`, ...fitted.fault })
  return fits && 'raw' in fitted ? fitted.raw : undefined
}

function cannot(
  device: ReferredDevice,
  code: string,
  possible: readonly string[],
  point: DataPoint | undefined,
  why: 'read-only' | 'unwatchable',
): Words {
  const [meant] = nearest(code, possible, 1)
  const hint = meant === undefined ? '.' : `; did you mean ${meant}?`
  const near = meant === undefined ? {} : { nearest: meant }
  const name = device.name === '' ? device.id : device.name
  if (point === undefined)
    return { message: `${name} has no ${quote(code)} here${hint}`, allowed: possible, ...near }
  if (why === 'read-only')
    return { message: `${code} of ${name} is only reported and cannot be written.`, allowed: possible }
  const reason =
    point.access === 'wo'
      ? 'is only written and never reported'
      : `is ${article(point.type)}, and conditions watch boolean, integer and enum`
  return { message: `${code} of ${name} ${reason}.`, allowed: possible }
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}

type Fitted = { readonly raw: Json } | { readonly fault: Words }

/** The raw value, exactly as it was meant: what would have to be rounded is a fault that says to what. */
function fit(point: DataPoint, value: Json): Fitted {
  const encoded = encodeRaw(point, value, {})
  if (encoded.ok && !(point.type === 'integer' && encoded.warnings.length > 0)) return { raw: encoded.raw }
  const shown = point.scale > 0 ? asShown(point, value) : undefined
  if (shown !== undefined) return { fault: inShownUnits(point, value, shown) }
  return { fault: encoded.ok ? offStep(point, value, encoded.raw) : refused(point, value, encoded) }
}

/** The raw value of what stands there, if it was written as people read it. */
function asShown(point: DataPoint, value: Json): Json | undefined {
  const encoded = encode(point, value, {})
  return encoded.ok && encoded.warnings.length === 0 ? encoded.raw : undefined
}

function inShownUnits(point: DataPoint, value: Json, raw: Json): Words {
  const unit = point.unit === null ? '' : ` ${point.unit}`
  const limits = point.min === null || point.max === null ? '' : `, from ${point.min} to ${point.max}`
  return {
    message: `${point.code} takes device units${limits}: ${String(value)}${unit} is ${raw}.`,
    nearest: raw,
  }
}

function offStep(point: DataPoint, value: Json, raw: Json): Words {
  const rule =
    (point.step ?? 1) > 1 ? `goes in steps of ${point.step} from ${point.min ?? 0}` : 'takes whole numbers'
  return {
    message: `${point.code} ${rule}, got ${quote(value)}; did you mean ${raw}?`,
    nearest: raw,
  }
}

function refused(point: DataPoint, value: Json, encoded: Extract<Encoded, { ok: false }>): Words {
  if (encoded.fault === 'not-in-enum' && point.range !== null) return notOneOf(point.code, value, point.range)
  if (point.type === 'boolean')
    return { message: `${point.code} must be true or false, got ${quote(value)}.`, allowed: [true, false] }
  return { message: encoded.message }
}

/** A key of a scene switch and the value at which it runs a scene; what is no text is left to the schema. */
export function checkBinding(
  checking: Checking,
  device: ReferredDevice,
  code: unknown,
  value: unknown,
): void {
  const points = device.specification?.points
  if (points === undefined || points.size === 0 || typeof code !== 'string') return
  const point = points.get(code)
  if (point === undefined) {
    checking.report({ path: '/code', ...cannot(device, code, [...points.keys()], point, 'unwatchable') })
  } else if (typeof value === 'string') {
    const fitted = fit(point, value)
    if ('fault' in fitted) checking.report({ path: '/value', ...fitted.fault })
  }
}

/** For what has no specification but a list of words. */
export function checkWord(name: string, value: Json, range: readonly string[]): Words | undefined {
  return typeof value === 'string' && range.includes(value) ? undefined : notOneOf(name, value, range)
}

/** For numbers with limits alone; they may stand as text. */
export function checkNumber(name: string, value: Json, min: number, max: number): Words | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max
    ? undefined
    : { message: `${name} must be a whole number from ${min} to ${max}, got ${quote(value)}.` }
}
