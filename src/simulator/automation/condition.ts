import { holds, type Operator, plainCode } from '../../domain/condition.ts'
import { evaluateRule, parseRule } from '../../domain/condition-rule.ts'
import { firesAt, minutesOf, windowHolds } from '../../domain/schedule.ts'
import { entityType, type SimAutomation, type SimCondition, type SimPrecondition } from '../world/rule.ts'
import type { World } from '../world.ts'

export function codeOf(condition: SimCondition): string {
  return plainCode(text(condition.display['code']))
}

/** Whether a value fulfils the comparison of a condition. */
export function isFulfilled(condition: SimCondition, value: unknown): boolean {
  const { operator, value: wanted } = condition.display
  return holds({ operator: operator as Operator, value: wanted as never }, value)
}

/**
 * Whether a report or a change of the weather brings a condition up: equality with words does each time, since buttons
 * repeat themselves; numbers only at the moment at which they begin to fulfil it.
 */
export function comesUp(condition: SimCondition, value: unknown, before: unknown): boolean {
  if (!isFulfilled(condition, value)) return false
  return typeof value === 'number' ? !isFulfilled(condition, before) : true
}

/** What can be asked at any time: the latest value of a device or of the weather. Timers and others are moments. */
export function holdsNow(world: World, condition: SimCondition): boolean {
  switch (condition.entity_type) {
    case entityType.device:
      return isFulfilled(condition, world.devices.get(condition.entity_id)?.status.get(codeOf(condition)))
    case entityType.weather:
      return isFulfilled(condition, world.weather.of(condition.entity_id)[codeOf(condition)])
    default:
      return false
  }
}

/** Summer time moves clocks by half an hour or a whole one: at no other minute a timer can fire. */
const stepMinutes = 30

/** `minuteOf` says which minute of the day it is in a zone; asked for every timer every minute, so it should know. */
export function timerFires(
  condition: SimCondition,
  instantMs: number,
  minuteOf: (zone: string) => number | undefined,
): boolean {
  const { date, time, loops, timezone_id } = condition.display
  const timer = { date: text(date), time: text(time), loops: text(loops), timeZone: text(timezone_id) }
  const [now, wanted] = [minuteOf(timer.timeZone), minutesOf(timer.time)]
  if (now === undefined || wanted === undefined || (now - wanted) % stepMinutes !== 0) return false
  return firesAt(timer, instantMs)
}

/** Whether the formula over all conditions holds, when these came up just now. */
export function formulaHolds(
  world: World,
  automation: SimAutomation,
  arrived: ReadonlySet<SimCondition>,
): boolean {
  if (automation.matchType === 1) return true
  const held = new Set(
    automation.conditions
      .filter((condition) => arrived.has(condition) || holdsNow(world, condition))
      .map(({ order_num }) => order_num),
  )
  if (automation.matchType === 2) return automation.conditions.every(({ order_num }) => held.has(order_num))
  const parsed = parseRule(automation.conditionRule ?? '')
  return parsed.ok && evaluateRule(parsed.rule, (order) => held.has(order))
}

export function preconditionHolds({ cond_type, display }: SimPrecondition, instantMs: number): boolean {
  if (cond_type !== 'timeCheck') return true
  const { start, end, loops, timezone_id } = display
  return windowHolds(
    { start: text(start), end: text(end), loops: text(loops), timeZone: text(timezone_id) },
    instantMs,
  )
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
