/** Times of day and days of the week in the time zone of people; pure functions of an instant. */

/** Fires at a time of day: on the days of `loops`, or with none of them once, on `date`. */
export interface Timer {
  /** yyyyMMdd; counts only when `loops` names no day. */
  readonly date: string
  /** HH:mm, 24 hours. */
  readonly time: string
  /** Seven of 0 and 1, Sunday first. */
  readonly loops: string
  /** IANA name. */
  readonly timeZone: string
}

/** From `start` to `end`, both included; over midnight when `start` is the later one, on the day of the start. */
export interface TimeWindow {
  readonly start: string
  readonly end: string
  /** The days on which it begins; none of them means every day. */
  readonly loops: string
  readonly timeZone: string
}

const clockTime = /^([01]\d|2[0-3]):([0-5]\d)$/
const weekdays = /^[01]{7}$/
const never = '0000000'
const minuteMs = 60_000
const dayMs = 86_400_000

/** Minutes since midnight; undefined when the text is no HH:mm. */
export function minutesOf(time: string): number | undefined {
  const match = clockTime.exec(time)
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined
}

export function areLoops(text: string): boolean {
  return weekdays.test(text)
}

/** Whether loops name no day at all. */
export function isOnce(loops: string): boolean {
  return loops === never
}

/** A day of the calendar without a zone, as the instant at which it begins in UTC; undefined when there is none. */
export function dayOf(date: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(date)
  if (!match) return undefined
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const begin = new Date(0)
  // Date.UTC reads the years 0 to 99 as those of the last century
  begin.setUTCFullYear(year, month - 1, day)
  return begin.getUTCMonth() === month - 1 && begin.getUTCDate() === day ? begin.getTime() : undefined
}

const formats = new Map<string, Intl.DateTimeFormat | undefined>()

/** A format for a zone; undefined for names that are no zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  if (formats.has(timeZone)) return formats.get(timeZone)
  const format = /^[A-Za-z]/.test(timeZone) ? tryFormat(timeZone) : undefined
  // Names come from outside: nobody may fill the memory with zones that do not exist.
  if (format) formats.set(timeZone, format)
  return format
}

function tryFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return undefined
  }
}

export function isTimeZone(name: string): boolean {
  return formatOf(name) !== undefined
}

let zoneNames: readonly string[] | undefined

/** The names that can be proposed to somebody who mistyped one. */
export function timeZones(): readonly string[] {
  zoneNames ??= [...Intl.supportedValuesOf('timeZone'), 'UTC']
  return zoneNames
}

/** What the clock on the wall shows: the day (as dayOf gives it), its weekday, and the minute of the day. */
export interface LocalTime {
  readonly day: number
  /** 0 is Sunday. */
  readonly weekday: number
  readonly minute: number
}

/** Undefined when the zone does not exist or the instant is none. */
export function localTime(instantMs: number, timeZone: string): LocalTime | undefined {
  const format = formatOf(timeZone)
  const wall = format && Number.isFinite(instantMs) ? wallOf(format, instantMs) : undefined
  if (wall === undefined) return undefined
  const day = Math.floor(wall / dayMs) * dayMs
  return { day, weekday: new Date(day).getUTCDay(), minute: Math.floor((wall - day) / minuteMs) }
}

/** The time on the wall, read as if it were UTC. */
function wallOf(format: Intl.DateTimeFormat, instantMs: number): number | undefined {
  if (Math.abs(instantMs) > 8.64e15 - 2 * dayMs) return undefined
  const parts: Record<string, number> = {}
  let era = 'AD'
  for (const { type, value } of format.formatToParts(instantMs)) {
    if (type === 'era') era = value
    else parts[type] = Number(value)
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  const wall = new Date(0)
  wall.setUTCFullYear(era.startsWith('B') ? 1 - year : year, month - 1, day)
  wall.setUTCHours(hour, minute, second)
  return wall.getTime()
}

/**
 * The instant at which the wall clock shows a time. Where it shows it twice, the first; where it skips it, as much
 * later as it skips.
 */
function instantOf(wall: number, format: Intl.DateTimeFormat): number | undefined {
  const before = wallOf(format, wall - dayMs)
  const after = wallOf(format, wall + dayMs)
  if (before === undefined || after === undefined) return undefined
  const early = wall - (before - (wall - dayMs))
  const late = wall - (after - (wall + dayMs))
  const shown = [early, late].filter((instant) => wallOf(format, instant) === wall)
  return shown.length > 0 ? Math.min(...shown) : early
}

/** The next instant after `afterMs` at which a timer fires; null when it never will, or cannot be read. */
export function nextFiring(timer: Timer, afterMs: number): number | null {
  const format = formatOf(timer.timeZone)
  const minute = minutesOf(timer.time)
  const today = localTime(afterMs, timer.timeZone)
  if (!format || minute === undefined || !today || !areLoops(timer.loops)) return null
  for (const day of isOnce(timer.loops) ? once(timer.date) : days(today.day, timer.loops)) {
    const instant = instantOf(day + minute * minuteMs, format)
    if (instant !== undefined && instant > afterMs) return instant
  }
  return null
}

function once(date: string): readonly number[] {
  const day = dayOf(date)
  return day === undefined ? [] : [day]
}

/** The days of the week before and after that the loops name: one more than a week, for days that a zone skips. */
function days(today: number, loops: string): readonly number[] {
  return Array.from({ length: 17 }, (_, i) => today + (i - 1) * dayMs).filter(
    (day) => loops[new Date(day).getUTCDay()] === '1',
  )
}

/** Whether a timer fires in the minute that an instant lies in. */
export function firesAt(timer: Timer, instantMs: number): boolean {
  const begin = Math.floor(instantMs / minuteMs) * minuteMs
  const next = nextFiring(timer, begin - 1)
  return next !== null && next < begin + minuteMs
}

/** Whether an instant lies in a window; false when the window cannot be read. */
export function windowHolds(window: TimeWindow, instantMs: number): boolean {
  const start = minutesOf(window.start)
  const end = minutesOf(window.end)
  const now = localTime(instantMs, window.timeZone)
  if (start === undefined || end === undefined || !now || !areLoops(window.loops)) return false
  const begins = (weekday: number) => isOnce(window.loops) || window.loops[weekday] === '1'
  if (start <= end) return begins(now.weekday) && now.minute >= start && now.minute <= end
  const yesterday = (now.weekday + 6) % 7
  return (begins(now.weekday) && now.minute >= start) || (begins(yesterday) && now.minute <= end)
}
