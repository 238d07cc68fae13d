import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Random, randomText, seededRandom, systemRandom } from '../../src/util/random.ts'

function take(random: Random, count: number): number[] {
  return Array.from({ length: count }, random)
}

it('the same seed gives the same sequence, another seed another one', () => {
  expect(take(seededRandom(42), 100)).toEqual(take(seededRandom(42), 100))
  expect(take(seededRandom(42), 100)).not.toEqual(take(seededRandom(43), 100))
})

it('stays in [0, 1) for every seed and fills it evenly', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const numbers = take(seededRandom(seed), 1_000)
      expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
      const tenths = new Set(numbers.map((number) => Math.floor(number * 10)))
      expect(tenths.size).toBe(10)
    }),
    { numRuns: 50 },
  )
})

it('the system’s chance stays in [0, 1) and does not repeat itself', () => {
  const numbers = take(systemRandom, 1_000)
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  expect(new Set(numbers).size).toBeGreaterThan(990)
})

it('random text has the asked length and only lower-case letters and digits', () => {
  expect(randomText(seededRandom(1), 200)).toMatch(/^[a-z0-9]{200}$/)
  expect(randomText(() => 1 - Number.EPSILON, 3)).toBe('999')
})
