import { expect, it } from 'vitest'
import { GapWatch } from '../../../src/transport/queue/gap.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

it('a minute without the queue is no gap, more is one', async () => {
  const clock = new VirtualClock(1_000_000)
  const gaps = new GapWatch(clock, null)
  expect(gaps.found(), 'the first time nothing was lost').toBeUndefined()
  gaps.lost(clock.monotonic())
  await clock.advance(60_000)
  expect(gaps.found()).toBeUndefined()
  gaps.lost(clock.monotonic())
  await clock.advance(60_001)
  expect(gaps.found()).toEqual({ fromMs: 1_060_000, toMs: 1_120_001 })
  expect(gaps.found(), 'told once').toBeUndefined()
})

it('begins with the last sign of life, not with the end of the connection', async () => {
  const clock = new VirtualClock(1_000_000)
  const gaps = new GapWatch(clock, null)
  await clock.advance(100_000)
  gaps.lost(60_000)
  await clock.advance(30_000)
  expect(gaps.found()).toEqual({ fromMs: 1_060_000, toMs: 1_130_000 })
})

it('is one gap, however many connections fail in it', async () => {
  const clock = new VirtualClock(1_000_000)
  const gaps = new GapWatch(clock, null)
  gaps.lost(0)
  await clock.advance(50_000)
  gaps.lost(clock.monotonic())
  await clock.advance(50_000)
  expect(gaps.found()).toEqual({ fromMs: 1_000_000, toMs: 1_100_000 })
})

it('is as long as it was, also when somebody sets the clock meanwhile', async () => {
  const clock = new VirtualClock(1_000_000)
  const gaps = new GapWatch(clock, null)
  gaps.lost(0)
  await clock.advance(30_000)
  clock.jump(86_400_000)
  expect(gaps.found()).toBeUndefined()
})

it('may have begun in an earlier run', () => {
  const clock = new VirtualClock(100_000_000)
  expect(new GapWatch(clock, 92_000_000).found()).toEqual({ fromMs: 92_000_000, toMs: 100_000_000 })
  expect(new GapWatch(clock, 99_990_000).found()).toBeUndefined()
  expect(new GapWatch(clock, 200_000_000).found(), 'a time to come is none').toBeUndefined()
})
