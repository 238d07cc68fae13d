import { expect, it } from 'vitest'
import { understood } from '../../../support/answer.ts'

it('main is the device itself, everything else a data point', () => {
  expect(
    understood('device-multiple-names', [
      { identifier: 'main', name: 'Power strip' },
      { identifier: 'switch_1', name: 'Kettle' },
      { identifier: 'switch_2' },
    ]),
  ).toEqual([
    { code: null, name: 'Power strip' },
    { code: 'switch_1', name: 'Kettle' },
    { code: 'switch_2', name: '' },
  ])
  expect(understood('device-multiple-names', [{ name: 'x' }], 1)).toEqual([])
})
