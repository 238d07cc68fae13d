import fc from 'fast-check'
import { expect, it } from 'vitest'
import { backoff } from '../../src/util/backoff.ts'
import { seededRandom } from '../../src/util/random.ts'

/** The first `count` intervals. */
function take(intervals: Generator<number, never, void>, count: number): number[] {
  return Array.from({ length: count }, () => intervals.next().value)
}

const options = fc.record({
  baseMs: fc.integer({ min: 1, max: 10_000 }),
  capMs: fc.integer({ min: 1, max: 600_000 }),
  floor: fc.double({ min: 0, max: 1, noNaN: true }),
})

it('R-B1: doubles its ceiling from the base to the cap', () => {
  const highest = () => 1 - Number.EPSILON
  expect(take(backoff({ baseMs: 1_000, capMs: 60_000 }, highest), 8)).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
  ])
})

it('R-B1: full jitter reaches down to nothing, a floor keeps its share', () => {
  const lowest = () => 0
  expect(take(backoff({ baseMs: 1_000, capMs: 5_000 }, lowest), 4)).toEqual([0, 0, 0, 0])
  expect(take(backoff({ baseMs: 1_000, capMs: 5_000, floor: 0.5 }, lowest), 4)).toEqual([
    500, 1_000, 2_000, 2_500,
  ])
})

it('R-B1: every interval lies between its floor and its ceiling, however long it goes on', () => {
  fc.assert(
    fc.property(options, fc.integer(), ({ baseMs, capMs, floor }, seed) => {
      const intervals = take(backoff({ baseMs, capMs, floor }, seededRandom(seed)), 80)
      for (const [attempt, ms] of intervals.entries()) {
        const ceiling = Math.min(capMs, baseMs * 2 ** attempt)
        expect(ms).toBeGreaterThanOrEqual(Math.floor(ceiling * floor))
        expect(ms).toBeLessThanOrEqual(ceiling)
        expect(Number.isInteger(ms)).toBe(true)
      }
    }),
  )
})

it('R-B1: two clients with chances of their own do not knock at the same times', () => {
  const [one, other] = [1, 2].map((seed) =>
    take(backoff({ baseMs: 1_000, capMs: 60_000 }, seededRandom(seed)), 10),
  )
  expect(one).not.toEqual(other)
})

it('never ends, not even after a thousand attempts', () => {
  const intervals = take(backoff({ baseMs: 1_000, capMs: 60_000, floor: 1 }, seededRandom(1)), 1_500)
  expect(intervals.at(-1)).toBe(60_000)
})
