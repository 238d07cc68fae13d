import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromHex, hsvOf, toHex } from '../../page/colour.ts'
import {
  ageText,
  countText,
  percentOf,
  quantile,
  spanText,
  timeText,
  valueText,
  words,
} from '../../page/format.ts'
import type { PagePoint } from '../../src/app/page/protocol.ts'

it('values have their unit and are short', () => {
  const text = (value: Parameters<typeof valueText>[1], more: Partial<PagePoint> = {}) =>
    valueText({ type: 'integer', unit: null, ...more }, value)
  expect(text(21.5, { unit: '°C' })).toBe('21.5 °C')
  expect(text(undefined)).toBe('–')
  expect(text(null)).toBe('–')
  expect(text(true)).toBe('on')
  const holding = (measures: string) => ({ use: { ability: 'binary', role: 'main', measures } as const })
  expect(text(false, holding('door'))).toBe('closed')
  expect(text(true, holding('smoke'))).toBe('yes')
  expect(text('power_on', { type: 'enum' })).toBe('power on')
  expect(text([])).toBe('none')
  expect(text(['E1', 'E2'])).toBe('E1, E2')
  expect(text({ h: 1 })).toBe('{"h":1}')
})

it('a share is told in percent, what has a unit is not one', () => {
  const point = { min: 10, max: 1_000, unit: null } as unknown as PagePoint
  expect(percentOf(point, 1_000)).toBe('100 %')
  expect(percentOf(point, 500)).toBe('50 %')
  expect(percentOf({ ...point, min: 0 }, 0)).toBe('0 %')
  expect(percentOf({ ...point, unit: '°C' }, 20)).toBeUndefined()
  expect(percentOf({ ...point, max: null }, 20)).toBeUndefined()
})

it('ages and spans stand in their largest unit', () => {
  expect(ageText(1_000, 2_000)).toBe('just now')
  expect(ageText(0, 42_000)).toBe('42 s ago')
  expect(ageText(5_000, 0)).toBe('just now')
  expect(spanText(3 * 60_000 + 5_000)).toBe('3 min')
  expect(spanText(2 * 3_600_000)).toBe('2 h')
  expect(spanText(86_400_000)).toBe('1 day')
  expect(spanText(3 * 86_400_000)).toBe('3 days')
  const noon = new Date(2026, 10, 21, 12).getTime()
  expect(timeText(noon, noon + 1_000)).toBe('12:00:00')
  expect(timeText(noon, noon + 86_400_000)).toBe('21 Nov 12:00:00')
})

it('a share of values lies below a quantile', () => {
  expect(quantile([], 0.5)).toBeUndefined()
  expect(quantile([5, 1, 3], 0.5)).toBe(3)
  expect(quantile([1, 2, 3, 4], 1)).toBe(4)
})

it('colours go to the picker and back', () => {
  const range = { h: 360, s: 1_000, v: 1_000 }
  expect(toHex({ h: 0, s: 1_000, v: 1_000 }, range)).toBe('#ff0000')
  expect(toHex({ h: 120, s: 1_000, v: 1_000 }, range)).toBe('#00ff00')
  expect(toHex({ h: 240, s: 1_000, v: 500 }, range)).toBe('#000080')
  expect(toHex({ h: 0, s: 0, v: 1_000 }, range)).toBe('#ffffff')
  expect(fromHex('#0000ff', range)).toEqual({ h: 240, s: 1_000, v: 1_000 })
  expect(fromHex('#ff7800', range)).toEqual({ h: 28, s: 1_000, v: 1_000 })
  expect(fromHex('#000000', { h: 360, s: 255, v: 255 })).toEqual({ h: 0, s: 0, v: 0 })
  expect(hsvOf({ h: 1, s: 2, v: 3 })).toEqual({ h: 1, s: 2, v: 3 })
  for (const value of [null, undefined, 5, 'x', [], {}, { h: '1', s: 2, v: 3 }])
    expect(hsvOf(value as never)).toBeUndefined()
})

it('a colour of the picker is the same when it comes back', () => {
  const range = { h: 360, s: 1_000, v: 1_000 }
  const far = (a: string, b: string) =>
    Math.max(
      ...[1, 3, 5].map((at) =>
        Math.abs(Number.parseInt(a.slice(at, at + 2), 16) - Number.parseInt(b.slice(at, at + 2), 16)),
      ),
    )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffff }), (number) => {
      const hex = `#${number.toString(16).padStart(6, '0')}`
      expect(far(hex, toHex(fromHex(hex, range), range))).toBeLessThanOrEqual(3)
    }),
  )
})

it('words and long numbers are easy to read', () => {
  expect(words('cloudCalls')).toBe('Cloud Calls')
  expect(words('device_added')).toBe('Device added')
  expect(countText(1_000_000)).toBe('1\u202f000\u202f000')
  expect(countText(57)).toBe('57')
})
