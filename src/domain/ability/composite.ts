import type { Json } from '../data-point.ts'
import { type AlarmAbility, alarmComposite } from './alarm.ts'
import { type Composite, noSuchPart, type Values, type Written } from './base.ts'
import { type ClimateAbility, climateComposite } from './climate.ts'
import { type CoverAbility, coverComposite } from './cover.ts'
import { type FanAbility, fanComposite } from './fan.ts'
import { type HumidifierAbility, humidifierComposite } from './humidifier.ts'
import { type LightAbility, lightComposite } from './light.ts'
import { type LockAbility, lockComposite } from './lock.ts'
import { type SirenAbility, sirenComposite } from './siren.ts'
import { type VacuumAbility, vacuumComposite } from './vacuum.ts'

/** Abilities that several points make up together; each has a topic of its own. */
export type CompositeAbility =
  | LightAbility
  | CoverAbility
  | ClimateAbility
  | FanAbility
  | HumidifierAbility
  | VacuumAbility
  | LockAbility
  | SirenAbility
  | AlarmAbility

export type CompositeKind = CompositeAbility['kind']

const composites: { readonly [K in CompositeKind]: Composite<Extract<CompositeAbility, { kind: K }>> } = {
  light: lightComposite,
  cover: coverComposite,
  climate: climateComposite,
  fan: fanComposite,
  humidifier: humidifierComposite,
  vacuum: vacuumComposite,
  lock: lockComposite,
  siren: sirenComposite,
  alarm: alarmComposite,
}

function compositeOf(ability: CompositeAbility): Composite<CompositeAbility> {
  return composites[ability.kind] as Composite<CompositeAbility>
}

export function isComposite(ability: { readonly kind: string }): ability is CompositeAbility {
  return Object.hasOwn(composites, ability.kind)
}

/** What the entity topic says; undefined while too little is known. */
export function entityState(
  ability: CompositeAbility,
  values: Values,
): { readonly [key: string]: Json } | undefined {
  return compositeOf(ability).state(ability, values)
}

/** What can be written: '' for the entity itself, and its parts. */
export function entityParts(ability: CompositeAbility): readonly string[] {
  return compositeOf(ability).accepts(ability)
}

/** One atomic write, in shown values; or the sentence that says why not. */
export function writeEntity(
  ability: CompositeAbility,
  part: string,
  payload: string,
  values: Values,
): Written {
  if (!entityParts(ability).includes(part)) return noSuchPart(part)
  return compositeOf(ability).write(ability, part, payload, values)
}
