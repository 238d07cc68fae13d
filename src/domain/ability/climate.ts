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
  present,
  textAt,
  type Values,
  type Written,
  writable,
  writeFlag,
  writeNumber,
  writeWord,
} from './base.ts'

export type ClimateMode = 'off' | 'auto' | 'heat' | 'cool' | 'heat_cool' | 'dry' | 'fan_only'

export interface ClimateAbility extends AbilityBase {
  readonly kind: 'climate'
  /** What it does when it is on and its modes do not say. */
  readonly usual: ClimateMode
  readonly power?: DataPoint | undefined
  readonly target: DataPoint
  readonly current?: DataPoint | undefined
  readonly humidity?: DataPoint | undefined
  readonly mode?: DataPoint | undefined
  readonly fan?: DataPoint | undefined
  readonly swing?: DataPoint | undefined
  /** What it is doing. */
  readonly action?: DataPoint | undefined
}

type Part = 'power' | 'target' | 'current' | 'humidity' | 'mode' | 'fan' | 'swing' | 'action'
export type ClimateCodes = { readonly [part in Part]?: readonly string[] }

export function climate(name: string, usual: ClimateMode, codes: ClimateCodes): AbilityRule<ClimateAbility> {
  return (points) => {
    const target = points.find(codes.target ?? [], writable('integer'))
    if (!target) return []
    const parts = {
      power: points.find(codes.power ?? [], writable('boolean')),
      current: points.find(codes.current ?? [], ofType('integer')),
      humidity: points.find(codes.humidity ?? [], ofType('integer')),
      mode: points.find(codes.mode ?? [], writable('enum')),
      fan: points.find(codes.fan ?? [], writable('enum')),
      swing: points.find(codes.swing ?? [], writable('boolean', 'enum')),
      action: points.find(codes.action ?? [], ofType('enum', 'boolean')),
    }
    const all = present([target, ...Object.values(parts)])
    return [{ kind: 'climate', key: 'climate', name, role: 'main', points: all, usual, target, ...parts }]
  }
}

/** What the words of devices mean; `auto` heats and cools where the device can do both. */
const meanings: Readonly<Record<string, ClimateMode>> = {
  cold: 'cool',
  cool: 'cool',
  cooling: 'cool',
  freeze: 'cool',
  hot: 'heat',
  heat: 'heat',
  heating: 'heat',
  wet: 'dry',
  dry: 'dry',
  dehumidify: 'dry',
  wind: 'fan_only',
  fan: 'fan_only',
  fan_only: 'fan_only',
  off: 'off',
}

/** Mode by the device's own word. A device whose words name no way of heating or cooling has presets alone. */
function modesByWord({ mode }: ClimateAbility): ReadonlyMap<string, ClimateMode> {
  const words = mode?.range ?? []
  const found = new Map(
    words.flatMap((word) => {
      const meaning = meanings[word.toLowerCase()]
      return meaning ? [[word, meaning] as const] : []
    }),
  )
  const acts = [...found.values()].some((meaning) => meaning !== 'off')
  if (acts && words.includes('auto')) found.set('auto', 'heat_cool')
  return found
}

export function climateModes(ability: ClimateAbility): readonly ClimateMode[] {
  const modes = new Set<ClimateMode>(modesByWord(ability).values())
  if (![...modes].some((mode) => mode !== 'off')) modes.add(ability.usual)
  if (ability.power) modes.add('off')
  return [...modes].sort((a, b) => Number(b === 'off') - Number(a === 'off'))
}

/** Words of its modes that are no way of heating or cooling. */
export function climatePresets(ability: ClimateAbility): readonly string[] {
  const modes = modesByWord(ability)
  return (ability.mode?.range ?? []).filter((word) => !modes.has(word) && word !== 'none')
}

export function swingModes({ swing }: ClimateAbility): readonly string[] {
  if (!swing) return []
  return swing.type === 'boolean' ? ['off', 'on'] : (swing.range ?? [])
}

