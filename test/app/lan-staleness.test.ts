import { expect, it } from 'vitest'
import { LanStaleness } from '../../src/app/lan-staleness.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function bench() {
  const clock = new VirtualClock()
  const stale = new Set<string>()
  const bench = { clock, stale, othersTell: false }
  const staleness = new LanStaleness({
    clock,
    inventory: { markLanStale: (id, isStale) => void (isStale ? stale.add(id) : stale.delete(id)) },
    othersTell: () => bench.othersTell,
  })
  return Object.assign(bench, { staleness })
}

it('R-S1: a device that has been gone for a minute is stale, and fresh when it is back', async () => {
  const { clock, stale, staleness } = bench()
  staleness.seen('bf1', false)
  await clock.advance(59_999)
  staleness.review()
  expect([...stale]).toEqual([])
  await clock.advance(1)
  staleness.review()
  expect([...stale]).toEqual(['bf1'])
  staleness.seen('bf1', true)
  expect([...stale]).toEqual([])
  staleness.review()
  expect([...stale]).toEqual([])
})

it('as long as somebody else tells what happens, nothing is stale', async () => {
  const self = bench()
  self.staleness.seen('bf1', false)
  await self.clock.advance(120_000)
  self.othersTell = true
  self.staleness.review()
  expect([...self.stale]).toEqual([])
  self.othersTell = false
  self.staleness.review()
  expect([...self.stale]).toEqual(['bf1'])
})

it('the minute begins when it went, however often that is told', async () => {
  const { clock, stale, staleness } = bench()
  staleness.seen('bf1', false)
  await clock.advance(40_000)
  staleness.seen('bf1', false)
  await clock.advance(20_000)
  staleness.review()
  expect([...stale]).toEqual(['bf1'])
})

it('a device that is no more is not spoken of', async () => {
  const { clock, stale, staleness } = bench()
  staleness.seen('bf1', false)
  staleness.forget('bf1')
  await clock.advance(60_000)
  staleness.review()
  expect([...stale]).toEqual([])
})
