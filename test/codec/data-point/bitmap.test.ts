import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bitmapLabels, bitmapMask } from '../../../src/codec/data-point/bitmap.ts'

const labels = ['e1', 'e2', 'e3']

describe('the labels of a number', () => {
  it.each([
    [0, []],
    [1, ['e1']],
    [5, ['e1', 'e3']],
    [7, ['e1', 'e2', 'e3']],
    [8, ['bit3']],
    [9, ['e1', 'bit3']],
    [2 ** 31, ['bit31']],
  ])('%d is %j', (raw, expected) => {
    expect(bitmapLabels(raw, labels)).toEqual(expected)
  })

  it('are numbered where nobody named them', () => {
    expect(bitmapLabels(3, null)).toEqual(['bit0', 'bit1'])
  })

  it.each([-1, 0.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY])('%d has none', (raw) => {
    expect(bitmapLabels(raw, labels)).toBeUndefined()
  })
})

describe('the number of labels', () => {
  it.each([
    [[], 0],
    [['e3', 'e1'], 5],
    [['e1', 'e1'], 1],
    [['bit3'], 8],
    [['bit31', 'e1'], 2 ** 31 + 1],
  ])('%j is %d', (list, mask) => {
    expect(bitmapMask(list, labels)).toEqual({ mask })
  })

  it.each(['e4', 'bit0', 'bit32', 'bit99', 'bit-1', 'E1', '', 'toString'])(
    '%j is not one of them',
    (label) => {
      expect(bitmapMask(['e1', label], labels)).toEqual({ unknown: label })
    },
  )

  it('is the number that the labels came from', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z_]{1,6}$/), { maxLength: 32 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.option(names), (raw, given) => {
        expect(bitmapMask(bitmapLabels(raw, given) ?? [], given)).toEqual({ mask: raw })
      }),
    )
  })
})
