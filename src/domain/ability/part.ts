import type { DataPoint } from '../data-point.ts'
import type { CompositeAbility } from './composite.ts'
import { readableName } from './name.ts'

/** The parts that points play in an ability, by the names that it has for them. */
export type PartOf<A> = {
  [K in keyof A & string]-?: NonNullable<A[K]> extends DataPoint ? K : never
}[keyof A & string]

/** The part that a point plays; undefined where it plays none. */
export function partOf(ability: CompositeAbility, point: DataPoint): string | undefined {
  return Object.entries(ability).find(([, member]) => member === point)?.[0]
}

/** What one calls by the name of the whole, since it is what switches or moves it. */
const namesakes: ReadonlySet<string | undefined> = new Set(['power', 'control', 'toggle', 'go', 'bolt'])

/** What the owner or the maker calls a part, else what it is; numbered like its ability where there are several. */
export function partName(ability: CompositeAbility, point: DataPoint): string {
  const given = point.name?.trim() ?? ''
  if (given !== '') return given
  if (namesakes.has(partOf(ability, point))) return ability.name
  const number = / \d+$/.exec(ability.name)?.[0] ?? ''
  return `${readableName({ name: null, code: point.code.replace(/_\d+$/, '') })}${number}`
}
