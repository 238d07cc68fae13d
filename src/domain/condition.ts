import type { DataPointType, Json } from './data-point.ts'
import type { Timer, TimeWindow } from './schedule.ts'

export type Operator = '<' | '==' | '>'

export const operators: readonly Operator[] = ['<', '==', '>']

interface Numbered {
  /** The number by which a custom rule names this condition; unique in its automation, from 1. */
  readonly order: number
}

/** What a value must be. Numbers are raw: device units. */
export interface Comparison {
  readonly code: string
  readonly operator: Operator
  readonly value: Json
}

export interface DeviceCondition extends Numbered, Comparison {
  readonly kind: 'device'
  readonly deviceId: string
}

export interface WeatherCondition extends Numbered, Comparison {
  readonly kind: 'weather'
  readonly cityId: string
}

export interface TimerCondition extends Numbered, Timer {
  readonly kind: 'timer'
}

/** Fulfilled from outside, by name. */
export interface ExternalCondition extends Numbered, Comparison {
  readonly kind: 'external'
  /** Given by the cloud; null before it was stored. */
  readonly id: string | null
}

/** Something that the platform can watch and this bridge does not know: kept as it came. */
export interface OtherCondition extends Numbered {
  readonly kind: 'other'
  readonly entityType: number
  readonly entityId: string | null
  readonly display: Json
}

export type Condition =
  | DeviceCondition
  | WeatherCondition
  | TimerCondition
  | ExternalCondition
  | OtherCondition

/** Must hold before anything of the automation counts. */
export type Precondition =
  | ({ readonly kind: 'time' } & TimeWindow)
  | { readonly kind: 'other'; readonly conditionType: string; readonly display: Json }

const byType: Readonly<Record<DataPointType, readonly Operator[]>> = {
  boolean: ['=='],
  integer: operators,
  enum: ['=='],
  string: [],
  json: [],
  raw: [],
  bitmap: [],
  unknown: operators,
}

/** The operators that a condition on a data point of this type may have; none for types that cannot be watched. */
export function operatorsOf(type: DataPointType): readonly Operator[] {
  return byType[type]
}

/** The type that a value without a specification has: numbers, also as text, can be larger and smaller. */
export function typeOfValue(value: unknown): 'boolean' | 'integer' | 'enum' {
  if (typeof value === 'boolean') return 'boolean'
  return Number.isNaN(numberOf(value)) ? 'enum' : 'integer'
}

/** What values a condition waits for, in words. */
export function kindOfValue(waited: unknown): string {
  return { boolean: 'true or false', integer: 'a number', enum: 'a text, number or boolean' }[
    typeOfValue(waited)
  ]
}

/** Whether a value from outside can be compared with what a condition waits for; values may come as text. */
export function isComparable(waited: unknown, given: unknown): boolean {
  switch (typeOfValue(waited)) {
    case 'boolean':
      return typeof given === 'boolean' || given === 'true' || given === 'false'
    case 'integer':
      return !Number.isNaN(numberOf(given))
    case 'enum':
      return wordOf(given) !== undefined
  }
}

/** Newer pages of the platform write codes as `$temp`. */
export function plainCode(code: string): string {
  return code.length > 1 && code.startsWith('$') ? code.slice(1) : code
}

/**
 * Whether a value fulfils a comparison. Values may come as text: "20" is 20, "true" is true. What cannot be compared
 * does not hold.
 */
export function holds(comparison: Pick<Comparison, 'operator' | 'value'>, actual: unknown): boolean {
  const { operator, value } = comparison
  const left = numberOf(actual)
  const right = numberOf(value)
  const numeric = !Number.isNaN(left) && !Number.isNaN(right)
  switch (operator) {
    case '==':
      return numeric ? left === right : wordOf(actual) !== undefined && wordOf(actual) === wordOf(value)
    case '<':
      return numeric && left < right
    case '>':
      return numeric && left > right
  }
}

const decimal = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.length <= 64 && decimal.test(value) ? Number(value) : Number.NaN
}

/** A scalar as text, so that true equals "true"; undefined for what is no scalar. */
function wordOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : String(value)
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined
}
