import type { ErrorObject } from 'ajv/dist/2020.js'
import { type Operator, operators } from '../../../domain/condition.ts'
import type { Json } from '../../../domain/data-point.ts'
import type { DefinitionFault } from '../../../domain/definition.ts'
import { isRecord, own } from '../../../util/json.ts'
import { nearest } from '../../../util/nearest.ts'
import { type Schema, validator } from '../schema.ts'
import { form, formWords } from './definition-schema.ts'
import { cut, quote } from './quote.ts'

/** What a schema has against a value, each fault at its place and in words that help. */
export function shapeFaults(schema: Schema, value: unknown): readonly DefinitionFault[] {
  const validate = validator(schema)
  if (validate(value)) return []
  const faults = new Map<string, DefinitionFault>()
  for (const error of validate.errors ?? []) {
    // That a branch did not fit is said by what did not fit in it.
    if (error.keyword === 'if') continue
    const fault = faultOf(error, schema, value)
    faults.set(`${fault.path} ${error.keyword}`, fault)
  }
  return [...faults.values()]
}

type Describe = (params: Record<string, unknown>, at: Place) => Omit<DefinitionFault, 'path'>

interface Place {
  /** What messages call it. */
  readonly name: string
  readonly given: unknown
  /** The schema whose keyword was violated. */
  readonly schema: Schema
}

