import { type Operator, operators, operatorsOf, plainCode } from '../../../domain/condition.ts'
import type { WeatherKind } from '../../../domain/definition.ts'
import { asNumber, own } from '../../../util/json.ts'
import type { WeatherKind as ListedWeather } from '../shape/automation.ts'

/**
 * What the platform lists as weather that automations can wait for, in the checker's words. What a property leaves out
 * is not limited: the platform has the last word. The first of equal codes counts.
 */
export function weatherKinds(listed: readonly ListedWeather[]): readonly WeatherKind[] {
  const kinds = new Map<string, WeatherKind>()
  for (const one of listed) {
    const kind = kindOf(one)
    if (!kinds.has(kind.code)) kinds.set(kind.code, kind)
  }
  return [...kinds.values()]
}

function kindOf({ code, operators: named, property }: ListedWeather): WeatherKind {
  const range = wordsOf(own(property, 'range'))
  const type = typeOf(property, range, named)
  const known = operators.filter((operator) => named.includes(operator))
  const common = { code: plainCode(code), type, operators: known.length > 0 ? known : operatorsOf(type) }
  return type === 'enum'
    ? { ...common, ...(range.length > 0 ? { range } : {}) }
    : { ...common, ...limit('min', property), ...limit('max', property) }
}

/** By what the property says; without that, what can be larger and smaller is a number. */
function typeOf(property: object, range: readonly string[], named: readonly string[]): WeatherKind['type'] {
  const said = String(own(property, 'type') ?? '').toLowerCase()
  if (said === 'value' || said === 'integer') return 'integer'
  if (said === 'enum' || range.length > 0) return 'enum'
  const ordered: readonly Operator[] = ['<', '>']
  return ordered.some((operator) => named.includes(operator)) ? 'integer' : 'enum'
}

function wordsOf(range: unknown): readonly string[] {
  return Array.isArray(range) ? range.filter((word): word is string => typeof word === 'string') : []
}

function limit(name: 'min' | 'max', property: object): { readonly min?: number; readonly max?: number } {
  const number = asNumber(own(property, name))
  return Number.isFinite(number) ? { [name]: number } : {}
}
