import { buildColourHex, colourRangeOf, parseColourHex } from '../../codec/data-point/colour.ts'
import type { ColourRange } from '../../domain/data-point.ts'
import { isRecord } from '../../util/json.ts'
import { accepts } from '../cloud/accept.ts'
import type { DpEntry } from '../world-file.ts'

/** How a value of the world stands on the LAN: colours as hex digits, other objects as text, numbers unscaled. */
export function toLan(dp: DpEntry, value: unknown): unknown {
  const range = colourRange(dp)
  if (!range) return value
  const colour = parsed(value)
  if (!isRecord(colour)) return ''
  const { h, s, v } = colour
  return buildColourHex({ h: Number(h), s: Number(s), v: Number(v) }, range)
}

/** The other way round; undefined for what a firmware ignores: another type of JSON, or out of range. */
export function fromLan(dp: DpEntry, value: unknown): unknown {
  if (dp.access === 'ro') return undefined
  if (dp.type === 'Json' && !colourRange(dp)) return typeof value === 'string' ? value : undefined
  const kept = colourRange(dp) ? colourText(value) : value
  return accepts(dp, kept) ? kept : undefined
}

function colourText(value: unknown): string | undefined {
  const colour = typeof value === 'string' ? parseColourHex(value) : undefined
  return colour && JSON.stringify({ h: colour.h, s: colour.s, v: colour.v })
}

function colourRange(dp: DpEntry): ColourRange | null {
  return dp.type === 'Json' ? colourRangeOf(dp.code) : null
}

function parsed(value: unknown): unknown {
  try {
    return JSON.parse(String(value))
  } catch {
    return undefined
  }
}
