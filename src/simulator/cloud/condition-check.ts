import { plainCode } from '../../domain/condition.ts'
import { parseRule } from '../../domain/condition-rule.ts'
import { areLoops, dayOf, isOnce, isTimeZone, minutesOf } from '../../domain/schedule.ts'
import { asNumber, own } from '../../util/json.ts'
import type { Random } from '../../util/random.ts'
import { pointOf } from '../world/device.ts'
import type { SimHome } from '../world/home.ts'
import { limit } from '../world/limit.ts'
import { entityType, type SimCondition, type SimPrecondition } from '../world/rule.ts'
import { weatherCategory } from '../world/weather.ts'
import type { DpEntry } from '../world-file.ts'
import { accepts } from './accept.ts'
import { illegal, missing } from './given.ts'
import { Refusal } from './refusal.ts'
import { objectOf, type Row, textOf, tooMany } from './rule-check.ts'
import type { Calling } from './serve.ts'

/**
 * The conditions of an automation; throws Refusal. External ones get their id here, unless they had one in the
 * conditions that they replace.
 */
export function checkedConditions(
  calling: Calling,
  home: SimHome,
  rows: readonly Row[],
  before: readonly SimCondition[],
): readonly SimCondition[] {
  if (rows.length === 0) throw missing()
  if (rows.length > limit.conditions) throw tooMany()
  const conditions = rows.map((row) => conditionOf(calling, home, row, before))
  const numbers = conditions.map(({ order_num }) => order_num)
  if (new Set(numbers).size !== numbers.length) throw illegal()
  return conditions
}

function conditionOf(
  calling: Calling,
  home: SimHome,
  row: Row,
  before: readonly SimCondition[],
): SimCondition {
  const type = integerOf(row, 'entity_type')
  const order_num = integerOf(row, 'order_num')
  const display = objectOf(row, 'display')
  if (order_num < 1) throw illegal()
  const entity_id = entityIdOf(calling, home, type, row, display, before)
  return { entity_type: type, entity_id, order_num, display }
}

/** Checks what is watched, and says by which id. */
function entityIdOf(
  { world, random }: Calling,
  home: SimHome,
  type: number,
  row: Row,
  display: Row,
  before: readonly SimCondition[],
): string {
  switch (type) {
    case entityType.device: {
      const device = world.devices.get(textOf(row, 'entity_id'))
      if (device?.homeId !== home.id) throw new Refusal(1106, 'permission deny')
      const dp = pointOf(device, textOf(display, 'code'))
      if (!dp || dp.access === 'wo') throw illegal()
      checkPoint(dp, textOf(display, 'operator'), comparedValue(display))
      return device.id
    }
    case entityType.weather:
      checkWeather(display)
      return textOf(row, 'entity_id')
    case entityType.timer:
      checkTimer(display)
      return 'timer'
    case entityType.external: {
      textOf(display, 'code')
      if (!['<', '==', '>'].includes(textOf(display, 'operator'))) throw illegal()
      comparedValue(display)
      const given = own(row, 'entity_id')
      const known = before.some(({ entity_id, entity_type }) => entity_type === type && entity_id === given)
      return known ? (given as string) : externalId(random)
    }
    default:
      throw illegal()
  }
}

const operatorsOf: Readonly<Partial<Record<DpEntry['type'], readonly string[]>>> = {
  Boolean: ['=='],
  Integer: ['<', '==', '>'],
  Enum: ['=='],
}

function checkPoint(dp: DpEntry, operator: string, value: unknown): void {
  if (!operatorsOf[dp.type]?.includes(operator) || !accepts(dp, typed(dp, value))) throw illegal()
}

/** "20" is taken for 20, "true" for true. */
function typed(dp: DpEntry, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (dp.type === 'Integer') return asNumber(value)
  return dp.type === 'Boolean' && (value === 'true' || value === 'false') ? value === 'true' : value
}

function checkWeather(display: Row): void {
  const kind = weatherCategory(plainCode(textOf(display, 'code')))
  const operators: readonly string[] = kind?.operators ?? []
  if (!kind || !operators.includes(textOf(display, 'operator'))) throw illegal()
  const value = comparedValue(display)
  const { property } = kind
  if ('range' in property) {
    if (!(property.range as readonly unknown[]).includes(value)) throw illegal()
    return
  }
  const number = asNumber(value)
  if (!Number.isInteger(number) || number < property.min || number > property.max) throw illegal()
}

function checkTimer(display: Row): void {
  const loops = textOf(display, 'loops')
  checkZone(display)
  if (!areLoops(loops) || minutesOf(textOf(display, 'time')) === undefined) throw illegal()
  if (isOnce(loops) && dayOf(textOf(display, 'date')) === undefined) throw illegal()
}

function checkZone(display: Row): void {
  if (!isTimeZone(textOf(display, 'timezone_id'))) throw illegal()
}

/** Only the time of day can be a precondition. */
export function checkedPreconditions(rows: readonly Row[]): readonly SimPrecondition[] {
  return rows.map((row) => {
    const display = objectOf(row, 'display')
    if (textOf(row, 'cond_type') !== 'timeCheck' || !areLoops(textOf(display, 'loops'))) throw illegal()
    for (const bound of ['start', 'end']) if (minutesOf(textOf(display, bound)) === undefined) throw illegal()
    checkZone(display)
    return { cond_type: 'timeCheck', display }
  })
}

/** The formula of an automation whose conditions are matched by rule; undefined for all others. */
export function checkedRule(
  matchType: number,
  rule: string | undefined,
  conditions: readonly SimCondition[],
): string | undefined {
  if (matchType !== 3) return undefined
  if (rule === undefined) throw missing()
  const parsed = parseRule(rule)
  if (!parsed.ok) throw illegal()
  const numbers = new Set(conditions.map(({ order_num }) => order_num))
  if (!parsed.references.every(({ order }) => numbers.has(order))) throw illegal()
  return rule
}

function integerOf(row: Row, name: string): number {
  const value = own(row, name)
  if (value === undefined || value === null) throw missing()
  const number = asNumber(value)
  if (!Number.isSafeInteger(number)) throw illegal()
  return number
}

function comparedValue(display: Row): unknown {
  const value = own(display, 'value')
  if (value === undefined || value === null || value === '') throw missing()
  if (typeof value === 'object') throw illegal()
  return value
}

/** In the form of a UUID, as the platform's page prints it. */
function externalId(random: Random): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
