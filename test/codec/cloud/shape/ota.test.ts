import { expect, it } from 'vitest'
import { isRefused, understood } from '../../../support/answer.ts'

it('a module that can be upgraded has both versions', () => {
  expect(
    understood('ota-upgrade-infos', [
      {
        module_type: 9,
        module_desc: 'MCU module',
        upgrade_status: 1,
        current_version: '1.0.2',
        upgrade_version: '1.0.3',
        upgrade_desc: 'Fixes',
        last_upgrade_time: 1_600_000_000,
      },
    ]),
  ).toEqual([
    {
      type: 9,
      name: 'MCU module',
      current: '1.0.2',
      latest: '1.0.3',
      status: 'ready',
      notes: 'Fixes',
      upgradedMs: 1_600_000_000_000,
    },
  ])
})

it('a module with nothing new has its own version as the latest', () => {
  expect(understood('ota-upgrade-infos', [{ module_type: 0, current_version: '1.0.2' }])).toEqual([
    {
      type: 0,
      name: 'Wi-Fi',
      current: '1.0.2',
      latest: '1.0.2',
      status: 'none',
      notes: null,
      upgradedMs: null,
    },
  ])
})

it.each([
  [0, 'none'],
  [1, 'ready'],
  ['2', 'running'],
  [3, 'done'],
  [4, 'failed'],
  [7, 'none'],
])('upgrade status %s is %s', (upgrade_status, status) => {
  expect(understood('ota-upgrade-infos', [{ module_type: 3, upgrade_status }])).toMatchObject([
    { name: 'Zigbee', status },
  ])
})

it('a list that is none is refused', () => {
  expect(isRefused('ota-upgrade-infos', { module_type: 0 })).toBe(true)
})
