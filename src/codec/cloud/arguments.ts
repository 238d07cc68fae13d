import { BridgeError } from '../../util/error.ts'
import { nearest } from '../../util/nearest.ts'
import {
  type AnyArguments,
  type AnyOperation,
  buildCall,
  coerced,
  type Param,
  type Params,
  paramsSchema,
} from './operation.ts'
import { type Schema, type Violation, violations } from './schema.ts'

/** No operation needs more; the platform's own limit is not published. */
export const largestBody = 64 * 1024

const mostFaults = 20

/** Values that stand in for required parameters that were not given; null = there is none. */
export type Defaults = Readonly<Record<string, string | null>>

/** What was given, and what the configuration knows of the required rest. */
export function completed(of: AnyOperation, given: AnyArguments, defaults: Defaults): AnyArguments {
  const missing = Object.entries(of.params).flatMap(([name, param]) => {
    const value = Object.hasOwn(defaults, name) ? (defaults[name] ?? null) : null
    const wanted = param.required && !param.explicit && given[name] === undefined
    return wanted && value !== null ? [[name, value] as const] : []
  })
  return { ...given, ...Object.fromEntries(missing) }
}

/** Throws BridgeError when the arguments do not fit, with an entry in `details` for each that does not. */
export function checkArguments(of: AnyOperation, args: AnyArguments): void {
  const unknown = unknownOf(of, args)
  const missing = missingOf(of, args)
  const bad = badOf(of, args)
  if (unknown.length + missing.length + bad.length > 0) throw refusal(of, unknown, missing, bad)
  const bytes = Buffer.byteLength(buildCall(of, args).body ?? '')
  if (bytes > largestBody) {
    throw new BridgeError(
      'command/too-large',
      `${of.id}: the body would have ${bytes} bytes; at most ${largestBody} are sent.`,
    )
  }
}

interface Fault {
  readonly param: string
  readonly expected: string
  /** Where inside the parameter, as a JSON pointer; absent for the parameter itself. */
  readonly path?: string
  readonly got?: string
  /** Names that could have been meant. */
  readonly near?: readonly string[]
}

/** A name that was mistyped leaves another one missing; its right form is the better help, so it goes first. */
function refusal(
  of: AnyOperation,
  unknown: readonly Fault[],
  missing: readonly Fault[],
  bad: readonly Fault[],
): BridgeError {
  const details = [...unknown, ...bad, ...missing]
  const [first] = unknown.length > 0 ? unknown : bad
  if (!first) {
    const names = missing.map(({ param }) => param)
    return new BridgeError('command/missing-param', `${of.id} needs ${names.join(', ')}.`, { details })
  }
  const more = details.length === 1 ? '' : ` And ${details.length - 1} more.`
  const said = unknown.length > 0 ? unknownSaid(of, first) : badSaid(of, first)
  return new BridgeError('command/bad-param', said + more, { details })
}

function unknownSaid(of: AnyOperation, { param, near = [] }: Fault): string {
  const known = Object.keys(of.params)
  const hint =
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `It takes ${known.join(', ') || 'none'}.`
  return `${of.id} has no parameter "${param}". ${hint}`
}

function badSaid(of: AnyOperation, { param, path, expected, got }: Fault): string {
  const came = got === undefined ? '' : `, got ${got}`
  return `${of.id}: ${path?.slice(1) ?? param} ${expected}${came}.`
}

function unknownOf(of: AnyOperation, args: AnyArguments): readonly Fault[] {
  const known = Object.keys(of.params)
  return Object.keys(args)
    .filter((name) => !Object.hasOwn(of.params, name))
    .slice(0, mostFaults)
    .map((name) => ({
      param: name.slice(0, 64),
      expected: known.length === 0 ? 'no parameters' : `one of ${known.join(', ')}`,
      near: nearest(name, known, 3),
    }))
}

function missingOf(of: AnyOperation, args: AnyArguments): readonly Fault[] {
  return Object.entries(of.params)
    .filter(([name, param]) => param.required && args[name] === undefined)
    .map(([param, rules]) => ({ param, expected: expected(rules) }))
}

/** What was given for known parameters and does not fit them. */
function badOf(of: AnyOperation, args: AnyArguments): readonly Fault[] {
  const params: Params = of.params
  const given = Object.entries(args).flatMap(([name, value]) => {
    const param = Object.hasOwn(params, name) ? params[name] : undefined
    return param && value !== undefined ? [[name, coerced(param.type, value)] as const] : []
  })
  const found = violations(valuesSchema(of), Object.fromEntries(given)).map((violation) =>
    faultOf(params, args, violation),
  )
  // A number that does not fit is told once for each form that it could have had.
  const keys = found.map((fault) => `${fault.param}${fault.path ?? ''} ${fault.expected}`)
  return found.filter((_fault, i) => keys.indexOf(keys[i] as string) === i)
}

const valueSchemas = new WeakMap<AnyOperation, Schema>()

/** The parameters' schema without the question which of them are there. */
function valuesSchema(of: AnyOperation): Schema {
  const known = valueSchemas.get(of)
  if (known) return known
  const schema = { ...paramsSchema(of), required: [] }
  valueSchemas.set(of, schema)
  return schema
}

function faultOf(params: Params, args: AnyArguments, { path, message }: Violation): Fault {
  const [, pointer = ''] = path.split('/')
  const name = pointer.replaceAll('~1', '/').replaceAll('~0', '~')
  const param = params[name]
  if (!param || path !== `/${pointer}` || param.type === 'object') {
    return { param: name, path, expected: message }
  }
  return { param: name, expected: `must be ${expected(param)}`, ...shown(name, args[name]) }
}

/** The value as it came, cut; not of what could be a secret. */
function shown(name: string, value: unknown): { got?: string } {
  if (/pass|secret|token/i.test(name)) return {}
  return { got: (JSON.stringify(value) ?? typeof value).slice(0, 64) }
}

/** What a parameter takes, in words. */
export function expected(param: Param): string {
  const { type, in: place, least, most, choices, separated } = param
  if (choices) return `one of ${choices.join(', ')}`
  if (separated !== undefined) return `text of 1 to ${separated} parts, separated by commas`
  if (type === 'string')
    return place === 'path' ? '1 to 64 of the characters A-Z a-z 0-9 _ -' : 'text of at most 4096 characters'
  return `${words[type]}${bounds(type.startsWith('array') ? 'of' : 'from', least, most)}`
}

const words: Readonly<Record<Exclude<Param['type'], 'string'>, string>> = {
  integer: 'a whole number',
  long: 'a whole number',
  double: 'a number',
  boolean: 'true or false',
  object: 'an object',
  'array<string>': 'a list of texts',
  'array<object>': 'a list of objects',
}

function bounds(word: 'of' | 'from', least: number | undefined, most: number | undefined): string {
  if (least === undefined && most === undefined) return ''
  if (most === undefined) return `, ${least} at least`
  return least === undefined ? `, ${most} at most` : ` ${word} ${least} to ${most}`
}
