import { expect, it } from 'vitest'
import { understood } from '../../../support/answer.ts'

const wire = { code: 'switch_1', value: 'true', event_id: 7, event_from: '1', event_time: 1_795_295_542_013 }

it.each([
  ['device-logs', { logs: [wire], has_next: true, current_row_key: 'a', next_row_key: 'b' }],
  ['iot03-logs', { list: [wire], has_more: true, last_row_key: 'b' }],
  ['iot03-report-logs', { list: [wire], has_more: true, last_row_key: 'b' }],
])('%s: records in words, and how to ask for more', (operation, page) => {
  expect(understood(operation, { device_id: 'bf1', ...page })).toEqual({
    logs: [{ kind: 'report', from: 'device', code: 'switch_1', value: 'true', timeMs: 1_795_295_542_013 }],
    next: 'b',
  })
})

it.each([
  [1, 'online'],
  [2, 'offline'],
  [3, 'activated'],
  [4, 'reset'],
  [5, 'command'],
  [6, 'firmware'],
  [7, 'report'],
  [8, 'signal'],
  [9, 'restart'],
  [10, 'timer'],
  [99, '99'],
  [undefined, 'unknown'],
])('event %s is %s', (event_id, kind) => {
  expect(understood('device-logs', { logs: [{ event_id }] })).toMatchObject({
    logs: [{ kind, from: 'unknown', code: null, value: null, timeMs: null }],
  })
})

it('the last page has no next one', () => {
  for (const page of [{ logs: [] }, { logs: [], has_next: false, next_row_key: 'b' }, { has_next: true }])
    expect(understood('device-logs', page)).toEqual({ logs: [], next: undefined })
})
