import type { ColourRange, DataPoint, Json, View, ViewName } from '../../domain/data-point.ts'
import { isPortion } from '../../domain/energy.ts'
import { isRecord, own } from '../../util/json.ts'
import { bitmapMask } from './bitmap.ts'
import { type Colour, fromRgb, toRgb } from './colour.ts'
import { isPhaseCode, parsePhase } from './phase.ts'

/** The derived scalars of a point, by its kind. */
export function viewNames(point: DataPoint): readonly ViewName[] {
  if (point.momentary) return noNames
  if (point.colour) {
    const writable = point.access !== 'ro'
    return [
      { name: 'hsv', writable },
      { name: 'rgb', writable },
    ]
  }
  if (point.type === 'bitmap') return ['mask', 'active'].map((name) => ({ name, writable: false }))
  if (isPortion(point)) return [{ name: 'total', writable: false }]
  if (isPhaseCode(point.code))
    return ['voltage', 'current', 'power'].map((name) => ({ name, writable: false }))
  return noNames
}

const noNames: readonly ViewName[] = []

/** Their values, as far as the shown value alone gives them; empty when it cannot be read. */
export function views(point: DataPoint, shown: Json): readonly View[] {
  if (point.momentary) return []
  if (point.colour) return colourViews(point, shown)
  if (point.type === 'bitmap') return bitmapViews(point, shown)
  if (isPhaseCode(point.code)) {
    const phase = parsePhase(shown)
    return phase ? Object.entries(phase).map(([name, value]) => ({ name, value })) : []
  }
  return []
}

function colourViews(point: DataPoint, shown: Json): View[] {
  const colour = readColour(shown)
  if (!colour || !point.colour) return []
  const within = limited(colour, point.colour)
  const percent = (value: number, most: number) => Math.round((value / most) * 100)
  const [s, v] = [percent(within.s, point.colour.s), percent(within.v, point.colour.v)]
  return [
    { name: 'hsv', value: `${Math.round(within.h)},${s},${v}` },
    { name: 'rgb', value: toRgb(within, point.colour).join(',') },
  ]
}

/** Some lamps report members beyond the ranges that they describe; the scalars keep to their scales. */
function limited(colour: Colour, range: ColourRange): Colour {
  const within = (value: number, most: number) => Math.min(Math.max(value, 0), most)
  return { h: within(colour.h, range.h), s: within(colour.s, range.s), v: within(colour.v, range.v) }
}

function bitmapViews(point: DataPoint, shown: Json): View[] {
  if (!Array.isArray(shown) || !shown.every((label) => typeof label === 'string')) return []
  const encoded = bitmapMask(shown, point.labels)
  return 'mask' in encoded
    ? [
        { name: 'mask', value: encoded.mask },
        { name: 'active', value: encoded.mask !== 0 },
      ]
    : []
}

/** A shown colour with all its members as numbers. */
export function readColour(shown: Json | undefined): Colour | undefined {
  if (!isRecord(shown)) return undefined
  const [h, s, v] = [own(shown, 'h'), own(shown, 's'), own(shown, 'v')]
  return typeof h === 'number' && typeof s === 'number' && typeof v === 'number' ? { h, s, v } : undefined
}

/** The shown value that a written view stands for, or the sentence that says why not. */
export function writeView(point: DataPoint, view: string, text: string): { value: Json } | { fault: string } {
  const range = point.colour
  const writable = viewNames(point).some(({ name, writable }) => writable && name === view)
  if (!range || !writable) return { fault: `${point.code}/${view.slice(0, 64)} cannot be written.` }
  const most: readonly [number, number, number] = view === 'hsv' ? [360, 100, 100] : [255, 255, 255]
  const parts = /^\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*$/.exec(text)?.slice(1).map(Number)
  if (!parts || parts.some((part, i) => part > (most[i] ?? 0))) {
    return {
      fault: `${point.code}/${view} takes three whole numbers up to ${most.join(', ')}, like ${most.join(',')}.`,
    }
  }
  const [a = 0, b = 0, c = 0] = parts
  if (view === 'rgb') return { value: { ...fromRgb([a, b, c], range) } }
  return { value: { h: a, s: Math.round((b / 100) * range.s), v: Math.round((c / 100) * range.v) } }
}
