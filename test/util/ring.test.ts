import { expect, it } from 'vitest'
import { Ring } from '../../src/util/ring.ts'

it('keeps the newest entries in the order in which they came', () => {
  const ring = new Ring<number>(3)
  expect(ring.all()).toEqual([])
  for (let i = 1; i <= 100; i++) ring.push(i)
  expect(ring.all()).toEqual([98, 99, 100])
  expect(ring.count).toBe(100)
})

it('gives what came since it was looked at, as far as that is kept', () => {
  const ring = new Ring<string>(3)
  ring.push('a')
  const seen = ring.count
  expect(ring.since(seen)).toEqual([])
  ring.push('b')
  ring.push('c')
  expect(ring.since(seen)).toEqual(['b', 'c'])
  for (const text of ['d', 'e', 'f']) ring.push(text)
  expect(ring.since(seen)).toEqual(['d', 'e', 'f'])
})