const actions: Readonly<Record<string, string>> = {
  heating: 'heating',
  hot: 'heating',
  warming: 'heating',
  open: 'heating',
  opened: 'heating',
  true: 'heating',
  cooling: 'cooling',
  cold: 'cooling',
  drying: 'drying',
  wet: 'drying',
  ventilation: 'fan',
  wind: 'fan',
  preheating: 'preheating',
}

function state(ability: ClimateAbility, values: Values): { readonly [key: string]: Json } | undefined {
  const mode = modeOf(ability, values)
  const target = numberAt(values, ability.target)
  if (mode === undefined && target === undefined) return undefined
  const word = textAt(values, ability.mode)
  const swing = ability.swing && values(ability.swing.code)
  return known({
    mode: mode ?? null,
    action: actionOf(ability, mode, values),
    temperature: target,
    current_temperature: numberAt(values, ability.current),
    humidity: numberAt(values, ability.humidity),
    fan_mode: textAt(values, ability.fan),
    preset_mode:
      climatePresets(ability).length === 0
        ? undefined
        : word !== undefined && climatePresets(ability).includes(word)
          ? word
          : null,
    swing_mode: typeof swing === 'boolean' ? (swing ? 'on' : 'off') : (swing ?? undefined),
  })
}

function modeOf(ability: ClimateAbility, values: Values): ClimateMode | undefined {
  const on = flagAt(values, ability.power)
  if (on === false) return 'off'
  if (ability.power && on === undefined) return undefined
  const word = textAt(values, ability.mode)
  const mode = word === undefined ? undefined : modesByWord(ability).get(word)
  return mode ?? climateModes(ability).find((one) => one !== 'off')
}

function actionOf(ability: ClimateAbility, mode: ClimateMode | undefined, values: Values): Json | undefined {
  if (!ability.action) return undefined
  if (mode === 'off') return 'off'
  const said = values(ability.action.code)
  if (said === undefined || said === null) return undefined
  return actions[String(said).toLowerCase()] ?? 'idle'
}

function write(ability: ClimateAbility, part: string, payload: string): Written {
  switch (part) {
    case 'temperature':
      return writeNumber(ability.target, payload, part)
    case 'fan_mode':
      return writeWord(ability.fan, payload, part)
    case 'preset_mode':
      return climatePresets(ability).includes(payload)
        ? writeWord(ability.mode, payload, part)
        : { fault: `preset_mode takes ${climatePresets(ability).join(', ')}.` }
    case 'swing_mode':
      return ability.swing?.type === 'boolean'
        ? writeFlag(ability.swing, payload, part)
        : writeWord(ability.swing, payload, part)
    case 'power':
      return writeFlag(ability.power, payload, part)
    case 'mode':
      return writeMode(ability, payload)
    default:
      return noSuchPart(part)
  }
}

function writeMode(ability: ClimateAbility, payload: string): Written {
  const { power, mode } = ability
  if (payload === 'off' && power) return { values: { [power.code]: false } }
  const modes = climateModes(ability)
  const asked = modes.find((one) => one === payload)
  if (asked === undefined) return { fault: `mode takes ${modes.join(', ')}.` }
  const word = [...modesByWord(ability)].find(([, meaning]) => meaning === asked)?.[0]
  return {
    values: {
      ...(power ? { [power.code]: true } : {}),
      ...(mode && word !== undefined ? { [mode.code]: word } : {}),
    },
  }
}

function parts(ability: ClimateAbility): string[] {
  const { power, mode, fan, swing } = ability
  return [
    'temperature',
    ...(power || mode ? ['mode'] : []),
    ...(fan ? ['fan_mode'] : []),
    ...(climatePresets(ability).length > 0 ? ['preset_mode'] : []),
    ...(swing ? ['swing_mode'] : []),
    ...(power ? ['power'] : []),
  ]
}

export const climateComposite: Composite<ClimateAbility> = { state, accepts: parts, write }
