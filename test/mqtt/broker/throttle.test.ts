import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PublishThrottle } from '../../../src/mqtt/broker/throttle.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

function throttle(perSecond = 10, burst = 5) {
  const clock = new VirtualClock()
  const passed: number[] = []
  const gate = new PublishThrottle(clock, perSecond, burst)
  let n = 0
  return { clock, passed, gate, pass: () => gate.pass(passed.push.bind(passed, n++)) }
}

it('lets a burst through at once and the rest at its pace', async () => {
  const { clock, passed, pass } = throttle()
  expect(Array.from({ length: 8 }, pass)).toEqual([false, false, false, false, false, true, true, true])
  expect(passed).toHaveLength(5)
  await clock.advance(100)
  expect(passed).toHaveLength(6)
  await clock.advance(200)
  expect(passed).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})

it('nobody overtakes who waits', async () => {
  const { clock, passed, pass } = throttle(1_000, 1)
  pass()
  pass()
  await clock.advance(1)
  pass()
  await clock.advance(10)
  expect(passed).toEqual([0, 1, 2])
})

it('when it stops, whoever waits goes through, and no timer is left', async () => {
  const { clock, passed, pass, gate } = throttle()
  for (let i = 0; i < 9; i++) pass()
  gate.stop()
  expect(passed).toHaveLength(9)
  expect(pass()).toBe(false)
  expect(clock.waiting).toBe(0)
})

it('in any stretch of time no more pass than burst and pace allow, each once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ publishes: fc.nat(20), restMs: fc.nat(400) }), { minLength: 1, maxLength: 12 }),
      async (steps) => {
        const { clock, passed, pass } = throttle()
        let elapsedMs = 0
        for (const { publishes, restMs } of steps) {
          for (let i = 0; i < publishes; i++) pass()
          await clock.advance(restMs)
          elapsedMs += restMs
          expect(passed.length).toBeLessThanOrEqual(5 + (elapsedMs / 1000) * 10 + 1e-6)
        }
        await clock.advance(60_000)
        const offered = steps.reduce((sum, { publishes }) => sum + publishes, 0)
        expect(passed).toEqual(Array.from({ length: offered }, (_, i) => i))
      },
    ),
    { numRuns: 40 },
  )
})
