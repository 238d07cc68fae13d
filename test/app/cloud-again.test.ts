import { expect, it } from 'vitest'
import { CloudAgain } from '../../src/app/cloud-again.ts'
import type { LinkHealth } from '../../src/domain/link.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function bench(state: LinkHealth['state'] = 'down', reason = 'unavailable') {
  const clock = new VirtualClock()
  const self = { clock, asked: 0, health: { state, reason, sinceMs: 0, lastMs: null } as LinkHealth }
  const again = new CloudAgain({
    clock,
    health: () => self.health,
    ask: async () => {
      self.asked++
      throw new Error('still away')
    },
  })
  return Object.assign(self, { again })
}

it('asks at once and then every five seconds, until the cloud answers', async () => {
  const self = bench()
  self.again.heard()
  expect(self.asked).toBe(1)
  await self.clock.advance(10_000)
  expect(self.asked).toBe(3)
  self.health = { ...self.health, state: 'up', reason: null }
  await self.clock.advance(60_000)
  expect(self.asked).toBe(3)
  expect(self.clock.waiting).toBe(0)
})

it.each([
  ['up', null],
  ['down', 'quota'],
  ['down', 'credentials'],
] as const)('a cloud that is %s (%s) is left alone', async (state, reason) => {
  const self = bench(state, reason as never)
  self.again.heard()
  await self.clock.advance(60_000)
  expect(self.asked).toBe(0)
})

it('gives up after five minutes, and begins anew when something is heard again', async () => {
  const self = bench()
  self.again.heard()
  await self.clock.advance(10 * 60_000)
  expect(self.asked).toBe(60)
  self.again.heard()
  expect(self.asked).toBe(61)
})

it('being heard twice does not double the questions', async () => {
  const self = bench()
  self.again.heard()
  self.again.heard()
  await self.clock.advance(5_000)
  expect(self.asked).toBe(2)
})

it('after the end nothing is asked', async () => {
  const self = bench()
  self.again.heard()
  self.again.stop()
  await self.clock.advance(60_000)
  expect([self.asked, self.clock.waiting]).toEqual([1, 0])
})
