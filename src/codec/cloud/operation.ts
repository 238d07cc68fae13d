import type { Schema } from './schema.ts'
import type { Query } from './sign.ts'

/** Who may call an operation over MQTT (topic contract, section 10). */
export type OperationClass =
  | 'read'
  | 'control'
  | 'config'
  | 'firmware'
  | 'personal'
  | 'lock'
  | 'destructive'
  | 'never'

export type ParamType =
  | 'string'
  | 'integer'
  | 'long'
  | 'double'
  | 'boolean'
  | 'object'
  | 'array<string>'
  | 'array<object>'

export interface Param {
  readonly in: 'path' | 'query' | 'body'
  readonly type: ParamType
  readonly required: boolean
  readonly description?: string
}

export type Params = Readonly<Record<string, Param>>

/** Where the facts stand, and how sure they are. */
export type Confidence = 'documented' | 'seen in code' | 'inferred'

/**
 * One call of the platform's API, the whole truth about it: client method, RPC topic, schema, command line, simulator
 * route and reference page are derived from this value.
 */
export interface Operation<P extends Params = Params, R = unknown> {
  readonly id: string
  readonly group: string
  readonly class: OperationClass
  readonly summary: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly params: P
  /** JSON Schema of `result`; tolerant of what the platform's own examples get wrong. */
  readonly reply: Schema
  /** The result as the bridge uses it. Called with a value that fits `reply`. */
  read(result: never): R
  /** Asking twice does no harm. */
  readonly repeatable: boolean
  /** Calls per second that the platform publishes for this operation. */
  readonly perSecond?: number
  readonly source: string
  readonly confidence: Confidence
}

/** Any row of the registry. */
export type AnyOperation = Operation<Params, unknown>

type ValueOf<T extends ParamType> = T extends 'string'
  ? string
  : T extends 'integer' | 'long' | 'double'
    ? number | string
    : T extends 'boolean'
      ? boolean
      : T extends 'object'
        ? object
        : T extends 'array<string>'
          ? readonly string[]
          : readonly object[]

type RequiredKeys<P extends Params> = { [K in keyof P]: P[K]['required'] extends true ? K : never }[keyof P]

/** The arguments of an operation, typed by its parameters. */
export type Arguments<P extends Params> = { readonly [K in RequiredKeys<P>]: ValueOf<P[K]['type']> } & {
  readonly [K in Exclude<keyof P, RequiredKeys<P>>]?: ValueOf<P[K]['type']>
}

export type AnyArguments = Readonly<Record<string, unknown>>

/** Declares an operation; exists so that the types of parameters and result follow from the value. */
export function operation<const P extends Params, R>(value: Operation<P, R>): Operation<P, R> {
  return value
}

type Shape<I extends Param['in'], T extends ParamType, Q extends boolean> = { in: I; type: T; required: Q }

export const path = <const T extends ParamType>(type: T, description?: string): Shape<'path', T, true> =>
  shape('path', type, true, description)
export const query = <const T extends ParamType>(type: T, description?: string): Shape<'query', T, false> =>
  shape('query', type, false, description)
export const body = <const T extends ParamType>(type: T, description?: string): Shape<'body', T, false> =>
  shape('body', type, false, description)

export const required = <I extends Param['in'], T extends ParamType>(
  param: Shape<I, T, boolean>,
): Shape<I, T, true> => ({ ...param, required: true })

function shape<I extends Param['in'], T extends ParamType, Q extends boolean>(
  place: I,
  type: T,
  isRequired: Q,
  description: string | undefined,
): Shape<I, T, Q> {
  return { in: place, type, required: isRequired, ...(description === undefined ? {} : { description }) }
}

/** The name of the parameter that is the whole body. */
export const rootBody = '$root'

const paramSchemas: Readonly<Record<ParamType, Schema>> = {
  string: { type: 'string', maxLength: 4096 },
  integer: { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^-?\\d{1,15}$' }] },
  long: { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^-?\\d{1,19}$' }] },
  double: { anyOf: [{ type: 'number' }, { type: 'string', pattern: '^-?\\d{1,15}(\\.\\d{1,15})?$' }] },
  boolean: { type: 'boolean' },
  object: { type: 'object' },
  'array<string>': { type: 'array', items: { type: 'string', maxLength: 4096 } },
  'array<object>': { type: 'array', items: { type: 'object' } },
}

const schemas = new WeakMap<AnyOperation, Schema>()

/** The JSON Schema of all parameters together, flat as they are given. */
export function paramsSchema(of: AnyOperation): Schema {
  const known = schemas.get(of)
  if (known) return known
  const params: Params = of.params
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(params).filter((name) => params[name]?.required),
    properties: Object.fromEntries(
      Object.entries(params).map(([name, param]) => [
        name,
        {
          ...paramSchemas[param.type],
          ...(param.in === 'path' && param.type === 'string' ? { pattern: '^[A-Za-z0-9_-]{1,64}$' } : {}),
          ...(param.description === undefined ? {} : { description: param.description }),
        },
      ]),
    ),
  }
  schemas.set(of, schema)
  return schema
}

/** A call as it goes out, before signing. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly query: Query
  readonly body: string | undefined
}

/** Puts valid arguments where they belong: path, query or JSON body. */
export function buildCall(of: AnyOperation, given: AnyArguments): Call {
  let path = of.path
  const query: Record<string, string> = {}
  const members: Record<string, unknown> = {}
  let root: unknown
  const params: Params = of.params
  for (const [name, param] of Object.entries(params)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (value === undefined) continue
    if (param.in === 'path') path = path.replace(`{${name}}`, encodeURIComponent(String(value)))
    else if (param.in === 'query') query[name] = String(value)
    else if (name === rootBody) root = value
    else members[name] = coerced(param.type, value)
  }
  const body = root ?? (Object.keys(members).length > 0 ? members : undefined)
  return { method: of.method, path, query, body: body === undefined ? undefined : JSON.stringify(body) }
}

/** Integers may be given as text; in a body the platform wants numbers. */
function coerced(type: ParamType, value: unknown): unknown {
  if (typeof value !== 'string' || (type !== 'integer' && type !== 'long' && type !== 'double')) return value
  const number = Number(value)
  return type === 'double' || Number.isSafeInteger(number) ? number : value
}
