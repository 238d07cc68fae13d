import type { PageFact, PagePoint } from '../src/app/page/protocol.ts'
import type { Json } from '../src/domain/data-point.ts'

/** `some_code` and `someCode` as words. */
export function words(code: string): string {
  const text = code
    .replace(/_+/g, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .trim()
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** A value with its unit, short enough for a line. */
export function valueText(point: Pick<PagePoint, 'type' | 'unit' | 'use'>, value: Json | undefined): string {
  if (value === undefined || value === null) return '–'
  if (typeof value === 'boolean') return holdText(point.use?.measures, value)
  if (typeof value === 'number') return point.unit ? `${value} ${point.unit}` : String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ')
  if (typeof value === 'string') return point.type === 'enum' ? value.replace(/_+/g, ' ') : value || '“”'
  return JSON.stringify(value)
}

/** What is said of something that holds or does not; of what is not listed, that it is on or off. */
const holds: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  door: ['open', 'closed'],
  window: ['open', 'closed'],
  opening: ['open', 'closed'],
  lock: ['unlocked', 'locked'],
  problem: ['yes', 'no'],
  tamper: ['yes', 'no'],
  motion: ['yes', 'no'],
  occupancy: ['yes', 'no'],
  vibration: ['yes', 'no'],
  moisture: ['yes', 'no'],
  smoke: ['yes', 'no'],
  gas: ['yes', 'no'],
  carbon_monoxide: ['yes', 'no'],
}

function holdText(measures: string | undefined, holding: boolean): string {
  const [yes, no] = holds[measures ?? ''] ?? ['on', 'off']
  return holding ? yes : no
}

/** Points of 10 to 1000 without a unit mean a share: where in its range a value lies, in whole percent. */
export function percentOf({ min, max, unit }: PagePoint, value: number): string | undefined {
  if (min === null || max === null || max <= min || (unit !== null && unit !== '')) return undefined
  return `${Math.round((Math.max(0, value - (min === 1 || min === 10 ? 0 : min)) / (max - (min === 1 || min === 10 ? 0 : min))) * 100)} %`
}

/** How long ago, in the largest whole unit. */
export function ageText(thenMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - thenMs) / 1_000))
  if (seconds < 5) return 'just now'
  return `${spanText(seconds * 1_000)} ago`
}

/** A span in the largest whole unit. */
export function spanText(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`
  const days = Math.floor(seconds / 86_400)
  return days === 1 ? '1 day' : `${days} days`
}

/** The time of day; with the date when it is another day. */
export function timeText(ms: number, nowMs: number): string {
  const time = new Date(ms)
  const isToday = time.toDateString() === new Date(nowMs).toDateString()
  const clock = time.toLocaleTimeString('en-GB')
  return isToday ? clock : `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${clock}`
}

/** When the newest of the values was said; undefined when none is known. */
export function newestMs(facts: Readonly<Record<string, PageFact>>): number | undefined {
  let newest: number | undefined
  for (const [, timeMs] of Object.values(facts)) if (newest === undefined || timeMs > newest) newest = timeMs
  return newest
}

/** The value below which so large a share of them lies; undefined of none. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

/** A whole number, easy to read when it is long. */
export function countText(count: number): string {
  return count.toLocaleString('en-GB').replaceAll(',', '\u202f')
}
