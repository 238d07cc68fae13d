import { expect, it } from 'vitest'
import { understood } from '../../../support/answer.ts'

it.each([
  ['5C:CF:7F:53:01:02', '5ccf7f530102'],
  ['5ccf7f530102', '5ccf7f530102'],
  ['00158d0001a2b3c4', null],
  ['', null],
  [null, null],
])('the address %j is %j', (mac, read) => {
  expect(understood('device-factory-infos', [{ id: 'bf1', uuid: 'u1', mac }])).toEqual([
    { id: 'bf1', serialNumber: null, mac: read },
  ])
})

it('a serial number is told where there is one', () => {
  expect(understood('device-factory-infos', [{ id: 'bf1', sn: 'SN7' }])).toEqual([
    { id: 'bf1', serialNumber: 'SN7', mac: null },
  ])
})
