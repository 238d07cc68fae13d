import { type DataPoint, toShown } from './data-point.ts'
import type { Source } from './report.ts'
import { futureToleranceMs } from './state.ts'

/** Codes whose reports are portions: what was used since the report before. */
const portionCode = /^add_ele_?\d*$/

export function isPortion({ code, type }: Pick<DataPoint, 'code' | 'type'>): boolean {
  return type === 'integer' && portionCode.test(code)
}

/** Points that say what a device takes at this moment; the first kind that it has counts, the others are parts of it. */
export const powerCodes: readonly RegExp[] = [
  /^(cur_power|total_power|active_power|power_total)$/,
  /^cur_power_?\d$/,
  /^power_[abc]$/,
  /^phase_[abc]$/,
]

/** The portions of one data point so far, in whole steps of its scale. */
export interface PortionSum {
  readonly sum: number
  readonly scale: number
  /** Source time of the last portion, and what it was. */
  readonly timeMs: number
  readonly last: number
  /** It was heard on the LAN, and dated by our clock. */
  readonly byLan?: true
}

export interface Portion {
  readonly raw: number
  readonly scale: number
  readonly timeMs: number
  readonly source: Source
  /** When the device said it, where a read of the cloud tells that: the read itself is later. */
  readonly saidMs?: number | undefined
  readonly receivedMs?: number
  /** The other way has told it already. */
  readonly isEcho?: boolean
}

/** The two ways to a device date the same portion differently by this much at most. */
const apartMs = 2_000

/**
 * The sum with one more portion, if it is one more. The same source time is the same portion. A read that tells no
 * time shows the last portion again and again: only another value is surely another portion, and the first one may be
 * older than the sum.
 */
export function withPortion(before: PortionSum | undefined, portion: Portion): PortionSum {
  const { raw, source, saidMs } = portion
  const timeMs = saidMs ?? portion.timeMs
  const fresh = before === undefined ? source !== 'poll' : isFresh(before, portion, timeMs)
  const scale = Math.max(before?.scale ?? portion.scale, portion.scale)
  const sum = scaled(before?.sum ?? 0, scale - (before?.scale ?? scale))
  if (!fresh && before !== undefined) return scale === before.scale ? before : { ...before, sum, scale }
  const added = fresh ? scaled(Math.max(0, raw), scale - portion.scale) : 0
  return { sum: sum + added, scale, timeMs, last: raw, ...(source === 'lan' ? { byLan: true } : {}) }
}

function isFresh(before: PortionSum, portion: Portion, timeMs: number): boolean {
  const { raw, source, saidMs, isEcho, receivedMs = Number.POSITIVE_INFINITY } = portion
  // The clock that dated it was wrong, and is not waited for.
  const isAhead = before.timeMs > receivedMs + futureToleranceMs
  if (isEcho || (timeMs <= before.timeMs && !isAhead)) return false
  if (source !== 'poll' || raw !== before.last) return true
  return saidMs !== undefined && timeMs > before.timeMs + (before.byLan ? apartMs : 0)
}

function scaled(raw: number, digits: number): number {
  return raw * 10 ** digits
}

/** The same portion as the last one of the sum, told on the other way: the LAN's is dated by our clock. */
export function isTwin(before: PortionSum, { raw, source, timeMs }: Portion): boolean {
  if (before.byLan !== true || source !== 'queue' || raw !== before.last) return false
  return Math.abs(timeMs - before.timeMs) <= apartMs
}

/** What an earlier run has published of a sum, in shown units, and the last portion that it holds. */
export interface PublishedSum {
  readonly total: number
  readonly timeMs: number
  readonly last: number
  readonly byLan?: boolean
}

/** The sum as an earlier run has published it, where that is more than what is known: a sum never falls. Else undefined. */
export function furtherSum(
  known: PortionSum | undefined,
  { total, timeMs, last, byLan }: PublishedSum,
): PortionSum | undefined {
  const [, whole, digits = ''] = /^(\d{1,12})(?:\.(\d{1,6}))?$/.exec(String(total)) ?? []
  if (whole === undefined) return undefined
  const scale = Math.max(digits.length, known?.scale ?? 0)
  const sum = scaled(Number(whole + digits), scale - digits.length)
  if (known ? sum <= scaled(known.sum, scale - known.scale) : sum === 0) return undefined
  return { sum, scale, timeMs, last, ...(byLan ? { byLan } : {}) }
}

/** In the unit that the device's specification shows. */
export function shownSum({ sum, scale }: PortionSum): number {
  return toShown(sum, scale)
}
