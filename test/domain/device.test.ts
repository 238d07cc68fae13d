import { expect, it } from 'vitest'
import { isLock } from '../../src/domain/device.ts'
import { deviceOf } from '../support/device.ts'

it.each(['ms', 'jtmspro', 'jtmsbh', 'bxx', 'gyms', 'hotelms', 'videolock', 'photolock', 'mk'])(
  'category %s opens doors',
  (category) => {
    expect(isLock(deviceOf('bf1', { category }))).toBe(true)
  },
)

it.each(['dj', 'cz', 'msp', 'MS', '', 'mcs', 'toString'])('category "%s" does not', (category) => {
  expect(isLock(deviceOf('bf1', { category }))).toBe(false)
})
