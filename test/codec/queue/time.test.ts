import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readIsoTime, readTime } from '../../../src/codec/queue/time.ts'
import { hostileJson, hostileText } from '../../support/hostile.ts'

const at = 1_767_225_600_000

describe('a time of the platform', () => {
  it.each([
    ['milliseconds', at],
    ['their text', String(at)],
    ['seconds', at / 1000],
    ['their text', String(at / 1000)],
    ['seconds with a fraction', 1_767_225_600.0001],
    ['their text', '1767225600.000'],
  ])('may be %s', (_name, given) => {
    expect(readTime(given)).toBe(at)
  })

  it.each([
    0,
    2,
    -at,
    176_722_560_000,
    99_999_999_999.5 / 100,
    1e13,
    at * 1000,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    ' 1767225600000',
    '1e12',
    '0x19b76c1f800',
    '1,767,225,600',
    '9'.repeat(40),
    null,
    undefined,
    true,
    {},
    [at],
  ])('is not %s', (given) => {
    expect(readTime(given)).toBeUndefined()
  })

  it('is whole and has a date, whatever was given', () => {
    fc.assert(
      fc.property(fc.oneof(hostileJson, hostileText, fc.double()), (given) => {
        const timeMs = readTime(given)
        if (timeMs === undefined) return
        expect(Number.isSafeInteger(timeMs)).toBe(true)
        expect(() => new Date(timeMs).toISOString()).not.toThrow()
      }),
    )
  })
})

describe('a time of the proxy', () => {
  it.each([
    ['2026-01-01T00:00:01.537Z', 1_767_225_601_537],
    ['2026-01-01T08:00:01.537+08:00', 1_767_225_601_537],
    ['2026-01-01T05:30:01.537+0530', 1_767_225_601_537],
    ['2025-12-31T19:00:01.537-05', 1_767_225_601_537],
    ['2026-01-01T00:00:01.537123456Z', 1_767_225_601_537],
    ['2026-01-01T00:00:01.5Z', 1_767_225_601_500],
    ['2026-01-01T00:00:01Z', 1_767_225_601_000],
    ['2016-08-30 16:45:57.785', 1_472_575_557_785],
  ])('%s', (text, timeMs) => {
    expect(readIsoTime(text)).toBe(timeMs)
  })

  it.each([
    '',
    'now',
    '2026-01-01',
    '2026-13-01T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01T00:00:00+99:99',
    `${'2'.repeat(99)}`,
  ])('is not "%s"', (text) => {
    expect(readIsoTime(text)).toBeUndefined()
  })

  it('comes back as Date writes it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (timeMs) => {
        expect(readIsoTime(new Date(timeMs).toISOString())).toBe(timeMs)
      }),
    )
  })
})
