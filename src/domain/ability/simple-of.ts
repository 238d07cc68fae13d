import type { DataPoint } from '../data-point.ts'
import { isPortion } from '../energy.ts'
import { holdsMedia } from '../momentary.ts'
import { usualUnit } from '../unit.ts'
import { type AbilityBase, isWritable } from './base.ts'
import { type Hint, measuresByUnit } from './hint.ts'
import { readableName } from './name.ts'
import type { BinaryAbility, SensorAbility, SimpleAbility, SimpleKind } from './simple.ts'

/** What a data point that no composite ability has claimed is good for; nothing for what only machines can read. */
export function simpleAbilities(point: DataPoint, hint: Hint): readonly SimpleAbility[] {
  if (isPhase(point)) return phaseSensors(point, hint)
  const kind = kindOf(point, hint)
  const base = baseOf(point, hint, kind)
  switch (kind) {
    case undefined:
      return []
    case 'switch':
      return [{ kind, ...base, point, outlet: hint.outlet ?? false }]
    case 'valve':
    case 'button':
    case 'text':
      return [{ kind, ...base, point }]
    case 'number':
      return [{ kind, ...base, point, measures: measuresOf(point, hint), unit: unitOf(point, hint) }]
    case 'select':
      return [{ kind, ...base, point, options: point.range ?? [] }]
    case 'binary':
      return [{ kind, ...base, point, ...binaryWords(point, hint), measures: hint.holds ?? null }]
    case 'sensor':
      return [sensor(point, hint, base)]
  }
}

const phaseCode = /^phase_[a-c]$/

function isPhase(point: DataPoint): boolean {
  return phaseCode.test(point.code) && (point.type === 'raw' || point.type === 'json')
}

const phaseUnits = { voltage: 'V', current: 'A', power: 'kW' } as const

function phaseSensors(point: DataPoint, hint: Hint): SensorAbility[] {
  const { quiet: _, ...base } = baseOf(point, hint, 'sensor')
  return Object.entries(phaseUnits).map(([view, unit]) => ({
    kind: 'sensor',
    ...base,
    role: 'usual' as const,
    key: `${point.code}_${view}`,
    name: `${base.name} ${view}`,
    point,
    view,
    measures: view,
    counts: 'momentary',
    unit,
    options: null,
  }))
}

/** By a correction, by what is known of the code, by type and access. */
function kindOf(point: DataPoint, hint: Hint): SimpleKind | undefined {
  const wanted = point.ability ?? hint.as
  if (wanted !== undefined && canBe(point, wanted)) return wanted
  if (isWritable(point)) return writableKind(point)
  if (point.momentary || holdsMedia(point.code)) return undefined
  if (point.type === 'bitmap') return 'binary'
  if (point.type === 'boolean' || (point.type === 'enum' && saysOn(point, hint))) return 'binary'
  return 'sensor'
}

/** A device with other words than those that are known is told word by word. */
function saysOn({ range }: DataPoint, { on }: Hint): boolean {
  return on !== undefined && (range ?? []).some((word) => on.includes(word))
}

function writableKind(point: DataPoint): SimpleKind | undefined {
  const once = point.access === 'wo'
  switch (point.type) {
    case 'boolean':
      return once ? 'button' : 'switch'
    case 'integer':
      return 'number'
    case 'enum':
      return (point.range?.length ?? 0) > 0 ? 'select' : 'text'
    case 'string':
      return 'text'
    case 'bitmap':
      return 'binary'
    case 'json':
    case 'raw':
    case 'unknown':
      return once ? undefined : 'sensor'
  }
}

function canBe(point: DataPoint, kind: SimpleKind): boolean {
  const { type, range } = point
  switch (kind) {
    case 'switch':
    case 'valve':
    case 'button':
      return type === 'boolean' && isWritable(point)
    case 'number':
      return type === 'integer' && isWritable(point)
    case 'select':
      return type === 'enum' && (range?.length ?? 0) > 0 && isWritable(point)
    case 'text':
      return (type === 'string' || type === 'enum') && isWritable(point)
    case 'binary':
      return type === 'boolean' || type === 'bitmap' || (type === 'enum' && (range?.length ?? 0) > 1)
    case 'sensor':
      return point.access !== 'wo'
  }
}

function baseOf(point: DataPoint, hint: Hint, kind: SimpleKind | undefined): AbilityBase {
  const isTold = kind === 'sensor' || kind === 'binary'
  const isSet = kind !== undefined && !isTold && kind !== 'valve'
  const quiet = (hint.quiet ?? false) || isOpaque(point)
  const role = hint.role ?? (isOpaque(point) ? 'diagnostic' : isSet ? 'config' : 'usual')
  return {
    key: point.code,
    name: readableName(point),
    points: [point],
    // What is only told is nothing to set up.
    role: isTold && role === 'config' ? 'diagnostic' : role,
    ...(quiet ? { quiet: true as const } : {}),
  }
}

/** What only its makers can read. */
function isOpaque({ type, access }: DataPoint): boolean {
  return type === 'raw' || type === 'unknown' || type === 'json' || (type === 'string' && access === 'ro')
}

function measuresOf(point: DataPoint, hint: Hint): string | null {
  return hint.measures ?? measuresByUnit[usualUnit(point.unit) ?? ''] ?? null
}

function unitOf(point: DataPoint, hint: Hint): string | null {
  return usualUnit(point.unit) ?? hint.unit ?? null
}

function sensor(point: DataPoint, hint: Hint, base: AbilityBase): SensorAbility {
  const isNumber = point.type === 'integer'
  return {
    kind: 'sensor',
    ...base,
    point,
    view: isPortion(point) ? 'total' : null,
    // Words have no unit that could tell.
    measures: isNumber ? measuresOf(point, hint) : (hint.measures ?? null),
    counts: isNumber ? (hint.grows ? 'up' : 'momentary') : null,
    unit: isNumber ? unitOf(point, hint) : null,
    options: point.type === 'enum' ? point.range : null,
  }
}

function binaryWords(point: DataPoint, hint: Hint): Pick<BinaryAbility, 'on' | 'off' | 'view'> {
  if (point.type === 'bitmap') return { on: ['true'], off: ['false'], view: 'active' }
  if (point.type !== 'enum') return { on: ['true'], off: ['false'], view: null }
  const words = point.range ?? []
  const known = words.filter((word) => hint.on?.includes(word))
  const on = known.length > 0 ? known : words.slice(0, 1)
  return { on, off: words.filter((word) => !on.includes(word)), view: null }
}
