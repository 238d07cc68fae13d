import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDecimal, toGrid, toRaw } from '../../../src/codec/data-point/scale.ts'
import { cpuMs } from '../../support/cpu.ts'

describe('reading a decimal', () => {
  it.each([
    ['21.5', 215n, 1],
    ['-5', -5n, 0],
    ['+7', 7n, 0],
    ['1e3', 1000n, 0],
    ['-1.25e-2', -125n, 4],
    ['1.5E+1', 15n, 0],
    [' 42 ', 42n, 0],
    ['007', 7n, 0],
    ['5.', 5n, 0],
    ['0.10', 10n, 2],
  ])('%s is exact', (text, digits, places) => {
    const decimal = parseDecimal(text)
    expect(decimal).toBeDefined()
    const { digits: read, places: shift } = decimal as NonNullable<typeof decimal>
    expect(read * 10n ** BigInt(places)).toBe(digits * 10n ** BigInt(shift))
  })

  it.each([
    '',
    '-',
    '.',
    '.5',
    '1.2.3',
    '1,5',
    '0x10',
    'NaN',
    'Infinity',
    '1e',
    '١٢',
    '1e1000',
    '1e999',
    '1 2',
  ])('%j is none', (text) => {
    expect(parseDecimal(text)).toBeUndefined()
  })

  it('I-11: takes no time for a number of any length', () => {
    const took = cpuMs(() => {
      for (const text of ['9'.repeat(1_000_000), `1${'0'.repeat(500_000)}x`, ' '.repeat(1_000_000)]) {
        expect(parseDecimal(text)).toBeUndefined()
      }
    })
    expect(took).toBeLessThan(1_000)
  })

  it('reads every double as JavaScript prints it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const decimal = parseDecimal(String(number))
        expect(decimal).toBeDefined()
        expect(Number(`${decimal?.digits}e-${decimal?.places}`)).toBe(number + 0)
      }),
    )
  })
})

describe('a shown number in raw units', () => {
  it.each([
    ['21.5', 1, 215n, true],
    ['21.54', 1, 215n, false],
    ['21.55', 1, 216n, false],
    ['-21.55', 1, -216n, false],
    ['-21.54', 1, -215n, false],
    ['0.5', 0, 1n, false],
    ['-0.5', 0, -1n, false],
    ['7', 3, 7000n, true],
    ['7.000', 0, 7n, true],
    ['1e-30', 2, 0n, false],
  ])('%s at scale %d is %d', (text, scale, raw, exact) => {
    const decimal = parseDecimal(text)
    expect(decimal && toRaw(decimal, scale)).toEqual({ raw, exact })
  })
})

describe('the grid of steps', () => {
  it.each([
    [7n, 0n, 100n, 5n, 5n],
    [8n, 0n, 100n, 5n, 10n],
    [12n, 1n, 100n, 5n, 11n],
    [99n, 0n, 99n, 50n, 50n],
    [-7n, -10n, 10n, 5n, -5n],
    [3n, 0n, 10n, 1n, 3n],
    [9n, 0n, 4n, 100n, 0n],
  ])('%d between %d and %d in steps of %d becomes %d', (raw, min, max, step, expected) => {
    expect(toGrid(raw, min, max, step)).toBe(expected)
  })

  it('has the nearest point that is not above the maximum', () => {
    const number = fc.bigInt({ min: -10_000n, max: 10_000n })
    fc.assert(
      fc.property(number, number, number, fc.bigInt({ min: 1n, max: 5_000n }), (a, b, c, step) => {
        const [min, raw, max] = [a, b, c].sort((x, y) => (x < y ? -1 : 1)) as [bigint, bigint, bigint]
        const fitted = toGrid(raw, min, max, step)
        expect((fitted - min) % step).toBe(0n)
        expect(fitted >= min && fitted <= max).toBe(true)
        const distance = (to: bigint) => (to < raw ? raw - to : to - raw)
        for (const neighbour of [fitted - step, fitted + step]) {
          if (neighbour >= min && neighbour <= max) expect(distance(neighbour) >= distance(fitted)).toBe(true)
        }
      }),
    )
  })
})
