import { isRecord, limits, parseJson } from '../../util/json.ts'
import type { DataPoint, Json } from '../data-point.ts'

/** How close to the centre of a device an ability stands: what it is for, what is set up once, what tells of its health. */
export type AbilityRole = 'main' | 'usual' | 'config' | 'diagnostic'

export interface AbilityBase {
  /** Made from codes alone, so that it stays what it is for as long as the device does. */
  readonly key: string
  readonly name: string
  /** The data points that it stands on, the leading one first. */
  readonly points: readonly DataPoint[]
  readonly role: AbilityRole
  /** Of so little use to most people that consumers may hide it until asked. */
  readonly quiet?: true
}

/** The points of one device among which an ability looks for its own. */
export interface PointSet {
  /** The first of these codes that the device has and that fits. */
  find(codes: readonly string[], fits?: (point: DataPoint) => boolean): DataPoint | undefined
  /** All points whose code matches, in the order of the specification. */
  matching(pattern: RegExp): readonly DataPoint[]
}

/** What a category expects of a device: the abilities that its points make up, none where they do not. */
export type AbilityRule<A> = (points: PointSet) => readonly A[]

/** The last shown value of a data point. */
export type Values = (code: string) => Json | undefined

/** What a written part comes to: shown values by code, which leave together; or the sentence that says why not. */
export type Written = { readonly values: Readonly<Record<string, Json>> } | { readonly fault: string }

/** What several points together say and take, in the words of the entity topics. */
export interface Composite<A> {
  /** Undefined while too little is known to say anything. */
  state(ability: A, values: Values): { readonly [key: string]: Json } | undefined
  /** Whether something can be written to the entity itself, and which parts below it. */
  accepts(ability: A): readonly (typeof whole | string)[]
  write(ability: A, part: string, payload: string, values: Values): Written
}

/** The entity itself, as against a part below it. */
export const whole = ''

export function isWritable({ access, momentary }: DataPoint): boolean {
  return access === 'wo' || (access === 'rw' && !momentary)
}

export function ofType(...types: readonly DataPoint['type'][]): (point: DataPoint) => boolean {
  return ({ type }) => types.includes(type)
}

export function writable(...types: readonly DataPoint['type'][]): (point: DataPoint) => boolean {
  return (point) => isWritable(point) && types.includes(point.type)
}

export function present(points: readonly (DataPoint | undefined)[]): readonly DataPoint[] {
  return points.filter((point) => point !== undefined)
}

/** The value as a number, or undefined. */
export function numberAt(values: Values, point: DataPoint | undefined): number | undefined {
  const value = point && values(point.code)
  return typeof value === 'number' ? value : undefined
}

export function textAt(values: Values, point: DataPoint | undefined): string | undefined {
  const value = point && values(point.code)
  return typeof value === 'string' ? value : undefined
}

export function flagAt(values: Values, point: DataPoint | undefined): boolean | undefined {
  const value = point && values(point.code)
  return typeof value === 'boolean' ? value : undefined
}

const onWords = new Set(['on', 'true', '1'])
const offWords = new Set(['off', 'false', '0'])

/** ON and OFF in any case; undefined for other words. */
export function readOnOff(payload: string): boolean | undefined {
  const word = payload.trim().toLowerCase()
  if (onWords.has(word)) return true
  return offWords.has(word) ? false : undefined
}

/** A payload that is an object; undefined for any other. */
export function readMembers(payload: string): Record<string, unknown> | undefined {
  try {
    const message = parseJson(payload, limits.command)
    return isRecord(message) ? message : undefined
  } catch {
    return undefined
  }
}

export function onOff(on: boolean): 'ON' | 'OFF' {
  return on ? 'ON' : 'OFF'
}

/** Writes one of the words that a point takes. */
export function writeWord(point: DataPoint | undefined, payload: string, part: string): Written {
  if (!point) return noSuchPart(part)
  if (point.range === null || point.range.includes(payload)) return { values: { [point.code]: payload } }
  return { fault: `${part} takes ${point.range.join(', ')}.` }
}

/** Writes a decimal number; its range is the point's own business. */
export function writeNumber(point: DataPoint | undefined, payload: string, part: string): Written {
  if (!point) return noSuchPart(part)
  const number = payload.trim() === '' ? Number.NaN : Number(payload)
  return Number.isFinite(number) ? { values: { [point.code]: number } } : { fault: `${part} takes a number.` }
}

export function writeFlag(point: DataPoint | undefined, payload: string, part: string): Written {
  if (!point) return noSuchPart(part)
  const on = readOnOff(payload)
  return on === undefined ? { fault: `${part} takes ON or OFF.` } : { values: { [point.code]: on } }
}

export function noSuchPart(part: string): Written {
  return { fault: part === whole ? 'This entity takes no command of its own.' : `There is no part ${part}.` }
}

/** Members without a value are left out. */
export function known(members: Readonly<Record<string, Json | undefined>>): { readonly [key: string]: Json } {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  )
}
