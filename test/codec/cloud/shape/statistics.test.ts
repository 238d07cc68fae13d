import { expect, it } from 'vitest'
import { isRefused, understood } from '../../../support/answer.ts'

it('kinds of statistics are told by data point', () => {
  expect(understood('stat-types', [{ code: 'add_ele', stat_type: 'sum' }, { code: 'cur_power' }])).toEqual([
    { code: 'add_ele', type: 'sum' },
    { code: 'cur_power', type: '' },
  ])
})

it.each([
  [{ total: '123.45' }, 123.45],
  [{ total: 7 }, 7],
  [{ total: '' }, null],
  [{}, null],
])('the total of %j is %j', (result, total) => {
  expect(understood('stat-total', result)).toBe(total)
})

it('the figures of a project are passed on as they are', () => {
  const figures = { dev_active: 12, App_register: { today: 1 }, dev_live: [1, 2] }
  expect(understood('data-analysis', figures)).toEqual(figures)
  expect(isRefused('data-analysis', 'none')).toBe(true)
})
