import type { DataPoint } from '../data-point.ts'
import type { MomentaryKind } from '../momentary.ts'
import type { AbilityBase } from './base.ts'

/** A boolean that is switched. */
export interface SwitchAbility extends AbilityBase {
  readonly kind: 'switch'
  readonly point: DataPoint
  readonly outlet: boolean
}

/** A boolean that lets water or gas through. */
export interface ValveAbility extends AbilityBase {
  readonly kind: 'valve'
  readonly point: DataPoint
}

/** An integer that is set. */
export interface NumberAbility extends AbilityBase {
  readonly kind: 'number'
  readonly point: DataPoint
  readonly measures: string | null
  readonly unit: string | null
}

/** One of several words that is chosen. */
export interface SelectAbility extends AbilityBase {
  readonly kind: 'select'
  readonly point: DataPoint
  readonly options: readonly string[]
}

export interface TextAbility extends AbilityBase {
  readonly kind: 'text'
  readonly point: DataPoint
}

/** A boolean that does something when true is written and says nothing afterwards. */
export interface ButtonAbility extends AbilityBase {
  readonly kind: 'button'
  readonly point: DataPoint
}

/** A value that is only told. */
export interface SensorAbility extends AbilityBase {
  readonly kind: 'sensor'
  readonly point: DataPoint
  /** A value derived from the point rather than its own. */
  readonly view: string | null
  /** What it measures, in the words of `measures.ts`. */
  readonly measures: string | null
  readonly counts: 'momentary' | 'up' | null
  readonly unit: string | null
  /** All words that it can say. */
  readonly options: readonly string[] | null
}

/** Something that holds or does not. */
export interface BinaryAbility extends AbilityBase {
  readonly kind: 'binary'
  readonly point: DataPoint
  readonly view: string | null
  readonly measures: string | null
  /** The words, as they stand on the topic, that say that it holds, and those that say that it does not. */
  readonly on: readonly string[]
  readonly off: readonly string[]
}

/** Something that happens: a press, a ring, an unlock. */
export interface EventAbility extends AbilityBase {
  readonly kind: 'event'
  readonly happens: MomentaryKind
  /** The one code that tells it; null where several do. */
  readonly code: string | null
  readonly types: readonly string[]
}

export type SimpleAbility =
  | SwitchAbility
  | ValveAbility
  | NumberAbility
  | SelectAbility
  | TextAbility
  | ButtonAbility
  | SensorAbility
  | BinaryAbility
  | EventAbility

/** What a correction may make of a data point. */
export const simpleKinds = [
  'switch',
  'valve',
  'number',
  'select',
  'text',
  'button',
  'sensor',
  'binary',
] as const
export type SimpleKind = (typeof simpleKinds)[number]
