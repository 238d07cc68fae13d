import type { DataPoint } from '../data-point.ts'
import { momentaryData, momentaryKind } from '../momentary.ts'
import { readableName } from './name.ts'
import type { EventAbility } from './simple.ts'

/** What momentary points tell: one ability for each, but a single one for all the ways in which a door is unlocked. */
export function eventAbilities(points: readonly DataPoint[]): readonly EventAbility[] {
  const told = points.filter(({ momentary, access }) => momentary && access !== 'wo')
  const unlocks = told.filter(({ code }) => momentaryKind(code) === 'unlock')
  const others = told.filter((point) => !unlocks.includes(point))
  return [...(unlocks.length > 0 ? [unlocking(unlocks)] : []), ...others.flatMap(happening)]
}

function unlocking(points: readonly DataPoint[]): EventAbility {
  const types = points.map(({ code }) => code.slice('unlock_'.length))
  return {
    kind: 'event',
    key: 'unlock',
    name: 'Unlock',
    role: 'main',
    points,
    happens: 'unlock',
    code: null,
    types,
  }
}

function happening(point: DataPoint): readonly EventAbility[] {
  const happens = momentaryKind(point.code)
  const types = typesOf(point)
  if (types.length === 0) return []
  const { code } = point
  const name = readableName(point)
  return [{ kind: 'event', key: code, name, role: 'main', points: [point], happens, code, types }]
}

/** The words of a press or an alarm; a ring is just that. What can be any text is nothing to choose from. */
function typesOf(point: DataPoint): readonly string[] {
  const { code, type, range } = point
  const happens = momentaryKind(code)
  if (type === 'boolean') return [happens === 'doorbell' ? 'ring' : happens]
  if (type !== 'enum' || !range) return []
  if (happens !== 'button') return range
  return [...new Set(range.map((word) => String(momentaryData(code, word)['gesture'] ?? word)))]
}
