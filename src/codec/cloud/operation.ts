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

/** What of its type a parameter takes. */
export interface Rules {
  /** Bounds of a number, or of the length of a list. */
  readonly least?: number
  readonly most?: number
  /** The only values. */
  readonly choices?: readonly (string | number)[]
  /** A text of so many parts at most, separated by commas. */
  readonly separated?: number
  /** What an object, or each one of a list, is made of. */
  readonly made?: Schema
  /** Never filled in from the configuration: what is meant has to be said. */
  readonly explicit?: true
}

export interface Param extends Rules {
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
  /** How its call is made, where that is not what method, path and places of the parameters say. */
  readonly build?: (args: AnyArguments) => Call
}

/** Any row of the registry. */
export type AnyOperation = Operation<Params, unknown>

/** Whether its answers are for nobody but the one who asked. */
export const isPrivate = ({ id, class: kind }: Pick<AnyOperation, 'id' | 'class'>): boolean =>
  kind === 'personal' || kind === 'lock' || id === pairing

/** Its answer is a secret by itself. */
const pairing = 'pairing-token-create'

const personal: ReadonlySet<string> = new Set([
  'uid',
  'mobile',
  'email',
  'username',
  'ip',
  'lat',
  'lon',
  'mac',
  'member_account',
])

/** Members of an answer that are hidden everywhere else, and that this operation exists to show. */
export function shownBy({ id, class: kind }: Pick<AnyOperation, 'id' | 'class'>): ReadonlySet<string> {
  if (kind === 'personal') return personal
  return new Set(id === pairing ? ['secret'] : [])
}

export const isPersonal = (member: string): boolean => personal.has(member)

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

export const path = <const T extends ParamType>(
  type: T,
  description?: string,
  rules?: Rules,
): Shape<'path', T, true> => shape('path', type, true, description, rules)
export const query = <const T extends ParamType>(
  type: T,
  description?: string,
  rules?: Rules,
): Shape<'query', T, false> => shape('query', type, false, description, rules)
export const body = <const T extends ParamType>(
  type: T,
  description?: string,
  rules?: Rules,
): Shape<'body', T, false> => shape('body', type, false, description, rules)

export const required = <I extends Param['in'], T extends ParamType>(
  param: Shape<I, T, boolean>,
): Shape<I, T, true> => ({ ...param, required: true })

function shape<I extends Param['in'], T extends ParamType, Q extends boolean>(
  place: I,
  type: T,
  isRequired: Q,
  description?: string,
  rules: Rules = {},
): Shape<I, T, Q> {
  return {
    in: place,
    type,
    required: isRequired,
    ...(description === undefined ? {} : { description }),
    ...rules,
  }
}

/** The name of the parameter that is the whole body. */
export const rootBody = '$root'

const idText = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' }

/** The JSON Schema of one parameter. */
function schemaOf(param: Param): Schema {
  const { type, in: place, least, most, choices, separated, made } = param
  const bounds = {
    ...(least === undefined ? {} : { minimum: least }),
    ...(most === undefined ? {} : { maximum: most }),
  }
  const lengths = {
    ...(least === undefined ? {} : { minItems: least }),
    ...(most === undefined ? {} : { maxItems: most }),
  }
  switch (type) {
    case 'string':
      if (choices) return { enum: choices }
      if (place === 'path') return idText
      return {
        type,
        maxLength: 4096,
        ...(separated === undefined ? {} : { pattern: `^[^,]+(,[^,]+){0,${separated - 1}}$` }),
      }
    case 'integer':
      if (choices) return { enum: choices }
      return { anyOf: [{ type: 'integer', ...bounds }, digits(15)] }
    case 'long':
      return { anyOf: [{ type: 'integer', ...bounds }, digits(19)] }
    case 'double':
      return {
        anyOf: [
          { type: 'number', ...bounds },
          { type: 'string', pattern: '^-?\\d{1,15}(\\.\\d{1,15})?$' },
        ],
      }
    case 'boolean':
      return { type }
    case 'object':
      return made ?? { type }
    case 'array<string>':
      return { type: 'array', items: { type: 'string', minLength: 1, maxLength: 4096 }, ...lengths }
    case 'array<object>':
      return { type: 'array', items: made ?? { type: 'object' }, ...lengths }
  }
}

const digits = (most: number) => ({ type: 'string', pattern: `^-?\\d{1,${most}}$` })

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
          ...schemaOf(param),
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
  if (of.build) return of.build(given)
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

/** Numbers may be given as text; in a body the platform wants numbers. Text that no double holds stays as it is. */
export function coerced(type: ParamType, value: unknown): unknown {
  if (typeof value !== 'string' || (type !== 'integer' && type !== 'long' && type !== 'double')) return value
  if (!/^-?\d+(\.\d+)?$/.test(value)) return value
  const number = Number(value)
  return type === 'double' || Number.isSafeInteger(number) ? number : value
}
