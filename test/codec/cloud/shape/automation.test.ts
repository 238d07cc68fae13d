import { expect, it } from 'vitest'
import { isRefused, understood } from '../../../support/answer.ts'

const display = { code: 'switch_1', operator: '==', value: true }

it.each(['entity_type', 'entityType', 'entit_type'])(
  'a condition is read with its type as "%s"',
  (spelling) => {
    const conditions = [{ [spelling]: 1, entity_id: 'bf1', order_num: 1, display }]
    for (const operation of ['automation-list', 'automation-list-v1-0']) {
      expect(understood(operation, [{ automation_id: 'a1', conditions }])).toMatchObject([
        { id: 'a1', conditions: [{ kind: 'device', deviceId: 'bf1', order: 1, ...display }] },
      ])
    }
  },
)

it('one automation may come in a list of one', () => {
  const wire = { automation_id: 'a1', match_type: '3', condition_rule: '1&&2' }
  const read = { id: 'a1', match: 'rule', rule: '1&&2', enabled: true, valid: true }
  expect(understood('automation-get', wire)).toMatchObject(read)
  expect(understood('automation-get', [wire])).toMatchObject(read)
  for (const result of [[], [wire, wire], {}, null]) expect(isRefused('automation-get', result)).toBe(true)
})

it.each([
  ['["<","==",">"]', ['<', '==', '>']],
  [['==', 5], ['==']],
  ['nonsense', []],
  [null, []],
])('weather operators may be %j', (operators, read) => {
  expect(understood('automation-weather-conditions', [{ category: 'temp', operators }])).toEqual([
    { code: 'temp', name: 'temp', operators: read, property: {} },
  ])
})

it('what can be linked is told by whether it can start or be done', () => {
  const wire = {
    device_id: 'bf1',
    functions: [{ code: 'switch', type: 'Boolean' }],
    status: [
      { code: 'switch', type: 'Boolean' },
      { code: 'temp', type: 'Integer', values: { min: 0, max: 500, scale: 1, type: 'value' } },
    ],
  }
  const points = [
    { code: 'switch', type: 'boolean', access: 'rw' },
    { code: 'temp', type: 'integer', access: 'ro', min: 0, max: 500, scale: 1 },
  ]
  expect(understood('device-linkage-codes', wire)).toEqual({ deviceId: 'bf1', points })
  expect(understood('home-linkage-codes', [wire, { device_id: 'bf2' }])).toEqual([
    { deviceId: 'bf1', points },
    { deviceId: 'bf2', points: [] },
  ])
})