function faultOf(error: ErrorObject, root: Schema, value: unknown): DefinitionFault {
  const params = error.params as Record<string, unknown>
  const schema = follow(root, error.schemaPath.slice(1, error.schemaPath.lastIndexOf('/'))) as Schema
  const path = error.instancePath
  if (error.keyword === 'required') {
    const missing = String(params['missingProperty'])
    return {
      path: `${path}/${escaped(missing)}`,
      message: `${missing} is missing${meaningOf(schema, missing)}.`,
    }
  }
  if (error.keyword === 'additionalProperties') {
    const extra = String(params['additionalProperty'])
    return { path: `${path}/${escaped(extra)}`, ...strange(extra, schema) }
  }
  const at = { name: nameOf(path), given: follow(value, path), schema }
  const describe = Object.hasOwn(words, error.keyword) ? words[error.keyword] : undefined
  return {
    path,
    ...(describe?.(params, at) ?? { message: `${at.name} ${error.message ?? 'is not valid'}.` }),
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
}

const words: Readonly<Record<string, Describe>> = {
  enum(params, { name, given, schema }) {
    const allowed = params['allowedValues'] as readonly Json[]
    if (name === 'operator') return operatorFault(given, allowed as readonly Operator[])
    const fault = notOneOf(name, given, allowed)
    const numbers = allowed.every((each) => typeof each === 'number') && allowed.length > 1
    const described = numbers ? schema['description'] : undefined
    return described === undefined
      ? fault
      : { ...fault, message: `${fault.message.slice(0, -1)} (${String(described).slice(0, -1)}).` }
  },
  type(params, { name, given }) {
    const types = [params['type']].flat().map((type) => typeWords[String(type)] ?? String(type))
    return { message: `${name} must be ${listed(types)}, got ${quote(given)}.` }
  },
  pattern(params, { name, given }) {
    const pattern = String(params['pattern'])
    const mended = mend(pattern, given)
    const hint = mended === undefined ? '' : `; did you mean ${quote(mended)}?`
    return {
      message: `${name} must be ${formWords[pattern] ?? `like ${pattern}`}, got ${quote(given)}${hint || '.'}`,
      ...(mended === undefined ? {} : { nearest: mended }),
    }
  },
  minimum: ({ limit }, { name, given }) => ({
    message: `${name} must be at least ${limit}, got ${quote(given)}.`,
  }),
  maximum: ({ limit }, { name, given }) => ({
    message: `${name} must be at most ${limit}, got ${quote(given)}.`,
  }),
  minItems: ({ limit }, { name }) => ({ message: `${name} must have at least ${limit} entry.` }),
  maxItems({ limit }, { name, given }) {
    return { message: `${name} may have at most ${limit} entries, got ${(given as unknown[]).length}.` }
  },
  minLength: (_params, { name }) => ({ message: `${name} must not be empty.` }),
  maxLength({ limit }, { name, given }) {
    return { message: `${name} may have at most ${limit} characters, got ${String(given).length}.` }
  },
  minProperties: (_params, { name }) => ({ message: `${name} must not be empty.` }),
  maxProperties: (_params, { name }) => ({ message: `${name} must be left out: there is nothing to say.` }),
}

/** A value outside of a list, and the entry that was probably meant. */
export function notOneOf(
  name: string,
  given: unknown,
  allowed: readonly Json[],
): Pick<DefinitionFault, 'message' | 'allowed' | 'nearest'> {
  const texts = allowed.map(String)
  const [close] = typeof given === 'string' ? nearest(given, texts, 1) : []
  const meant = close === undefined ? undefined : allowed[texts.indexOf(close)]
  const hint = meant === undefined ? '.' : `; did you mean ${quote(meant)}?`
  return {
    message: `${name} must be ${listed(texts)}, got ${quote(given)}${hint}`,
    allowed,
    ...(meant === undefined ? {} : { nearest: meant }),
  }
}

/** What people write for an operator, and how it is said here. */
const spellings: Readonly<Record<string, readonly [Operator, string?]>> = {
  '=': ['=='],
  '===': ['=='],
  is: ['=='],
  eq: ['=='],
  gt: ['>'],
  lt: ['<'],
  '>=': ['>', ': of whole numbers, ">= 20" is "> 19"'],
  '<=': ['<', ': of whole numbers, "<= 20" is "< 21"'],
}

export function operatorFault(
  given: unknown,
  allowed: readonly Operator[],
): Pick<DefinitionFault, 'message' | 'allowed' | 'nearest'> {
  const word = typeof given === 'string' ? given.trim().toLowerCase() : ''
  const [meant, why = ''] = operators.some((each) => each === word)
    ? [word as Operator]
    : Object.hasOwn(spellings, word)
      ? (spellings[word] ?? [])
      : []
  const hint = meant !== undefined && allowed.includes(meant) ? `; write ${quote(meant)}${why}.` : '.'
  return {
    message: `operator must be ${listed(allowed)}, got ${quote(given)}${hint}`,
    allowed,
    ...(hint === '.' || meant === undefined ? {} : { nearest: meant }),
  }
}

/** "a, b or c", cut where it gets long. */
export function listed(texts: readonly string[], last: 'or' | 'and' = 'or'): string {
  const all = texts.length > 1 ? `${texts.slice(0, -1).join(', ')} ${last} ${texts.at(-1)}` : texts.join()
  return all.length <= 200 ? all : `one of ${cut(texts.join(', '), 200)}`
}

/** Members that answers have and definitions do not. */
const answered: Readonly<Record<string, string>> = {
  enabled: 'it is switched by its own topic and operation',
  status: 'the platform decides it',
  scene_id: 'it stands beside the definition',
  automation_id: 'it stands beside the definition',
  home_id: 'it stands beside the definition',
}

function strange(extra: string, schema: Schema): Omit<DefinitionFault, 'path'> {
  const known = Object.keys((schema['properties'] as object | undefined) ?? {})
  if (Object.hasOwn(answered, extra))
    return { message: `${extra} does not belong here: ${answered[extra]}.`, allowed: known }
  const [close] = nearest(extra, known, 1)
  const hint = close === undefined ? `; there are ${listed(known, 'and')}.` : `; did you mean ${close}?`
  return {
    message: `There is no member ${quote(extra)}${hint}`,
    allowed: known,
    ...(close === undefined ? {} : { nearest: close }),
  }
}

/** Times without a leading zero, dates with hyphens: what is clear enough to be proposed. */
function mend(pattern: string, given: unknown): string | undefined {
  const text = String(given).trim()
  const candidates =
    pattern === form.time
      ? [
          text,
          `0${text}`,
          text.replace(/^(\d{2})(\d{2})$/, '$1:$2'),
          text.replace(/^(\d{1,2}:\d{2}):\d{2}$/, '$1'),
        ]
      : [text, text.replaceAll('-', '')]
  return candidates.find((each) => each !== given && each !== '' && new RegExp(pattern).test(each))
}

function meaningOf(schema: Schema, member: string): string {
  const described = (schema['properties'] as Record<string, Schema> | undefined)?.[member]?.['description']
  const text = typeof described === 'string' ? described : meanings[member]
  return text === undefined ? '' : `: ${inside(text)}`
}

/** A sentence as a part of another one; words in capitals stay. */
function inside(sentence: string): string {
  const plain = sentence.replace(/\.$/, '')
  return /^[A-Z][a-z]/.test(plain) ? plain.charAt(0).toLowerCase() + plain.slice(1) : plain
}

/** Members whose meaning depends on what they stand in. */
const meanings: Readonly<Record<string, string>> = {
  entity_id: 'which one',
  executor_property: 'what to do',
}

function nameOf(path: string): string {
  const levels = path.split('/')
  const last = levels.at(-1) ?? ''
  if (path === '') return 'The definition'
  // An entry of a list is called by its list.
  return /^\d+$/.test(last) ? `${levels.at(-2)}[${last}]` : last.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** What a JSON pointer leads to. */
function follow(root: unknown, pointer: string): unknown {
  let here = root
  for (const level of pointer.split('/').slice(1)) {
    const key = level.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(here)) here = here[Number(key)]
    else here = isRecord(here) ? own(here, key) : undefined
  }
  return here
}

/** A member name as one level of a JSON pointer. */
export function escaped(name: string): string {
  return name.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')
}
