import type { DataPoint, Json } from '../data-point.ts'
import {
  type AbilityBase,
  type AbilityRule,
  type Composite,
  flagAt,
  known,
  noSuchPart,
  onOff,
  present,
  textAt,
  type Values,
  type Written,
  whole,
  writable,
  writeFlag,
  writeWord,
} from './base.ts'
import { shownRange, transfer } from './scale.ts'

export interface FanAbility extends AbilityBase {
  readonly kind: 'fan'
  readonly power: DataPoint
  /** Numbers, or words from slow to fast. */
  readonly speed?: DataPoint | undefined
  readonly mode?: DataPoint | undefined
  readonly oscillation?: DataPoint | undefined
  readonly direction?: DataPoint | undefined
}

type Part = 'power' | 'speed' | 'mode' | 'oscillation' | 'direction'
export type FanCodes = { readonly [part in Part]?: readonly string[] }

export function fan(name: string, codes: FanCodes): AbilityRule<FanAbility> {
  return (points) => {
    const power = points.find(codes.power ?? [], writable('boolean'))
    if (!power) return []
    const parts = {
      speed: points.find(codes.speed ?? [], writable('integer', 'enum')),
      mode: points.find(codes.mode ?? [], writable('enum')),
      oscillation: points.find(codes.oscillation ?? [], writable('boolean')),
      direction: points.find(codes.direction ?? [], writable('enum')),
    }
    const all = present([power, ...Object.values(parts)])
    return [{ kind: 'fan', key: 'fan', name, role: 'main', points: all, power, ...parts }]
  }
}

/** The words of a speed from slow to fast; what lets the device decide is none of them. */
function steps({ speed }: FanAbility): readonly string[] {
  return (speed?.range ?? []).filter((word) => word !== 'auto' && word !== 'off')
}

export function hasPercentage(ability: FanAbility): boolean {
  return ability.speed !== undefined && (ability.speed.type === 'integer' || steps(ability).length > 0)
}

export function fanPresets({ mode }: FanAbility): readonly string[] {
  return mode?.range ?? []
}

function percentage(ability: FanAbility, values: Values): number | undefined {
  const { speed } = ability
  const value = speed && values(speed.code)
  if (!speed || value === undefined || value === null) return undefined
  if (typeof value === 'number') return transfer(value, fullSpan(speed), { min: 0, max: 100 })
  const words = steps(ability)
  const at = words.indexOf(String(value))
  return at < 0 ? undefined : Math.round(((at + 1) / words.length) * 100)
}

/** The slowest step is not standing still: that is what the switch is for. */
function fullSpan(speed: DataPoint): { min: number; max: number } {
  const { min, max, step } = shownRange(speed, [1, 100])
  return { min: Math.min(0, min - step), max }
}

function state(ability: FanAbility, values: Values): { readonly [key: string]: Json } | undefined {
  const on = flagAt(values, ability.power)
  if (on === undefined) return undefined
  const oscillates = flagAt(values, ability.oscillation)
  return known({
    state: onOff(on),
    percentage: percentage(ability, values),
    preset_mode: textAt(values, ability.mode),
    oscillation: oscillates === undefined ? undefined : oscillates ? 'oscillate_on' : 'oscillate_off',
    direction: textAt(values, ability.direction),
  })
}

function write(ability: FanAbility, part: string, payload: string): Written {
  switch (part) {
    case whole:
      return writeFlag(ability.power, payload, 'A fan')
    case 'percentage':
      return writePercentage(ability, payload)
    case 'preset_mode':
      return writeWord(ability.mode, payload, part)
    case 'oscillation':
      return writeFlag(ability.oscillation, payload.replace(/^oscillate_/, ''), part)
    case 'direction':
      return writeWord(ability.direction, payload, part)
    default:
      return noSuchPart(part)
  }
}

function writePercentage(ability: FanAbility, payload: string): Written {
  const { speed, power } = ability
  const share = payload.trim() === '' ? Number.NaN : Number(payload)
  if (!speed || !hasPercentage(ability)) return noSuchPart('percentage')
  if (!(share >= 0 && share <= 100)) return { fault: 'percentage takes a number from 0 to 100.' }
  if (share === 0) return { values: { [power.code]: false } }
  const words = steps(ability)
  const { min } = shownRange(speed, [1, 100])
  const value: Json =
    speed.type === 'integer'
      ? Math.max(min, transfer(share, { min: 0, max: 100 }, fullSpan(speed)))
      : (words[Math.ceil((share / 100) * words.length) - 1] ?? '')
  return { values: { [power.code]: true, [speed.code]: value } }
}

function parts(ability: FanAbility): string[] {
  return [
    whole,
    ...(hasPercentage(ability) ? ['percentage'] : []),
    ...(ability.mode ? ['preset_mode'] : []),
    ...(ability.oscillation ? ['oscillation'] : []),
    ...(ability.direction ? ['direction'] : []),
  ]
}

export const fanComposite: Composite<FanAbility> = { state, accepts: parts, write }
