import { describe, expect, it } from 'vitest'
import {
  type Automation,
  externalActions,
  externalConditions,
  matches,
  preconditionsHold,
} from '../../src/domain/automation.ts'
import type { Condition } from '../../src/domain/condition.ts'

const comparison = { code: 'mode', operator: '==', value: 'away' } as const
const conditions: readonly Condition[] = [
  { kind: 'device', order: 1, deviceId: 'd1', ...comparison },
  { kind: 'external', order: 2, id: 'x2', ...comparison },
  { kind: 'weather', order: 3, cityId: '10', ...comparison },
]
const automation = (match: Automation['match'], rule: string | null = null) => ({ match, rule, conditions })
const holding =
  (...orders: number[]) =>
  (order: number) =>
    orders.includes(order)

describe('an automation acts', () => {
  it.each<readonly [Automation['match'], string | null, number, number[], boolean]>([
    ['any', null, 1, [1], true],
    ['any', null, 1, [2, 3], false],
    ['all', null, 1, [1, 2, 3], true],
    ['all', null, 1, [1, 2], false],
    ['rule', '1&&2||3', 2, [1, 2], true],
    ['rule', '1&&2||3', 3, [1, 3], true],
    ['rule', '1&&2||3', 2, [2], false],
    ['rule', '1&&2||3', 2, [3], false],
    ['rule', '1&&', 1, [1], false],
    ['rule', null, 1, [1], false],
  ])('%s %s when %i comes up and %j hold: %s', (match, rule, arriving, orders, expected) => {
    expect(matches(automation(match, rule), arriving, holding(...orders))).toBe(expected)
  })

  it('only while all its preconditions hold', () => {
    const from = (start: string, end: string) =>
      ({ kind: 'time', start, end, loops: '0000000', timeZone: 'UTC' }) as const
    const noon = Date.parse('2026-01-10T12:00:00Z')
    expect(preconditionsHold({ preconditions: [] }, noon)).toBe(true)
    expect(preconditionsHold({ preconditions: [from('10:00', '13:00')] }, noon)).toBe(true)
    const both = [from('10:00', '13:00'), from('13:00', '14:00')]
    expect(preconditionsHold({ preconditions: both }, noon)).toBe(false)
    const unknown = { kind: 'other', conditionType: 'allDay', display: {} } as const
    expect(preconditionsHold({ preconditions: [unknown] }, noon)).toBe(true)
  })
})

it('an automation knows what joins it to the world outside', () => {
  expect(externalConditions({ conditions }).map(({ order }) => order)).toEqual([2])
  const outside = { kind: 'external', data: { action: 'goodnight' } } as const
  expect(externalActions({ actions: [{ kind: 'delay', seconds: 5 }, outside] })).toEqual([outside])
})
