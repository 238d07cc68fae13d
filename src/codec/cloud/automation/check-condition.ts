import {
  type Condition,
  type Operator,
  operators,
  operatorsOf,
  type Precondition,
  typeOfValue,
} from '../../../domain/condition.ts'
import type { WeatherKind } from '../../../domain/definition.ts'
import { checkDevice } from './check-reference.ts'
import { checkDate, checkTimeZone } from './check-schedule.ts'
import { checkComparison, checkNumber, checkWord } from './check-value.ts'
import { readCondition, readPrecondition } from './read.ts'
import type { Checking } from './report.ts'
import { notOneOf, operatorFault } from './shape-fault.ts'

/** What the platform's pages name; the account's own list is better. */
export const knownWeather: readonly WeatherKind[] = [
  { code: 'temp', type: 'integer', operators, min: -40, max: 40 },
  { code: 'humidity', type: 'enum', operators: ['=='], range: ['dry', 'comfort', 'wet'] },
  {
    code: 'condition',
    type: 'enum',
    operators: ['=='],
    range: ['sunny', 'cloudy', 'rainy', 'snowy', 'polluted'],
  },
  { code: 'pm25', type: 'enum', operators: ['=='] },
]

/** A condition whose shape is right already; undefined after a fault. */
export function checkCondition(checking: Checking, wire: unknown, path: string): Condition | undefined {
  const [condition] = readCondition(wire, 0)
  const display = `${path}/display`
  switch (condition?.kind) {
    case 'device': {
      const device = checkDevice(checking, condition.deviceId, `${path}/entity_id`)
      const value = device && checkComparison(checking, device, condition, display)
      return value === undefined ? undefined : { ...condition, value }
    }
    case 'weather':
      return checkWeather(checking, condition, display) ? condition : undefined
    case 'timer':
      checkDate(checking, condition.date, `${display}/date`)
      checkTimeZone(checking, condition.timeZone, `${display}/timezone_id`)
      return condition
    case 'external':
      return checkOperator(checking, condition.operator, operatorsOf(typeOfValue(condition.value)), display)
        ? condition
        : undefined
    default:
      return undefined
  }
}

function checkWeather(
  checking: Checking,
  { code, operator, value }: Extract<Condition, { kind: 'weather' }>,
  path: string,
): boolean {
  const kinds = checking.weather ?? knownWeather
  const kind = kinds.find((each) => each.code === code)
  if (kind === undefined) {
    const codes = kinds.map((each) => each.code)
    checking.report({ path: `${path}/code`, ...notOneOf('code of a weather condition', code, codes) })
    return false
  }
  const fits = checkOperator(checking, operator, kind.operators, path)
  const fault =
    kind.type === 'integer'
      ? checkNumber(code, value, kind.min ?? Number.MIN_SAFE_INTEGER, kind.max ?? Number.MAX_SAFE_INTEGER)
      : kind.range && checkWord(code, value, kind.range)
  if (fault) checking.report({ path: `${path}/value`, ...fault })
  return fits && fault === undefined
}

function checkOperator(
  { report }: Checking,
  operator: Operator,
  allowed: readonly Operator[],
  path: string,
): boolean {
  if (allowed.includes(operator)) return true
  report({ path: `${path}/operator`, ...operatorFault(operator, allowed) })
  return false
}

export function checkPrecondition(checking: Checking, wire: unknown, path: string): Precondition | undefined {
  const [precondition] = readPrecondition(wire)
  if (precondition?.kind !== 'time') return undefined
  checkTimeZone(checking, precondition.timeZone, `${path}/display/timezone_id`)
  return precondition
}
