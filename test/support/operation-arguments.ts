import type { AnyArguments, AnyOperation, Param, ParamType } from '../../src/codec/cloud/operation.ts'
import type { Schema } from '../../src/codec/cloud/schema.ts'

/** Arguments that fit an operation; every parameter has one. */
export function fittingArguments({ params }: AnyOperation): AnyArguments {
  return Object.fromEntries(Object.entries(params).map(([name, param]) => [name, fitting(param)]))
}

function fitting({ type, choices, least, made }: Param): unknown {
  if (choices) return choices[0]
  switch (type) {
    case 'string':
      return 'x1'
    case 'integer':
    case 'long':
      return least ?? 1
    case 'double':
      return 1.5
    case 'boolean':
      return true
    case 'object':
      return made ? sample(made) : {}
    case 'array<string>':
      return ['x1']
    case 'array<object>':
      return [made ? sample(made) : {}]
  }
}

/** The least value that a schema of bodies takes. */
function sample(schema: Schema): unknown {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>
  switch (schema['type']) {
    case 'object': {
      const required = (schema['required'] ?? []) as readonly string[]
      return Object.fromEntries(required.map((name) => [name, sample(properties[name] ?? {})]))
    }
    case 'boolean':
      return true
    default:
      return schema['pattern'] === undefined ? 'x1' : '49'
  }
}

/** Values of other types than a parameter has. */
export const unfitting: Readonly<Record<ParamType, readonly unknown[]>> = {
  string: [5, true, {}, ['x'], null],
  integer: ['many', 1.5, true, {}, '', null],
  long: ['yesterday', 1.5, false, [], null],
  double: ['north', true, {}, null],
  boolean: ['yes', 1, null, {}],
  object: ['x', [], 5, null],
  'array<string>': ['x', {}, [5], null],
  'array<object>': ['x', {}, ['x'], null],
}
