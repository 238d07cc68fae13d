import { isRecord, own } from '../../util/json.ts'
import type { DataPoint, Json } from '../data-point.ts'
import {
  type AbilityBase,
  type AbilityRule,
  type Composite,
  flagAt,
  known,
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
import { type Span, shownRange, transfer } from './scale.ts'

export interface LightAbility extends AbilityBase {
  readonly kind: 'light'
  readonly power: DataPoint
  readonly mode?: DataPoint | undefined
  readonly brightness?: DataPoint | undefined
  readonly temperature?: DataPoint | undefined
  readonly colour?: DataPoint | undefined
}

export type LightCodes = {
  readonly [part in 'power' | 'mode' | 'brightness' | 'temperature' | 'colour']?: readonly string[]
}

/** A light for each of the switches; the first one that has a brightness or a colour of its own is the lamp itself. */
export function light(key: string, name: string, codes: LightCodes): AbilityRule<LightAbility> {
  return (points) => {
    const power = points.find(codes.power ?? [], writable('boolean'))
    if (!power) return []
    const mode = points.find(codes.mode ?? [], writable('enum'))
    const brightness = points.find(codes.brightness ?? [], writable('integer'))
    const temperature = points.find(codes.temperature ?? [], writable('integer'))
    const colour = points.find(codes.colour ?? [], (point) => ofType('json')(point) && point.colour !== null)
    const all = present([power, mode, brightness, temperature, colour])
    return [
      { kind: 'light', key, name, role: 'main', points: all, power, mode, brightness, temperature, colour },
    ]
  }
}

/** Warm and cold end of what a lamp tells in numbers without a unit. */
export const kelvin = { min: 2000, max: 6500 } as const

const brightnessSpan: Span = { min: 1, max: 255 }

export type LightMode = 'onoff' | 'brightness' | 'color_temp' | 'hs' | 'white'

/** The ways in which it can shine, in the words of the entity topics. */
export function lightModes({ brightness, temperature, colour }: LightAbility): readonly LightMode[] {
  if (colour) return temperature ? ['color_temp', 'hs'] : brightness ? ['white', 'hs'] : ['hs']
  if (temperature) return ['color_temp']
  return brightness ? ['brightness'] : ['onoff']
}

/** Modes besides white and colour: scenes, music. */
export function lightEffects({ mode }: LightAbility): readonly string[] {
  return (mode?.range ?? []).filter((word) => word !== 'white' && word !== 'colour')
}

interface Colour {
  readonly h: number
  readonly s: number
  readonly v: number
}

function colourAt(values: Values, point: DataPoint | undefined): Colour | undefined {
  const value = point && values(point.code)
  if (!isRecord(value)) return undefined
  const [h, s, v] = [own(value, 'h'), own(value, 's'), own(value, 'v')]
  return typeof h === 'number' && typeof s === 'number' && typeof v === 'number' ? { h, s, v } : undefined
}

function isColoured(ability: LightAbility, values: Values): boolean {
  if (!ability.colour) return false
  const mode = textAt(values, ability.mode)
  return mode === 'colour' || (mode === undefined && !ability.brightness)
}

function state(ability: LightAbility, values: Values): { readonly [key: string]: Json } | undefined {
  const on = flagAt(values, ability.power)
  if (on === undefined) return undefined
  const effects = lightEffects(ability)
  const mode = textAt(values, ability.mode)
  const effect = effects.length === 0 ? undefined : mode !== undefined && effects.includes(mode) ? mode : null
  return known({
    state: onOff(on),
    ...(isColoured(ability, values) ? colourState(ability, values) : whiteState(ability, values)),
    effect,
  })
}

function colourState({ colour }: LightAbility, values: Values): Record<string, Json> {
  const now = colourAt(values, colour)
  const range = colour?.colour
  if (!now || !range) return {}
  const share = (value: number, most: number) => Math.min(Math.max(value / most, 0), 1)
  return {
    color_mode: 'hs',
    color: { h: Math.round(now.h), s: Math.round(share(now.s, range.s) * 100) },
    brightness: transfer(now.v, { min: 0, max: range.v }, { min: 0, max: 255 }),
  }
}

function whiteState(ability: LightAbility, values: Values): Record<string, Json | undefined> {
  const { brightness, temperature } = ability
  const modes = lightModes(ability)
  const level = numberAt(values, brightness)
  const shade = numberAt(values, temperature)
  const mode =
    temperature && shade !== undefined
      ? 'color_temp'
      : (modes.find((one) => one !== 'hs' && one !== 'color_temp') ?? undefined)
  return {
    color_mode: mode,
    brightness:
      brightness && level !== undefined
        ? transfer(level, shownRange(brightness, [0, 1000]), brightnessSpan)
        : undefined,
    color_temp:
      temperature && shade !== undefined
        ? transfer(shade, shownRange(temperature, [0, 1000]), kelvin)
        : undefined,
  }
}

interface Asked {
  readonly state?: boolean
  readonly brightness?: number
  readonly color?: { readonly h: number; readonly s: number }
  readonly color_temp?: number
  readonly effect?: string
}

function write(ability: LightAbility, part: string, payload: string, values: Values): Written {
  if (part !== whole) return { fault: `A light has no part ${part}.` }
  const asked = readAsked(payload)
  if (typeof asked === 'string') return { fault: asked }
  if (asked.state === false || asked.brightness === 0) return { values: { [ability.power.code]: false } }
  const written = { ...look(ability, asked, values) }
  if (asked.state === true || Object.keys(written).length > 0) written[ability.power.code] = true
  return Object.keys(written).length > 0 ? { values: written } : { fault: 'The light takes none of that.' }
}

/** What is written besides the switch. */
function look(ability: LightAbility, asked: Asked, values: Values): Record<string, Json> {
  const { mode, colour, brightness, temperature } = ability
  const turn = (word: string): Record<string, Json> =>
    mode && (mode.range === null || mode.range.includes(word)) ? { [mode.code]: word } : {}
  if (asked.effect !== undefined && lightEffects(ability).includes(asked.effect)) return turn(asked.effect)
  if (colour?.colour && (asked.color || (asked.brightness !== undefined && isColoured(ability, values)))) {
    return { ...turn('colour'), [colour.code]: { ...shade(ability, colour.colour, asked, values) } }
  }
  const written: Record<string, Json> = {}
  if (asked.color_temp !== undefined && temperature) {
    Object.assign(written, turn('white'))
    written[temperature.code] = transfer(asked.color_temp, kelvin, shownRange(temperature, [0, 1000]))
  }
  if (asked.brightness !== undefined && brightness)
    written[brightness.code] = transfer(asked.brightness, brightnessSpan, shownRange(brightness, [0, 1000]))
  return written
}

/** A colour with what was not asked for as it is. */
function shade(ability: LightAbility, range: Colour, asked: Asked, values: Values): Colour {
  const now = colourAt(values, ability.colour)
  const shown = state(ability, values)?.['brightness']
  const brightness = asked.brightness ?? (typeof shown === 'number' ? shown : 255)
  return {
    h: asked.color ? Math.round(asked.color.h) : (now?.h ?? 0),
    s: asked.color ? Math.round((asked.color.s / 100) * range.s) : (now?.s ?? 0),
    v: transfer(brightness, { min: 0, max: 255 }, { min: 0, max: range.v }),
  }
}

/** `ON`, `OFF`, or an object with what changes; the sentence that says what is wrong with it. */
function readAsked(payload: string): Asked | string {
  const on = readOnOff(payload)
  if (on !== undefined) return { state: on }
  const message = readMembers(payload)
  if (!message) return 'A light takes ON, OFF, or an object like {"state":"ON","brightness":128}.'
  const number = (key: string): number | undefined => {
    const value = own(message, key)
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  }
  const colour = own(message, 'color')
  const [h, s] = isRecord(colour) ? [own(colour, 'h'), own(colour, 's')] : []
  const effect = own(message, 'effect')
  const brightness = number('brightness') ?? number('white')
  const temperature = number('color_temp')
  const state = readOnOff(String(own(message, 'state') ?? ''))
  return {
    ...(state === undefined ? {} : { state }),
    ...(brightness === undefined ? {} : { brightness }),
    ...(temperature === undefined ? {} : { color_temp: temperature }),
    ...(typeof h === 'number' && typeof s === 'number' ? { color: { h, s } } : {}),
    ...(typeof effect === 'string' ? { effect } : {}),
  }
}

export const lightComposite: Composite<LightAbility> = { state, accepts: () => [whole], write }
