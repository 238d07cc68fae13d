import {
  type AnyOperation,
  type Param,
  type Params,
  type ParamType,
  rootBody,
} from '../../codec/cloud/operation.ts'
import { isRecord, own } from '../../util/json.ts'
import { Refusal } from './refusal.ts'

type ValueOf<T extends ParamType> = T extends 'string'
  ? string
  : T extends 'integer' | 'long' | 'double'
    ? number
    : T extends 'boolean'
      ? boolean
      : T extends 'object'
        ? Readonly<Record<string, unknown>>
        : T extends 'array<string>'
          ? readonly string[]
          : readonly Readonly<Record<string, unknown>>[]

/** What stands in a path is an id, and ids are text. */
type GivenOf<Q> = Q extends { readonly in: 'path' }
  ? string
  : Q extends { readonly type: infer T extends ParamType }
    ? ValueOf<T>
    : never

type RequiredKeys<P extends Params> = { [K in keyof P]: P[K]['required'] extends true ? K : never }[keyof P]

/** The arguments of an operation as its handler gets them. */
export type Given<P extends Params> = { readonly [K in RequiredKeys<P>]: GivenOf<P[K]> } & {
  readonly [K in Exclude<keyof P, RequiredKeys<P>>]?: GivenOf<P[K]>
}

export const illegal = (): Refusal => new Refusal(1109, 'param is illegal, please check it')
export const missing = (): Refusal => new Refusal(1100, 'param is empty')

/** The platform's own examples send these empty. */
const mayBeEmpty = new Set(['device-rename/name', 'device-user-update/nick_name'])

/** Reads what a request holds; throws Refusal for what is missing, and for what is of another type. */
export function readGiven(
  operation: AnyOperation,
  fromUrl: Readonly<Record<string, string>>,
  body: unknown,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries<Param>(operation.params).flatMap(([name, param]) => {
    const raw = rawOf(name, param, fromUrl, body)
    if (raw === undefined || raw === null || isEmpty(raw, `${operation.id}/${name}`)) {
      if (param.required) throw missing()
      return []
    }
    const value = param.in === 'path' ? pathValue(param, String(raw)) : converted(param.type, raw)
    if (value === undefined) throw illegal()
    return [[name, value] as const]
  })
  return Object.fromEntries(entries)
}

function rawOf(
  name: string,
  param: Param,
  fromUrl: Readonly<Record<string, string>>,
  body: unknown,
): unknown {
  if (param.in !== 'body') return own(fromUrl, name)
  if (name === rootBody) return body
  return isRecord(body) ? own(body, name) : undefined
}

function isEmpty(raw: unknown, where: string): boolean {
  return raw === '' && !mayBeEmpty.has(where)
}

function pathValue({ type }: Param, text: string): string | undefined {
  if (type === 'string') return text
  return /^\d{1,15}$/.test(text) ? text : undefined
}

/** As tolerant as the platform: numbers and words may come as text, lists as JSON text. */
function converted(type: ParamType, raw: unknown): unknown {
  switch (type) {
    case 'string':
      return typeof raw === 'object' ? undefined : String(raw)
    case 'integer':
    case 'long':
      return numberOf(raw, Number.isSafeInteger)
    case 'double':
      return numberOf(raw, Number.isFinite)
    case 'boolean':
      return raw === 'true' || raw === 'false' ? raw === 'true' : typeof raw === 'boolean' ? raw : undefined
    case 'object':
      return isRecord(raw) ? raw : undefined
    case 'array<string>':
      return listOf(raw, (item) => typeof item === 'string')
    case 'array<object>':
      return listOf(raw, isRecord)
  }
}

function numberOf(raw: unknown, fits: (value: number) => boolean): number | undefined {
  const number = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw
  return typeof number === 'number' && fits(number) ? number : undefined
}

function listOf(raw: unknown, fits: (item: unknown) => boolean): unknown {
  const list = typeof raw === 'string' ? parsed(raw) : raw
  return Array.isArray(list) && list.every(fits) ? list : undefined
}

/** One of the platform's pages sends a list as text. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
