import { expect, it } from 'vitest'
import { canUpgrade, leadingModule } from '../../src/domain/firmware.ts'
import { firmwareModule } from '../support/firmware.ts'

const [current, ready] = [firmwareModule(0), firmwareModule(9, { status: 'ready', latest: '2.0.0' })]
const running = firmwareModule(3, { status: 'running', latest: '2.0.0' })

it('the module that is upgraded speaks for the device, else the one that could be, else the first', () => {
  expect(leadingModule([current, ready, running])).toBe(running)
  expect(leadingModule([current, ready])).toBe(ready)
  expect(leadingModule([current])).toBe(current)
  expect(leadingModule([])).toBeUndefined()
})

it.each([
  ['none', false],
  ['ready', true],
  ['running', false],
  ['done', false],
  ['failed', true],
] as const)('a newer version can be installed when the status is %s: %s', (status, expected) => {
  expect(canUpgrade(firmwareModule(0, { status, latest: '2.0.0' }))).toBe(expected)
  expect(canUpgrade(firmwareModule(0, { status }))).toBe(false)
})
