import { own } from '../../util/json.ts'
import type { DataPoint, Json } from '../data-point.ts'
import {
  type AbilityBase,
  type AbilityRule,
  type Composite,
  known,
  noSuchPart,
  numberAt,
  ofType,
  onOff,
  present,
  readMembers,
  readOnOff,
  textAt,
  type Values,
  type Written,
  whole,
  writable,
} from './base.ts'

export interface SirenAbility extends AbilityBase {
  readonly kind: 'siren'
  readonly power: DataPoint
  readonly tone?: DataPoint | undefined
  readonly duration?: DataPoint | undefined
}

export type SirenCodes = { readonly [part in 'power' | 'tone' | 'duration']?: readonly string[] }

export function siren(name: string, codes: SirenCodes): AbilityRule<SirenAbility> {
  return (points) => {
    const power = points.find(codes.power ?? [], writable('boolean'))
    if (!power) return []
    const tone = points.find(codes.tone ?? [], writable('enum'))
    const duration = points.find(codes.duration ?? [], (point) => ofType('integer')(point))
    const all = present([power, tone, duration])
    return [{ kind: 'siren', key: 'siren', name, role: 'main', points: all, power, tone, duration }]
  }
}

function state(ability: SirenAbility, values: Values): { readonly [key: string]: Json } | undefined {
  const on = values(ability.power.code)
  if (typeof on !== 'boolean') return undefined
  return known({
    state: onOff(on),
    tone: textAt(values, ability.tone),
    duration: numberAt(values, ability.duration),
  })
}

function write(ability: SirenAbility, part: string, payload: string): Written {
  if (part !== whole) return noSuchPart(part)
  const on = readOnOff(payload)
  if (on !== undefined) return { values: { [ability.power.code]: on } }
  const message = readMembers(payload)
  if (!message) return { fault: 'A siren takes ON, OFF, or an object like {"state":"ON"}.' }
  const values: Record<string, Json> = {}
  const state = readOnOff(String(own(message, 'state') ?? ''))
  const [tone, duration] = [own(message, 'tone'), own(message, 'duration')]
  if (typeof tone === 'string' && ability.tone) values[ability.tone.code] = tone
  if (typeof duration === 'number' && ability.duration) values[ability.duration.code] = duration
  if (state !== undefined) values[ability.power.code] = state
  return Object.keys(values).length > 0 ? { values } : { fault: 'The siren takes none of that.' }
}

export const sirenComposite: Composite<SirenAbility> = { state, accepts: () => [whole], write }
