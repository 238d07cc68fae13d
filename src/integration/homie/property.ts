import { isWritable } from '../../domain/ability/base.ts'
import { readableName } from '../../domain/ability/name.ts'
import { type ShownRange, shownRange } from '../../domain/ability/scale.ts'
import type { Ability, AbilityKind, AbilityOf } from '../../domain/ability.ts'
import type { DataPoint } from '../../domain/data-point.ts'
import { usualUnit } from '../../domain/unit.ts'

/** What values a property has, in no version's words yet. */
export type Shape =
  | { readonly kind: 'boolean' | 'colour' | 'json' | 'text' }
  | { readonly kind: 'integer' | 'float'; readonly range: ShownRange | null }
  | { readonly kind: 'enum'; readonly words: readonly string[] }

/** What a device has to say or to be told, for every version of Homie the same. */
export interface Property {
  readonly id: string
  readonly name: string
  readonly shape: Shape
  readonly unit: string | null
  readonly isSettable: boolean
  /** False for what only happens, and for what cannot be read. */
  readonly isRetained: boolean
  /** The data point whose changes it follows, and the view of it that it tells; null = its own value. */
  readonly code: string
  readonly view: string | null
}

/** The properties of each ability: those of its points, but for what is derived from one. */
const properties: { readonly [K in AbilityKind]: (ability: AbilityOf<K>) => readonly Property[] } = {
  light: ofPoints,
  cover: ofPoints,
  climate: ofPoints,
  fan: ofPoints,
  humidifier: ofPoints,
  vacuum: ofPoints,
  lock: ofPoints,
  siren: ofPoints,
  alarm: ofPoints,
  switch: ofPoints,
  valve: ofPoints,
  number: ofPoints,
  select: ofPoints,
  text: ofPoints,
  button: ofPoints,
  sensor: ({ point, view, name, unit }) =>
    view === null ? [ofPoint(point)] : [ofView(point, view, name, unit)],
  // A fault is told as the list of its labels.
  binary: ofPoints,
  event: ofPoints,
}

export function propertiesOf(ability: Ability): readonly Property[] {
  const translate = properties[ability.kind] as (ability: Ability) => readonly Property[]
  return translate(ability)
}

function ofPoints({ points }: Ability): readonly Property[] {
  return points.map(ofPoint)
}

function ofPoint(point: DataPoint): Property {
  const shape = shapeOf(point)
  return {
    id: point.code,
    name: readableName(point),
    shape,
    unit: point.type === 'integer' ? usualUnit(point.unit) : null,
    isSettable: isWritable(point),
    isRetained: !point.momentary && point.access !== 'wo',
    code: point.code,
    view: shape.kind === 'colour' ? 'hsv' : null,
  }
}

function ofView(point: DataPoint, view: string, name: string, unit: string | null): Property {
  return {
    id: `${point.code}-${view}`,
    name,
    shape: { kind: 'float', range: null },
    unit,
    isSettable: false,
    isRetained: true,
    code: point.code,
    view,
  }
}

function shapeOf(point: DataPoint): Shape {
  switch (point.type) {
    case 'boolean':
      return { kind: 'boolean' }
    case 'integer': {
      const isKnown = point.min !== null && point.max !== null && point.max > point.min
      const range = isKnown ? shownRange(point, [0, 0]) : null
      return { kind: point.scale > 0 ? 'float' : 'integer', range }
    }
    case 'enum':
      return enumerated(point.range)
    case 'json':
      return { kind: point.colour ? 'colour' : 'json' }
    case 'bitmap':
      return { kind: 'json' }
    case 'string':
    case 'raw':
    case 'unknown':
      return { kind: 'text' }
  }
}

/** Words with a comma, and none at all, make no list. */
function enumerated(range: readonly string[] | null): Shape {
  const words = [...new Set(range ?? [])]
  const isList = words.length > 0 && words.every((word) => word !== '' && !word.includes(','))
  return isList ? { kind: 'enum', words } : { kind: 'text' }
}
