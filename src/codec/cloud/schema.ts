import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { isRecord } from '../../util/json.ts'

/** A JSON Schema (2020-12) as a plain value. */
export type Schema = { readonly [keyword: string]: unknown }

const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true })
const compiled = new WeakMap<Schema, ValidateFunction>()

/** Compiled at first use: a registry of a hundred operations would cost seconds at start. */
export function validator(schema: Schema): ValidateFunction {
  const known = compiled.get(schema)
  if (known) return known
  const fresh = ajv.compile(schema)
  compiled.set(schema, fresh)
  return fresh
}

export interface Violation {
  /** JSON pointer into the value, '' for the value itself. */
  readonly path: string
  readonly message: string
}

export function violations(schema: Schema, value: unknown): readonly Violation[] {
  const validate = validator(schema)
  if (validate(value)) return []
  return (validate.errors ?? []).slice(0, 20).map((error) => ({
    path: error.instancePath,
    message: describe(
      error.keyword,
      error.params as Record<string, unknown>,
      error.message ?? 'is not valid',
    ),
  }))
}

function describe(keyword: string, params: Record<string, unknown>, message: string): string {
  if (keyword === 'enum') return `must be one of ${(params['allowedValues'] as unknown[]).join(', ')}`
  if (keyword === 'additionalProperties')
    return `does not know "${String(params['additionalProperty']).slice(0, 64)}"`
  return message
}

export type Conformed =
  | { readonly ok: true; readonly value: unknown; readonly dropped: number }
  | { readonly ok: false }

/**
 * Checks an answer against its schema. In lists, also those inside the entries of lists, entries that do not fit are
 * left out and counted: one broken device must not hide the others, one broken value not its device (I-9).
 */
export function conform(schema: Schema, value: unknown): Conformed {
  const validate = validator(schema)
  if (validate(value)) return { ok: true, value, dropped: 0 }
  const pruned = prune(schema, value)
  return pruned && validate(pruned.value) ? { ok: true, ...pruned } : { ok: false }
}

function prune(schema: Schema, value: unknown): { value: unknown; dropped: number } | undefined {
  const items = schema['items'] as Schema | undefined
  if (Array.isArray(value) && items) {
    const kept = value.map((item) => conform(items, item)).filter((conformed) => conformed.ok)
    const inside = kept.reduce((sum, conformed) => sum + conformed.dropped, 0)
    return { value: kept.map((conformed) => conformed.value), dropped: value.length - kept.length + inside }
  }
  const properties = schema['properties'] as Record<string, Schema> | undefined
  if (!isRecord(value) || !properties) return undefined
  let dropped = 0
  const members = Object.entries(value).map(([key, member]) => {
    const own = Object.hasOwn(properties, key) ? properties[key] : undefined
    const pruned = own && Array.isArray(member) ? prune(own, member) : undefined
    dropped += pruned?.dropped ?? 0
    return [key, pruned ? pruned.value : member] as const
  })
  return { value: Object.fromEntries(members), dropped }
}
