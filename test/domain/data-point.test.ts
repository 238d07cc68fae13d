import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toShown } from '../../src/domain/data-point.ts'

it.each([
  [215, 1, 21.5],
  [2230, 2, 22.3],
  [3, 1, 0.3],
  [-5, 0, -5],
  [7, 3, 0.007],
  [123456789, 6, 123.456789],
  [0, 4, 0],
])('%d at scale %d is shown as %d', (raw, scale, shown) => {
  expect(toShown(raw, scale)).toBe(shown)
})

it('is the decimal that one would write by hand, for every integer of the wire', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 6 }), (raw, scale) => {
      const digits = String(Math.abs(raw)).padStart(scale + 1, '0')
      const byHand = `${raw < 0 ? '-' : ''}${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}`
      expect(toShown(raw, scale)).toBe(Number(byHand))
    }),
  )
})

it('is a number for every number', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: 0, max: 15 }),
      (raw, scale) => {
        const shown = toShown(raw, scale)
        expect(Number.isFinite(shown)).toBe(true)
        expect(Math.abs(shown)).toBeLessThanOrEqual(Math.abs(raw))
      },
    ),
  )
})
