import type { DataPoint } from '../data-point.ts'
import {
  type AbilityBase,
  type AbilityRule,
  type Composite,
  noSuchPart,
  textAt,
  type Written,
  whole,
  writable,
} from './base.ts'

export interface AlarmAbility extends AbilityBase {
  readonly kind: 'alarm'
  readonly mode: DataPoint
}

export function alarm(name: string, codes: readonly string[]): AbilityRule<AlarmAbility> {
  return (points) => {
    const mode = points.find(codes, writable('enum'))
    return mode ? [{ kind: 'alarm', key: 'alarm', name, role: 'main', points: [mode], mode }] : []
  }
}

const states: Readonly<Record<string, string>> = {
  disarmed: 'disarmed',
  arm: 'armed_away',
  home: 'armed_home',
  sos: 'triggered',
}

const words: Readonly<Record<string, string>> = {
  DISARM: 'disarmed',
  ARM_AWAY: 'arm',
  ARM_HOME: 'home',
  TRIGGER: 'sos',
}

/** Which commands the device has a word for. */
export function alarmWords({ mode }: AlarmAbility): readonly string[] {
  return Object.entries(words).flatMap(([word, own]) => (mode.range?.includes(own) ? [word] : []))
}

function write(ability: AlarmAbility, part: string, payload: string): Written {
  if (part !== whole) return noSuchPart(part)
  const word = alarmWords(ability).find((one) => one === payload.trim().toUpperCase())
  const own = word === undefined ? undefined : words[word]
  return own === undefined
    ? { fault: `An alarm takes ${alarmWords(ability).join(', ')}.` }
    : { values: { [ability.mode.code]: own } }
}

export const alarmComposite: Composite<AlarmAbility> = {
  state: ({ mode }, values) => {
    const word = textAt(values, mode)
    const said = word === undefined ? undefined : states[word]
    return said === undefined ? undefined : { state: said }
  },
  accepts: () => [whole],
  write,
}
