import type { DataPoint, Json } from '../data-point.ts'
import {
  type AbilityBase,
  type AbilityRule,
  type Composite,
  known,
  noSuchPart,
  numberAt,
  ofType,
  present,
  textAt,
  type Values,
  type Written,
  whole,
  writable,
  writeNumber,
} from './base.ts'

export interface CoverAbility extends AbilityBase {
  readonly kind: 'cover'
  readonly garage: boolean
  /** A word that opens, closes, stops. */
  readonly control?: DataPoint | undefined
  /** A switch that opens and closes, where there is no such word. */
  readonly toggle?: DataPoint | undefined
  /** Where it shall go, 0 closed to 100 open. */
  readonly target?: DataPoint | undefined
  /** Where it is. */
  readonly position?: DataPoint | undefined
  /** `fully_open`, `fully_close`, or an open door as true. */
  readonly situation?: DataPoint | undefined
}

export type CoverCodes = {
  readonly [part in 'control' | 'toggle' | 'target' | 'position' | 'situation']?: readonly string[]
}

export function cover(
  key: string,
  name: string,
  codes: CoverCodes,
  garage = false,
): AbilityRule<CoverAbility> {
  return (points) => {
    const control = points.find(codes.control ?? [], writable('enum'))
    const toggle = control ? undefined : points.find(codes.toggle ?? [], writable('boolean'))
    const target = points.find(codes.target ?? [], writable('integer'))
    if (!control && !target && !toggle) return []
    const position = points.find(codes.position ?? [], ofType('integer'))
    const situation = points.find(codes.situation ?? [], ofType('enum', 'boolean'))
    const all = present([control, toggle, target, position, situation])
    return [
      {
        kind: 'cover',
        key,
        name,
        role: 'main',
        points: all,
        garage,
        control,
        toggle,
        target,
        position,
        situation,
      },
    ]
  }
}

/** What opens, closes and stops it, in the spellings of old and new motors. */
const spellings = {
  OPEN: ['open', 'FZ', 'on', '1'],
  CLOSE: ['close', 'ZZ', 'off', '2'],
  STOP: ['stop', 'STOP', 'pause', '3'],
} as const

export type CoverWord = keyof typeof spellings

function spelling({ control }: CoverAbility, word: CoverWord): string | undefined {
  return spellings[word].find((one) => control?.range?.includes(one) ?? one === spellings[word][0])
}

/** What a word of its control does; undefined for one that does something else. */
export function coverMeaning(ability: CoverAbility, word: string): CoverWord | undefined {
  return coverWords(ability).find((one) => spelling(ability, one) === word)
}

/** Which of the words it takes. */
export function coverWords(ability: CoverAbility): readonly CoverWord[] {
  if (ability.control)
    return (['OPEN', 'CLOSE', 'STOP'] as const).filter((word) => spelling(ability, word) !== undefined)
  return ['OPEN', 'CLOSE']
}

export function hasPosition({ target, position }: CoverAbility): boolean {
  return (target ?? position) !== undefined
}

function state(ability: CoverAbility, values: Values): { readonly [key: string]: Json } | undefined {
  const position = numberAt(values, ability.position) ?? numberAt(values, ability.target)
  const word = position === undefined ? wordOf(ability, values) : motion(ability, position, values)
  return position === undefined && word === undefined ? undefined : known({ state: word ?? null, position })
}

/** Motors keep the last word that moved them; whether they still move shows in where they are. */
function motion(ability: CoverAbility, position: number, values: Values): string {
  const rest = position <= 0 ? 'closed' : 'open'
  const control = textAt(values, ability.control)
  if (!ability.position || control === spelling(ability, 'STOP')) return rest
  const target = numberAt(values, ability.target)
  if (target === undefined || target === position) return rest
  return target > position ? 'opening' : 'closing'
}

/** Without a position the last word is all that is known. */
function wordOf(ability: CoverAbility, values: Values): string | undefined {
  const situation = ability.situation && values(ability.situation.code)
  if (typeof situation === 'boolean') return situation ? 'open' : 'closed'
  if (typeof situation === 'string') return /close/.test(situation) ? 'closed' : 'open'
  const toggle = ability.toggle && values(ability.toggle.code)
  if (typeof toggle === 'boolean') return toggle ? 'open' : 'closed'
  const control = textAt(values, ability.control)
  if (control === undefined) return undefined
  if (control === spelling(ability, 'OPEN')) return 'open'
  return control === spelling(ability, 'CLOSE') ? 'closed' : undefined
}

function write(ability: CoverAbility, part: string, payload: string): Written {
  if (part === 'position') return writeNumber(ability.target, payload, part)
  if (part !== whole) return noSuchPart(part)
  const word = payload.trim().toUpperCase()
  if (word !== 'OPEN' && word !== 'CLOSE' && word !== 'STOP')
    return { fault: 'A cover takes OPEN, CLOSE or STOP.' }
  const { control, toggle, target } = ability
  const spelt = spelling(ability, word)
  if (control && spelt !== undefined) return { values: { [control.code]: spelt } }
  if (word === 'STOP') return { fault: 'This cover cannot be stopped.' }
  if (toggle) return { values: { [toggle.code]: word === 'OPEN' } }
  return target ? { values: { [target.code]: word === 'OPEN' ? 100 : 0 } } : noSuchPart(whole)
}

export const coverComposite: Composite<CoverAbility> = {
  state,
  accepts: ({ target }) => (target ? [whole, 'position'] : [whole]),
  write,
}
