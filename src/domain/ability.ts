import type { PointSet } from './ability/base.ts'
import type { CompositeAbility } from './ability/composite.ts'
import { isComposite } from './ability/composite.ts'
import { eventAbilities } from './ability/events-of.ts'
import { type Hint, type HintRow, hints } from './ability/hint.ts'
import type { SimpleAbility } from './ability/simple.ts'
import { simpleAbilities } from './ability/simple-of.ts'
import { categoryOf } from './category/index.ts'
import type { DataPoint, Specification } from './data-point.ts'

/** What a device can do, whichever points do it. Consumers are told abilities, never kinds of devices. */
export type Ability = CompositeAbility | SimpleAbility
export type AbilityKind = Ability['kind']
export type AbilityOf<K extends AbilityKind> = Extract<Ability, { readonly kind: K }>

const cache = new WeakMap<Specification, Map<string, readonly Ability[]>>()

/**
 * The abilities of a device: what its category expects and its specification has, then one for each point that is left.
 * A category that nobody knows has the latter alone.
 */
export function abilitiesOf(category: string, specification: Specification | undefined): readonly Ability[] {
  if (!specification) return []
  const known = cache.get(specification) ?? new Map<string, readonly Ability[]>()
  cache.set(specification, known)
  const found = known.get(category) ?? find(category, specification)
  known.set(category, found)
  return found
}

/** Those with a topic of their own. */
export function entitiesOf(
  category: string,
  specification: Specification | undefined,
): readonly CompositeAbility[] {
  return abilitiesOf(category, specification).filter(isComposite)
}

function find(category: string, { points }: Specification): readonly Ability[] {
  const expected = categoryOf(category)
  const visible = [...points.values()].filter(({ hidden }) => hidden !== true)
  const free = visible.filter(({ ability }) => ability === undefined)
  const composites = (expected?.rules ?? []).flatMap((rule) => rule(pointSet(free)))
  const claimed = new Set(composites.flatMap((ability) => ability.points))
  const left = visible.filter((point) => !claimed.has(point))
  const rows = [...(expected?.hints ?? []), ...hints]
  return distinct([
    ...composites,
    ...left.flatMap((point) => simpleAbilities(point, hintFor(point, rows))),
    ...eventAbilities(left),
  ])
}

function pointSet(points: readonly DataPoint[]): PointSet {
  return {
    find: (codes, fits = () => true) => {
      for (const code of codes) {
        const point = points.find((one) => one.code === code && fits(one))
        if (point) return point
      }
      return undefined
    },
    matching: (pattern) => points.filter(({ code }) => pattern.test(code)),
  }
}

function hintFor({ code }: DataPoint, rows: readonly HintRow[]): Hint {
  return rows.find(([pattern]) => pattern.test(code))?.[1] ?? {}
}

/** A code that is called like an entity must not take its place. */
function distinct(abilities: readonly Ability[]): readonly Ability[] {
  const keys = new Set<string>()
  return abilities.map((ability) => {
    const key = keys.has(ability.key) ? `${ability.key}_point` : ability.key
    keys.add(key)
    return key === ability.key ? ability : { ...ability, key }
  })
}
