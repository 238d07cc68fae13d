import { isWritable } from '../../domain/ability/base.ts'
import { type CompositeAbility, isComposite } from '../../domain/ability/composite.ts'
import { coverMeaning } from '../../domain/ability/cover.ts'
import { readableName } from '../../domain/ability/name.ts'
import { partName, partOf } from '../../domain/ability/part.ts'
import type { SensorAbility, SimpleAbility } from '../../domain/ability/simple.ts'
import { type Ability, abilitiesOf } from '../../domain/ability.ts'
import { type DataPoint, type Specification, toShown } from '../../domain/data-point.ts'
import type { PagePoint, PageUse } from './protocol.ts'

/**
 * The points of a device of that category, with what each is good for, and what is derived from them. Those that nobody
 * shall find are left out.
 */
export function pointPictures(category: string, specification: Specification): readonly PagePoint[] {
  const leading = new Map<DataPoint, Ability>()
  for (const ability of abilitiesOf(category, specification))
    for (const point of ability.points) if (!leading.has(point)) leading.set(point, ability)
  const derived = derivedOf(category, specification)
  return [...specification.points.values()]
    .filter(({ hidden }) => hidden !== true)
    .flatMap((point) => [
      pointPicture(point, leading.get(point)),
      ...derived.filter((one) => one.ability.point === point).map(derivedPicture),
    ])
}

/** A number that a device does not say itself: a sum of portions, a part of what a point holds together. */
export interface Derived {
  /** Like the topic that has it: the code of the point, and the view. */
  readonly code: string
  readonly view: string
  readonly ability: SensorAbility
}

/** What is derived from the points of a device of that category. */
export function derivedOf(category: string, specification: Specification): readonly Derived[] {
  return abilitiesOf(category, specification).flatMap((ability) =>
    ability.kind === 'sensor' && ability.view !== null
      ? [{ code: `${ability.point.code}/${ability.view}`, view: ability.view, ability }]
      : [],
  )
}

function derivedPicture({ code, view, ability }: Derived): PagePoint {
  const { kind, role, measures, unit, point } = ability
  // The portion beside it has the same name.
  const name = view === 'total' ? `${ability.name} total` : ability.name
  const plain = pointPicture(point, undefined)
  const use = { ability: kind, role, ...(measures === null ? {} : { measures }) }
  const limits = { min: null, max: null, step: null, range: null, maxlen: null, colour: null }
  return { ...plain, ...limits, code, name, use, type: 'integer', access: 'ro', unit, once: false }
}

function pointPicture(point: DataPoint, ability: Ability | undefined): PagePoint {
  const { code, type, access, unit, scale, range, maxlen, colour, momentary, once } = point
  const shown = (raw: number | null) => (raw === null ? null : toShown(raw, scale))
  const use = ability && useOf(point, ability)
  return {
    code,
    name: ability && isComposite(ability) ? partName(ability, point) : readableName(point),
    ...(use ? { use } : {}),
    type,
    access,
    unit,
    min: shown(point.min),
    max: shown(point.max),
    step: shown(point.step),
    range,
    maxlen,
    colour,
    momentary,
    once,
  }
}

function useOf(point: DataPoint, ability: Ability): PageUse | undefined {
  return isComposite(ability) ? partUse(point, ability) : simpleUse(point, ability)
}

function partUse(point: DataPoint, ability: CompositeAbility): PageUse {
  const { kind, role, key } = ability
  const part = partOf(ability, point)
  const words = ability.kind === 'cover' && part === 'control' ? coverWordsOf(point, ability) : undefined
  return {
    ability: kind,
    role,
    key,
    ...(part === undefined ? {} : { part }),
    ...(words ? { words } : {}),
  }
}

function coverWordsOf(
  { range }: DataPoint,
  ability: Extract<CompositeAbility, { kind: 'cover' }>,
): PageUse['words'] {
  return Object.fromEntries(
    (range ?? []).flatMap((word) => {
      const meaning = coverMeaning(ability, word)?.toLowerCase()
      return meaning === undefined || meaning === word ? [] : [[word, meaning]]
    }),
  )
}

function simpleUse(point: DataPoint, ability: SimpleAbility): PageUse | undefined {
  const { kind, role } = ability
  // That it happens stands in the point itself.
  if (kind === 'event') return undefined
  const isTold = kind === 'sensor' || kind === 'binary'
  // Others cannot write such a thing; the page can, unless somebody said that it is only to be read.
  if (isTold && isWritable(point) && point.ability === undefined) return undefined
  const measures = 'measures' in ability ? ability.measures : null
  return {
    ability: kind,
    role,
    ...(measures === null ? {} : { measures }),
    // The labels of a bitmap are shown as they are.
    ...(isTold && ability.view !== null && point.type !== 'bitmap' ? { derived: true } : {}),
  }
}
