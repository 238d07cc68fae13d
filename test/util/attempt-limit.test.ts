import { expect, it } from 'vitest'
import { AttemptLimit } from '../../src/util/attempt-limit.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

it('R-E6: five failures a minute close an address for a minute, and no other one', async () => {
  const clock = new VirtualClock()
  const limit = new AttemptLimit(clock)
  for (let i = 0; i < 4; i++) limit.failed('a')
  expect(limit.isRefused('a')).toBe(false)
  limit.failed('a')
  expect(limit.isRefused('a')).toBe(true)
  expect(limit.isRefused('b')).toBe(false)
  await clock.advance(59_999)
  expect(limit.isRefused('a')).toBe(true)
  await clock.advance(2)
  expect(limit.isRefused('a')).toBe(false)
})

it('R-E6: failures further apart than a minute are not added up', async () => {
  const clock = new VirtualClock()
  const limit = new AttemptLimit(clock)
  for (let i = 0; i < 20; i++) {
    limit.failed('a')
    await clock.advance(16_000)
  }
  expect(limit.isRefused('a')).toBe(false)
})

it('the tries of an address are made one after the other, also when one throws', async () => {
  const limit = new AttemptLimit(new VirtualClock())
  const order: string[] = []
  const first = limit.inTurn('a', async () => {
    order.push('first begins')
    await Promise.resolve()
    order.push('first ends')
    throw new Error('wrong')
  })
  const second = limit.inTurn('a', async () => {
    order.push('second')
  })
  await expect(first).rejects.toThrow('wrong')
  await second
  expect(order).toEqual(['first begins', 'first ends', 'second'])
})
