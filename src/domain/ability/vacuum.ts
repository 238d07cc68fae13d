import type { DataPoint, Json } from '../data-point.ts'
import {
  type AbilityBase,
  type AbilityRule,
  type Composite,
  flagAt,
  known,
  noSuchPart,
  ofType,
  present,
  textAt,
  type Values,
  type Written,
  whole,
  writable,
  writeWord,
} from './base.ts'

export interface VacuumAbility extends AbilityBase {
  readonly kind: 'vacuum'
  /** Starts and stops cleaning. */
  readonly go: DataPoint
  readonly pause?: DataPoint | undefined
  readonly charge?: DataPoint | undefined
  readonly seek?: DataPoint | undefined
  readonly status?: DataPoint | undefined
  readonly mode?: DataPoint | undefined
  readonly suction?: DataPoint | undefined
}

type Part = 'go' | 'pause' | 'charge' | 'seek' | 'status' | 'mode' | 'suction'
export type VacuumCodes = { readonly [part in Part]?: readonly string[] }

export function vacuum(name: string, codes: VacuumCodes): AbilityRule<VacuumAbility> {
  return (points) => {
    const go = points.find(codes.go ?? [], writable('boolean'))
    if (!go) return []
    const parts = {
      pause: points.find(codes.pause ?? [], writable('boolean')),
      charge: points.find(codes.charge ?? [], writable('boolean')),
      seek: points.find(codes.seek ?? [], writable('boolean')),
      status: points.find(codes.status ?? [], ofType('enum')),
      mode: points.find(codes.mode ?? [], writable('enum')),
      suction: points.find(codes.suction ?? [], writable('enum')),
    }
    const all = present([go, ...Object.values(parts)])
    return [{ kind: 'vacuum', key: 'vacuum', name, role: 'main', points: all, go, ...parts }]
  }
}

/** What its status words mean; the first that fits decides. */
const meanings: readonly (readonly [pattern: RegExp, state: string])[] = [
  [/fault|error/, 'error'],
  [/pause/, 'paused'],
  [/goto|go_?charge|return|back/, 'returning'],
  [/charg|dock|full/, 'docked'],
  [/stand_?by|sleep|idle|power_?off|stop/, 'idle'],
]

const chargeWords = ['chargego', 'charge_go', 'goto_charge']

function stateOf(ability: VacuumAbility, values: Values): string | undefined {
  if (flagAt(values, ability.pause) === true) return 'paused'
  const status = textAt(values, ability.status)?.toLowerCase()
  if (status !== undefined) return meanings.find(([pattern]) => pattern.test(status))?.[1] ?? 'cleaning'
  const going = flagAt(values, ability.go)
  return going === undefined ? undefined : going ? 'cleaning' : 'idle'
}

function state(ability: VacuumAbility, values: Values): { readonly [key: string]: Json } | undefined {
  const word = stateOf(ability, values)
  if (word === undefined) return undefined
  return known({ state: word, fan_speed: textAt(values, ability.suction) })
}

export type VacuumWord = 'start' | 'pause' | 'stop' | 'return_to_base' | 'locate'

/** What each word writes; undefined where the device has nothing for it. */
function writes(ability: VacuumAbility): Readonly<Record<VacuumWord, Record<string, Json> | undefined>> {
  const { go, pause, charge, seek, mode } = ability
  const word = chargeWords.find((one) => mode?.range?.includes(one))
  return {
    start: { [go.code]: true, ...(pause ? { [pause.code]: false } : {}) },
    pause: pause ? { [pause.code]: true } : { [go.code]: false },
    stop: { [go.code]: false },
    return_to_base: charge
      ? { [charge.code]: true }
      : mode && word !== undefined
        ? { [mode.code]: word }
        : undefined,
    locate: seek ? { [seek.code]: true } : undefined,
  }
}

export function vacuumWords(ability: VacuumAbility): readonly VacuumWord[] {
  const words: readonly VacuumWord[] = ['start', 'pause', 'stop', 'return_to_base', 'locate']
  return words.filter((word) => writes(ability)[word] !== undefined)
}

function write(ability: VacuumAbility, part: string, payload: string): Written {
  if (part === 'fan_speed') return writeWord(ability.suction, payload, part)
  if (part !== whole) return noSuchPart(part)
  const words = vacuumWords(ability)
  const word = words.find((one) => one === payload.trim())
  const values = word && writes(ability)[word]
  return values ? { values } : { fault: `A vacuum takes ${words.join(', ')}.` }
}

export const vacuumComposite: Composite<VacuumAbility> = {
  state,
  accepts: ({ suction }) => (suction ? [whole, 'fan_speed'] : [whole]),
  write,
}
