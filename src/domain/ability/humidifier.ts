import type { DataPoint, Json } from '../data-point.ts'
import {
  type AbilityBase,
  type AbilityRule,
  type Composite,
  flagAt,
  known,
  noSuchPart,
  numberAt,
  ofType,
  onOff,
  present,
  textAt,
  type Values,
  type Written,
  whole,
  writable,
  writeFlag,
  writeNumber,
  writeWord,
} from './base.ts'

export interface HumidifierAbility extends AbilityBase {
  readonly kind: 'humidifier'
  readonly dries: boolean
  readonly power: DataPoint
  readonly target: DataPoint
  readonly current?: DataPoint | undefined
  readonly mode?: DataPoint | undefined
}

export type HumidifierCodes = {
  readonly [part in 'power' | 'target' | 'current' | 'mode']?: readonly string[]
}

export function humidifier(
  name: string,
  codes: HumidifierCodes,
  dries = false,
): AbilityRule<HumidifierAbility> {
  return (points) => {
    const power = points.find(codes.power ?? [], writable('boolean'))
    const target = points.find(codes.target ?? [], writable('integer'))
    if (!power || !target) return []
    const current = points.find(codes.current ?? [], ofType('integer'))
    const mode = points.find(codes.mode ?? [], writable('enum'))
    const all = present([power, target, current, mode])
    return [
      {
        kind: 'humidifier',
        key: 'humidifier',
        name,
        role: 'main',
        points: all,
        dries,
        power,
        target,
        current,
        mode,
      },
    ]
  }
}

function state(ability: HumidifierAbility, values: Values): { readonly [key: string]: Json } | undefined {
  const on = flagAt(values, ability.power)
  if (on === undefined) return undefined
  return known({
    state: onOff(on),
    target: numberAt(values, ability.target),
    current: numberAt(values, ability.current),
    mode: textAt(values, ability.mode),
  })
}

function write(ability: HumidifierAbility, part: string, payload: string): Written {
  switch (part) {
    case whole:
      return writeFlag(ability.power, payload, 'A humidifier')
    case 'target':
      return writeNumber(ability.target, payload, part)
    case 'mode':
      return writeWord(ability.mode, payload, part)
    default:
      return noSuchPart(part)
  }
}

export const humidifierComposite: Composite<HumidifierAbility> = {
  state,
  accepts: ({ mode }) => [whole, 'target', ...(mode ? ['mode'] : [])],
  write,
}
