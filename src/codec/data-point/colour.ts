import type { ColourRange } from '../../domain/data-point.ts'
import { BridgeError } from '../../util/error.ts'

/** A colour in device units: h 0-360, s and v up to what the specification says. */
export interface Colour {
  readonly h: number
  readonly s: number
  readonly v: number
}

/** v1 points (colour_data) go to 255, v2 and hsv points to 1000, unless the specification says otherwise. */
export function colourRangeOf(code: string): ColourRange | null {
  if (/^colou?r_data(_v2|_hsv)(_\d+)?$/.test(code)) return { h: 360, s: 1000, v: 1000 }
  if (/^colou?r_data(_\d+)?$/.test(code)) return { h: 360, s: 255, v: 255 }
  return null
}

/** The LAN's text of a colour: 14 digits RRGGBBHHHHSSVV or 12 digits HHHHSSSSVVVV. */
export function parseColourHex(text: string): Colour | undefined {
  if ((text.length !== 12 && text.length !== 14) || !/^[0-9a-fA-F]+$/.test(text)) return undefined
  const read = (from: number, to: number) => Number.parseInt(text.slice(from, to), 16)
  return text.length === 12
    ? { h: read(0, 4), s: read(4, 8), v: read(8, 12) }
    : { h: read(6, 10), s: read(10, 12), v: read(12, 14) }
}

/** The LAN's text of a colour, in the form that the ranges of the point call for. */
export function buildColourHex(colour: Colour, range: ColourRange): string {
  const digits = (value: number, width: number) => {
    const rounded = Math.round(value)
    if (!(rounded >= 0) || rounded >= 16 ** width) {
      throw new BridgeError(
        'command/out-of-range',
        `A colour member of ${value} does not fit the device's form.`,
      )
    }
    return rounded.toString(16).padStart(width, '0')
  }
  if (range.s > 255) return digits(colour.h, 4) + digits(colour.s, 4) + digits(colour.v, 4)
  const rgb = toRgb(colour, range)
  return (
    rgb.map((part) => digits(part, 2)).join('') +
    digits(colour.h, 4) +
    digits(colour.s, 2) +
    digits(colour.v, 2)
  )
}

/** `[r, g, b]`, each 0-255. */
export function toRgb(colour: Colour, range: ColourRange): [number, number, number] {
  const s = colour.s / range.s
  const v = colour.v / range.v
  const part = (n: number) => {
    const k = (n + colour.h / 60) % 6
    return Math.round(255 * (v - v * s * Math.max(0, Math.min(k, 4 - k, 1))))
  }
  return [part(5), part(3), part(1)]
}

/** The colour of `[r, g, b]`, each 0-255, in device units. */
export function fromRgb([r, g, b]: readonly [number, number, number], range: ColourRange): Colour {
  const max = Math.max(r, g, b)
  const chroma = max - Math.min(r, g, b)
  const sextant =
    chroma === 0
      ? 0
      : max === r
        ? ((g - b) / chroma + 6) % 6
        : max === g
          ? (b - r) / chroma + 2
          : (r - g) / chroma + 4
  return {
    h: Math.round(sextant * 60) % 360,
    s: max === 0 ? 0 : Math.round((chroma / max) * range.s),
    v: Math.round((max / 255) * range.v),
  }
}
