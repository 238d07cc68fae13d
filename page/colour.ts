import type { Json } from '../src/domain/data-point.ts'

/** A colour in units of its device. */
export interface Hsv {
  readonly h: number
  readonly s: number
  readonly v: number
}

/** The value of a colour point; undefined when it is none. */
export function hsvOf(value: Json | undefined): Hsv | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { h, s, v } = value as Record<string, Json>
  return typeof h === 'number' && typeof s === 'number' && typeof v === 'number' ? { h, s, v } : undefined
}

/** As `#rrggbb`; `range` holds the highest value of each member. */
export function toHex({ h, s, v }: Hsv, range: Hsv): string {
  const [hue, saturation, value] = [((h / range.h) * 360) % 360, s / range.s, v / range.v]
  const channel = (n: number) => {
    const k = (n + hue / 60) % 6
    const part = value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1))
    return Math.round(part * 255)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${channel(5)}${channel(3)}${channel(1)}`
}

/** The colour of `#rrggbb` in units of the device. */
export function fromHex(hex: string, range: Hsv): Hsv {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(
    (at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255,
  )
  const highest = Math.max(red, green, blue)
  const span = highest - Math.min(red, green, blue)
  const sixths =
    span === 0
      ? 0
      : highest === red
        ? ((green - blue) / span + 6) % 6
        : highest === green
          ? (blue - red) / span + 2
          : (red - green) / span + 4
  return {
    h: Math.round((sixths / 6) * range.h) % range.h,
    s: Math.round((highest === 0 ? 0 : span / highest) * range.s),
    v: Math.round(highest * range.v),
  }
}
