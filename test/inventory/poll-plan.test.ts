import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nextPollMs } from '../../src/inventory/poll-plan.ts'

const dayMs = 86_400_000

it.each([
  ['a whole day for 640 calls and one home', 640, dayMs, 1, dayMs / 640],
  ['two homes take twice as long', 640, dayMs, 2, dayMs / 320],
  ['plenty of calls: never sooner than wanted', 100_000, dayMs, 1, 30_000],
  ['calls for one round more', 3, dayMs / 2, 2, dayMs / 2],
  ['not enough for a round', 1, dayMs, 2, undefined],
  ['none left', 0, dayMs, 1, undefined],
  ['the end of the day', 50, 0, 1, 30_000],
  ['a round that costs nothing counts as one call', 10, dayMs, 0, dayMs / 10],
])('%s', (_what, left, msLeft, cost, ms) => {
  expect(nextPollMs(30_000, { left, msLeft, cost })).toBe(ms)
})

it('following the plan never takes more calls than there are, and leaves no long silence (property)', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 800 }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 60_000 }),
      (calls, cost, leastMs) => {
        let left = calls
        let msLeft = dayMs
        let longest = 0
        for (;;) {
          const ms = nextPollMs(leastMs, { left, msLeft, cost })
          if (ms === undefined || ms > msLeft) break
          longest = Math.max(longest, ms)
          msLeft -= ms
          left -= cost
          expect(left).toBeGreaterThanOrEqual(0)
        }
        const even = Math.max(leastMs, dayMs / Math.max(1, Math.floor(calls / cost)))
        expect(longest).toBeLessThanOrEqual(even * 1.001)
        if (calls >= cost) expect(msLeft).toBeLessThanOrEqual(even * 1.001)
      },
    ),
  )
})
