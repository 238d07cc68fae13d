import { expect, it } from 'vitest'
import { BounceGuard } from '../../src/inventory/bounce-guard.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function bench() {
  const clock = new VirtualClock()
  const guard = new BounceGuard(clock)
  const told: unknown[] = []
  const says = (value: number, code = 'level') => guard.admits('bf1', code, value, () => told.push(value))
  return { clock, guard, told, says }
}

it('a value that nobody has written is told at once', () => {
  const { says } = bench()
  expect(says(1)).toBe(true)
})

it('the old value right after a write is not told when the new one follows', async () => {
  const { clock, guard, told, says } = bench()
  guard.wrote('bf1', 'level', 5)
  expect(says(1)).toBe(false)
  await clock.advance(300)
  expect(says(5)).toBe(true)
  await clock.advance(10_000)
  expect(told).toEqual([])
})

it('a value that differs and stays is told a second later', async () => {
  const { clock, guard, told, says } = bench()
  guard.wrote('bf1', 'level', 5)
  expect(says(1)).toBe(false)
  await clock.advance(999)
  expect(told).toEqual([])
  await clock.advance(1)
  expect(told).toEqual([1])
  expect(says(2)).toBe(true)
})

it('of several that differ the last counts', async () => {
  const { clock, guard, told, says } = bench()
  guard.wrote('bf1', 'level', 5)
  expect(says(1)).toBe(false)
  await clock.advance(500)
  expect(says(2)).toBe(false)
  await clock.advance(1_000)
  expect(told).toEqual([2])
})

it('five seconds after the write everything is believed', async () => {
  const { clock, guard, says } = bench()
  guard.wrote('bf1', 'level', 5)
  await clock.advance(5_001)
  expect(says(1)).toBe(true)
})

it('other points and other devices are not doubted', () => {
  const { guard, says } = bench()
  guard.wrote('bf1', 'level', 5)
  expect(says(1, 'mode')).toBe(true)
  expect(guard.admits('bf2', 'level', 1, () => {})).toBe(true)
})

it('a newer write forgets the doubt about the older one', async () => {
  const { clock, guard, told, says } = bench()
  guard.wrote('bf1', 'level', 5)
  expect(says(1)).toBe(false)
  guard.wrote('bf1', 'level', 6)
  await clock.advance(5_000)
  expect(told).toEqual([])
})

it('after the end nothing is told and no timer is left', async () => {
  const { clock, guard, told, says } = bench()
  guard.wrote('bf1', 'level', 5)
  says(1)
  guard.stop()
  expect(clock.waiting).toBe(0)
  await clock.advance(5_000)
  expect(told).toEqual([])
})
