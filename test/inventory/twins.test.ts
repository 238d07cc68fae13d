import { expect, it } from 'vitest'
import { Twins } from '../../src/inventory/twins.ts'

const press = (timeMs: number, value = 'single_click', receivedMs = timeMs) => ({
  code: 'switch_mode1',
  value,
  timeMs,
  receivedMs,
})

it('what both ways tell is news once, whichever comes first', () => {
  const twins = new Twins()
  expect(twins.take('bf1', 'lan', press(1_000))).toBe(false)
  expect(twins.take('bf1', 'queue', press(1_040))).toBe(true)
  expect(twins.take('bf1', 'queue', press(9_000))).toBe(false)
  expect(twins.take('bf1', 'lan', press(9_010))).toBe(true)
})

it('two presses stay two, also when each is told on both ways', () => {
  const twins = new Twins()
  expect(twins.take('bf1', 'lan', press(1_000))).toBe(false)
  expect(twins.take('bf1', 'lan', press(1_400))).toBe(false)
  expect(twins.take('bf1', 'queue', press(1_010))).toBe(true)
  expect(twins.take('bf1', 'queue', press(1_410))).toBe(true)
  expect(twins.take('bf1', 'queue', press(1_800))).toBe(false)
})

it('another value, another device, another time are other news', () => {
  const twins = new Twins()
  twins.take('bf1', 'lan', press(1_000))
  expect(twins.take('bf1', 'queue', press(1_000, 'double_click'))).toBe(false)
  expect(twins.take('bf2', 'queue', press(1_000))).toBe(false)
  expect(twins.take('bf1', 'queue', press(3_001))).toBe(false)
})

it('a device that nobody knows any more has told nothing', () => {
  const twins = new Twins()
  twins.take('bf1', 'lan', press(1_000))
  twins.forget('bf1')
  expect(twins.take('bf1', 'queue', press(1_000))).toBe(false)
})

it('I-7: it remembers a limited number of sayings', () => {
  const twins = new Twins()
  for (let i = 0; i < 100; i++) twins.take('bf1', 'lan', press(1_000, `v${i}`))
  expect(twins.take('bf1', 'queue', press(1_000, 'v99'))).toBe(true)
  expect(twins.take('bf1', 'queue', press(1_000, 'v0'))).toBe(false)
})

it('clocks that are minutes apart: while the cloud’s time is not known it is known by when it comes', () => {
  const twins = new Twins()
  const ahead = 5 * 60_000
  expect(twins.take('bf1', 'lan', press(1_000 + ahead, 'a', 1_000), false)).toBe(false)
  expect(twins.take('bf1', 'queue', press(1_000, 'a', 1_300), false)).toBe(true)
  expect(twins.take('bf1', 'queue', press(1_400, 'a', 1_700), false)).toBe(false)
  expect(twins.take('bf1', 'lan', press(9_000 + ahead, 'a', 9_000), false)).toBe(false)
  expect(twins.take('bf1', 'queue', press(9_000, 'a', 11_001), false)).toBe(false)
  expect(twins.take('bf1', 'lan', press(20_000 + ahead, 'a', 20_000), true)).toBe(false)
  expect(twins.take('bf1', 'queue', press(20_000, 'a', 20_300), true)).toBe(false)
})
