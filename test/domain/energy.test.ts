import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  furtherSum,
  isPortion,
  isTwin,
  type Portion,
  type PortionSum,
  shownSum,
  withPortion,
} from '../../src/domain/energy.ts'
import { point } from '../support/point.ts'

/** A portion of a device that counts in thousandths. */
function portion(raw: number, timeMs: number, changes: Partial<Portion> = {}): Portion {
  return { raw, scale: 3, timeMs, source: 'queue', ...changes }
}

function summed(portions: readonly Portion[], before?: PortionSum): PortionSum {
  const sum = portions.reduce<PortionSum | undefined>(withPortion, before)
  if (!sum) throw new Error('no portion')
  return sum
}

it.each([
  ['add_ele', true],
  ['add_ele1', true],
  ['add_ele_2', true],
  ['add_ele_total', false],
  ['cur_power', false],
])('%s reports portions: %s', (code, expected) => {
  expect(isPortion(point('integer', { code }))).toBe(expected)
  expect(isPortion(point('string', { code }))).toBe(false)
})

describe('a portion with the time of its source', () => {
  it('is added, also when it equals the one before', () => {
    const sum = summed([portion(12, 1_000), portion(12, 2_000), portion(3, 3_000)])
    expect(shownSum(sum)).toBe(0.027)
  })

  it('is counted once, however often it comes', () => {
    const once = summed([portion(12, 1_000)])
    expect(withPortion(once, portion(12, 1_000))).toBe(once)
    expect(withPortion(once, portion(12, 900))).toBe(once)
  })

  it('is the same portion when a later read of the cloud tells the same time', () => {
    const once = summed([portion(12, 1_000)])
    expect(withPortion(once, portion(12, 9_000, { source: 'poll', saidMs: 1_000 }))).toBe(once)
    expect(shownSum(withPortion(once, portion(12, 9_000, { source: 'poll', saidMs: 5_000 })))).toBe(0.024)
  })

  it('is the same portion when the cloud dates it a moment later than the LAN did', () => {
    const once = summed([portion(12, 1_000, { source: 'lan' })])
    expect(withPortion(once, portion(12, 9_000, { source: 'poll', saidMs: 1_040 }))).toBe(once)
    expect(shownSum(withPortion(once, portion(3, 9_000, { source: 'poll', saidMs: 1_040 })))).toBe(0.015)
  })
})

describe('a read that tells no time', () => {
  const poll = (raw: number, timeMs: number) => portion(raw, timeMs, { source: 'poll' })

  it('shows the last portion again and again: only another value is another portion', () => {
    const sum = summed([poll(12, 1_000), poll(12, 2_000), poll(15, 3_000), poll(15, 4_000), poll(12, 5_000)])
    expect(shownSum(sum)).toBe(0.027)
  })

  it('does not count what was there before we first looked', () => {
    expect(shownSum(summed([poll(12, 1_000)]))).toBe(0)
    expect(shownSum(summed([portion(12, 9_000, { source: 'poll', saidMs: 1_000 })]))).toBe(0)
  })
})

it('a specification that shows more digits than before changes no sum', () => {
  const before = summed([portion(12, 1_000, { scale: 2 })])
  expect(shownSum(before)).toBe(0.12)
  expect(shownSum(withPortion(before, portion(5, 2_000, { scale: 3 })))).toBe(0.125)
  const after = withPortion(before, portion(5, 2_000, { scale: 3 }))
  expect(shownSum(withPortion(after, portion(1, 3_000, { scale: 2 })))).toBe(0.135)
})

it('the sum never falls, whatever is reported in whatever order', () => {
  const any = fc.record({
    raw: fc.integer({ min: -100, max: 50_000 }),
    scale: fc.integer({ min: 0, max: 3 }),
    timeMs: fc.integer({ min: 0, max: 50 }),
    source: fc.constantFrom('queue', 'lan', 'poll'),
    saidMs: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 40 }), (portions) => {
      let before: PortionSum | undefined
      for (const one of portions) {
        const now = withPortion(before, one as Portion)
        expect(shownSum(now)).toBeGreaterThanOrEqual(before === undefined ? 0 : shownSum(before))
        before = now
      }
    }),
  )
})

describe('a sum that was published', () => {
  const saved = { sum: 90, scale: 3, timeMs: 1_000, last: 5 }
  const published = (total: number) => ({ total, timeMs: 2_000, last: 7 })

  it('goes before a smaller one that was saved, and its last portion is not counted again', () => {
    const sum = furtherSum(saved, published(0.1))
    expect(sum).toEqual({ sum: 100, scale: 3, timeMs: 2_000, last: 7 })
    expect(sum && withPortion(sum, portion(7, 2_000))).toBe(sum)
  })

  it('is all there is where nothing was saved', () => {
    expect(furtherSum(undefined, published(12.34))).toMatchObject({ sum: 1234, scale: 2 })
    expect(furtherSum(undefined, { ...published(1), byLan: true })).toMatchObject({ sum: 1, byLan: true })
  })

  it.each([0.09, 0.05, 0, -1, Number.NaN, 1e-9, 1e21, Number.POSITIVE_INFINITY])(
    'says nothing new: %s',
    (total) => {
      expect(furtherSum(saved, published(total))).toBeUndefined()
    },
  )
})

describe('the last portion of a sum', () => {
  const before = { sum: 90, scale: 3, timeMs: 10_000, last: 5, byLan: true } as const

  it.each<[string, boolean, Partial<Portion>, object]>([
    ['a moment later', true, { timeMs: 11_999 }, {}],
    ['a moment earlier', true, { timeMs: 8_001 }, {}],
    ['long after', false, { timeMs: 12_001 }, {}],
    ['with another value', false, { raw: 6 }, {}],
    ['on the same way', false, { source: 'lan' }, {}],
    ['where the queue had told it', false, {}, { byLan: undefined }],
  ])('told by the queue %s is the same one: %s', (_, expected, changes, more) => {
    expect(isTwin({ ...before, ...more } as PortionSum, portion(5, 10_000, changes))).toBe(expected)
  })
})
