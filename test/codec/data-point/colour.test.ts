import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildColourHex,
  colourRangeOf,
  fromRgb,
  parseColourHex,
  toRgb,
} from '../../../src/codec/data-point/colour.ts'

const v1 = { h: 360, s: 255, v: 255 }
const v2 = { h: 360, s: 1000, v: 1000 }

it.each([
  ['colour_data', v1],
  ['color_data', v1],
  ['colour_data_1', v1],
  ['colour_data_v2', v2],
  ['color_data_v2', v2],
  ['colour_data_hsv', v2],
  ['colour_data_v2_2', v2],
  ['scene_data', null],
  ['my_colour_data', null],
  ['colour_data_raw', null],
])('%s has the ranges that its code stands for', (code, range) => {
  expect(colourRangeOf(code)).toEqual(range)
})

describe('the text of a colour on the LAN', () => {
  it.each([
    ['00c901ff0383', { h: 201, s: 511, v: 899 }],
    ['00C901FF0383', { h: 201, s: 511, v: 899 }],
    ['c87b000025ffc8', { h: 37, s: 255, v: 200 }],
    ['000000000000', { h: 0, s: 0, v: 0 }],
  ])('%s is read', (text, colour) => {
    expect(parseColourHex(text)).toEqual(colour)
  })

  it.each(['', '00c9', '00c901ff03834', '00c901ff038g', '00c901ff03831', 'f'.repeat(16), ' 00c901ff0383'])(
    '%j is no colour',
    (text) => {
      expect(parseColourHex(text)).toBeUndefined()
    },
  )

  it('is written in twelve digits for thousandths and in fourteen, with red, green and blue first, for bytes', () => {
    expect(buildColourHex({ h: 201, s: 511, v: 899 }, v2)).toBe('00c901ff0383')
    expect(buildColourHex({ h: 37, s: 255, v: 200 }, v1)).toBe('c87b000025ffc8')
  })

  it('is refused for what does not fit into its digits', () => {
    for (const colour of [
      { h: -1, s: 0, v: 0 },
      { h: 70_000, s: 0, v: 0 },
      { h: Number.NaN, s: 0, v: 0 },
    ]) {
      expect(() => buildColourHex(colour, v2)).toThrow(/does not fit/)
    }
    expect(() => buildColourHex({ h: 0, s: 256, v: 0 }, v1)).toThrow(/does not fit/)
  })

  it.each([v1, v2])('comes back as it went out, within %j', (range) => {
    const colour = fc.record({
      h: fc.integer({ min: 0, max: range.h }),
      s: fc.integer({ min: 0, max: range.s }),
      v: fc.integer({ min: 0, max: range.v }),
    })
    fc.assert(
      fc.property(colour, (given) => {
        expect(parseColourHex(buildColourHex(given, range))).toEqual(given)
      }),
    )
  })
})

describe('red, green and blue', () => {
  it.each([
    [{ h: 0, s: 1000, v: 1000 }, v2, [255, 0, 0]],
    [{ h: 60, s: 1000, v: 1000 }, v2, [255, 255, 0]],
    [{ h: 120, s: 1000, v: 1000 }, v2, [0, 255, 0]],
    [{ h: 180, s: 1000, v: 1000 }, v2, [0, 255, 255]],
    [{ h: 240, s: 1000, v: 1000 }, v2, [0, 0, 255]],
    [{ h: 300, s: 1000, v: 1000 }, v2, [255, 0, 255]],
    [{ h: 360, s: 1000, v: 1000 }, v2, [255, 0, 0]],
    [{ h: 123, s: 0, v: 500 }, v2, [128, 128, 128]],
    [{ h: 200, s: 1000, v: 0 }, v2, [0, 0, 0]],
    [{ h: 201, s: 511, v: 899 }, v2, [112, 188, 229]],
    [{ h: 37, s: 255, v: 200 }, v1, [200, 123, 0]],
    [{ h: 300, s: 50, v: 100 }, { h: 360, s: 100, v: 100 }, [255, 128, 255]],
  ])('%j within %j is %j', (colour, range, rgb) => {
    expect(toRgb(colour, range)).toEqual(rgb)
  })

  it.each<[rgb: [number, number, number], range: typeof v1, colour: typeof v1]>([
    [[255, 0, 0], v2, { h: 0, s: 1000, v: 1000 }],
    [[0, 255, 0], v2, { h: 120, s: 1000, v: 1000 }],
    [[0, 0, 255], v2, { h: 240, s: 1000, v: 1000 }],
    [[112, 188, 229], v2, { h: 201, s: 511, v: 898 }],
    [[200, 123, 0], v1, { h: 37, s: 255, v: 200 }],
    [[255, 0, 1], v2, { h: 0, s: 1000, v: 1000 }],
    [[0, 0, 0], v2, { h: 0, s: 0, v: 0 }],
    [[128, 128, 128], v1, { h: 0, s: 0, v: 128 }],
  ])('%j within %j is %j', (rgb, range, colour) => {
    expect(fromRgb(rgb, range)).toEqual(colour)
  })

  it.each([v1, v2])('come back within a step of each, for any colour within %j', (range) => {
    const byte = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte), (rgb) => {
        const colour = fromRgb(rgb, range)
        expect(colour.h).toBeGreaterThanOrEqual(0)
        expect(colour.h).toBeLessThan(360)
        expect(colour.s).toBeLessThanOrEqual(range.s)
        expect(colour.v).toBeLessThanOrEqual(range.v)
        for (const [i, part] of toRgb(colour, range).entries()) {
          expect(Math.abs(part - (rgb[i] as number))).toBeLessThanOrEqual(3)
        }
      }),
    )
  })
})
