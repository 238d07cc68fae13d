import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  areLoops,
  dayOf,
  firesAt,
  isTimeZone,
  localTime,
  minutesOf,
  nextFiring,
  type Timer,
  type TimeWindow,
  timeZones,
  windowHolds,
} from '../../src/domain/schedule.ts'

const berlin = 'Europe/Berlin'
const daily = '1111111'
const once = '0000000'

const at = (iso: string) => Date.parse(iso)
const timer = (changes: Partial<Timer>): Timer => ({
  date: '20260301',
  time: '07:30',
  loops: daily,
  timeZone: berlin,
  ...changes,
})
const window = (start: string, end: string, changes: Partial<TimeWindow> = {}): TimeWindow => ({
  start,
  end,
  loops: once,
  timeZone: berlin,
  ...changes,
})
/** The next firing as people read it. */
const next = (what: Partial<Timer>, after: string) => {
  const instant = nextFiring(timer(what), at(after))
  return instant === null ? null : new Date(instant).toISOString()
}

describe('words of a schedule', () => {
  it.each<readonly [string, number | undefined]>([
    ['00:00', 0],
    ['07:30', 450],
    ['23:59', 1439],
    ['24:00', undefined],
    ['7:30', undefined],
    ['12:60', undefined],
    ['12:30:00', undefined],
    ['', undefined],
  ])('%j is minute %s', (text, minutes) => {
    expect(minutesOf(text)).toBe(minutes)
  })

  it.each<readonly [string, string | undefined]>([
    ['20200301', '2020-03-01T00:00:00.000Z'],
    ['20200229', '2020-02-29T00:00:00.000Z'],
    ['00010101', '0001-01-01T00:00:00.000Z'],
    ['20210229', undefined],
    ['20211301', undefined],
    ['20210100', undefined],
    ['2021-01-01', undefined],
  ])('%j is the day %s', (text, day) => {
    expect(dayOf(text)).toBe(day === undefined ? undefined : at(day))
  })

  it('loops are seven of 0 and 1', () => {
    expect(['0011000', once, daily].every(areLoops)).toBe(true)
    expect(['001100', '00110000', '0012000', ''].some(areLoops)).toBe(false)
  })

  it('time zones are names, not offsets', () => {
    expect(['Asia/Shanghai', berlin, 'UTC', 'Asia/Kolkata'].every(isTimeZone)).toBe(true)
    expect(['+08:00', 'Europe/Berln', '', 'Mars/Olympus'].some(isTimeZone)).toBe(false)
    expect(timeZones()).toContain('UTC')
    expect(timeZones()).toContain(berlin)
  })
})

describe('the clock on the wall', () => {
  it('shows day, weekday and minute of the zone', () => {
    const instant = at('2026-03-01T23:30:00Z')
    expect(localTime(instant, berlin)).toEqual({ day: at('2026-03-02'), weekday: 1, minute: 30 })
    expect(localTime(instant, 'America/New_York')).toEqual({
      day: at('2026-03-01'),
      weekday: 0,
      minute: 18 * 60 + 30,
    })
    expect(localTime(at('-000100-01-01T12:00:00Z'), 'UTC')).toMatchObject({ minute: 720 })
  })

  it('shows nothing where there is no zone or no time', () => {
    expect(localTime(0, 'Nowhere/None')).toBeUndefined()
    expect(localTime(Number.NaN, berlin)).toBeUndefined()
    expect(localTime(8.64e15, berlin)).toBeUndefined()
  })
})

describe('a timer', () => {
  it('fires every day at its local time, summer and winter', () => {
    expect(next({}, '2026-01-10T06:29:59Z')).toBe('2026-01-10T06:30:00.000Z')
    expect(next({}, '2026-01-10T06:30:00Z')).toBe('2026-01-11T06:30:00.000Z')
    expect(next({}, '2026-07-10T00:00:00Z')).toBe('2026-07-10T05:30:00.000Z')
  })

  it('fires on the days of its loops, Sunday first', () => {
    // 2026-03-01 is a Sunday
    expect(next({ loops: '1000000' }, '2026-03-01T00:00:00Z')).toBe('2026-03-01T06:30:00.000Z')
    expect(next({ loops: '1000000' }, '2026-03-01T07:00:00Z')).toBe('2026-03-08T06:30:00.000Z')
    expect(next({ loops: '0011000' }, '2026-03-01T00:00:00Z')).toBe('2026-03-03T06:30:00.000Z')
    expect(next({ loops: '0000001' }, '2026-03-01T00:00:00Z')).toBe('2026-03-07T06:30:00.000Z')
  })

  it('takes its weekday from the zone, not from UTC', () => {
    const early = { time: '00:30', loops: '0100000' }
    expect(next(early, '2026-03-01T12:00:00Z')).toBe('2026-03-01T23:30:00.000Z')
  })

  it('without loops fires once, on its date', () => {
    expect(next({ loops: once }, '2026-02-01T00:00:00Z')).toBe('2026-03-01T06:30:00.000Z')
    expect(next({ loops: once }, '2026-03-01T06:30:00Z')).toBeNull()
  })

  it('with loops does not mind its date', () => {
    expect(next({ date: 'whenever' }, '2026-01-10T00:00:00Z')).toBe('2026-01-10T06:30:00.000Z')
  })

  it('fires as much later as the clock skips in spring', () => {
    // Berlin goes from 02:00 to 03:00 on 2026-03-29 at 01:00 UTC
    expect(next({ time: '02:30' }, '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:30:00.000Z')
    expect(next({ time: '02:00' }, '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z')
    expect(next({ time: '03:00' }, '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z')
    expect(next({ time: '01:59' }, '2026-03-28T12:00:00Z')).toBe('2026-03-29T00:59:00.000Z')
    expect(next({ time: '02:30' }, '2026-03-29T01:30:00Z')).toBe('2026-03-30T00:30:00.000Z')
  })

  it('fires once, the first time, when the clock shows its time twice in autumn', () => {
    // Berlin goes from 03:00 back to 02:00 on 2026-10-25 at 01:00 UTC
    expect(next({ time: '02:30' }, '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z')
    expect(next({ time: '02:30' }, '2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z')
    expect(next({ time: '03:00' }, '2026-10-24T12:00:00Z')).toBe('2026-10-25T02:00:00.000Z')
  })

  it('survives a day that its zone left out', () => {
    // Apia had no 2011-12-30
    const apia = { timeZone: 'Pacific/Apia', time: '12:00' }
    expect(next(apia, '2011-12-29T23:00:00Z')).toBe('2011-12-30T22:00:00.000Z')
    expect(next({ ...apia, loops: '0000010' }, '2011-12-29T23:00:00Z')).not.toBeNull()
  })

  it('never fires when it cannot be read', () => {
    const broken: readonly Partial<Timer>[] = [
      { time: '7:30' },
      { timeZone: 'Europe/Berln' },
      { loops: '111' },
      { loops: once, date: '20260230' },
    ]
    expect(broken.map((what) => next(what, '2026-01-01T00:00:00Z'))).toEqual([null, null, null, null])
    expect(nextFiring(timer({}), Number.NaN)).toBeNull()
  })

  it('holds in the minute of its firing alone', () => {
    expect(firesAt(timer({}), at('2026-01-10T06:30:00Z'))).toBe(true)
    expect(firesAt(timer({}), at('2026-01-10T06:30:59.999Z'))).toBe(true)
    expect(firesAt(timer({}), at('2026-01-10T06:31:00Z'))).toBe(false)
    expect(firesAt(timer({}), at('2026-01-10T06:29:59.999Z'))).toBe(false)
    expect(firesAt(timer({ time: '02:30' }), at('2026-10-25T01:30:00Z'))).toBe(false)
  })

  it('fires later than asked, at its local time or after a gap, on a day of its loops', () => {
    const loops = fc
      .array(fc.constantFrom('0', '1'), { minLength: 7, maxLength: 7 })
      .map((days) => days.join(''))
      .filter((days) => days !== once)
    const times = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'))
    const zones = fc.constantFrom(berlin, 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC')
    const instants = fc.integer({ min: at('2025-01-01'), max: at('2028-01-01') })
    fc.assert(
      fc.property(loops, times, zones, instants, (days, time, timeZone, after) => {
        const instant = nextFiring(timer({ loops: days, time, timeZone }), after) as number
        expect(instant).toBeGreaterThan(after)
        expect(instant - after).toBeLessThanOrEqual(8 * 86_400_000)
        const wall = localTime(instant, timeZone)
        expect(days[wall?.weekday ?? -1]).toBe('1')
        const late = (wall?.minute ?? 0) - (minutesOf(time) ?? 0)
        expect([0, 30, 60]).toContain(late)
        if (late > 0) {
          // Only a skipped time may come later: the offset changed since the day before.
          const before = localTime(instant - 86_400_000, timeZone)
          expect(before?.minute).not.toBe(wall?.minute)
        }
        expect(firesAt(timer({ loops: days, time, timeZone }), instant)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a window of time', () => {
  const local = (text: string) => at(`${text}+01:00`)

  it('holds from its first to its last minute, both included', () => {
    const day = window('10:00', '22:00')
    expect(windowHolds(day, local('2026-01-10T09:59:59'))).toBe(false)
    expect(windowHolds(day, local('2026-01-10T10:00:00'))).toBe(true)
    expect(windowHolds(day, local('2026-01-10T22:00:59'))).toBe(true)
    expect(windowHolds(day, local('2026-01-10T22:01:00'))).toBe(false)
  })

  it('over midnight belongs to the day on which it begins', () => {
    // 2026-01-10 is a Saturday
    const saturdayNight = window('22:00', '06:00', { loops: '0000001' })
    expect(windowHolds(saturdayNight, local('2026-01-10T05:00:00'))).toBe(false)
    expect(windowHolds(saturdayNight, local('2026-01-10T21:59:59'))).toBe(false)
    expect(windowHolds(saturdayNight, local('2026-01-10T22:00:00'))).toBe(true)
    expect(windowHolds(saturdayNight, local('2026-01-11T00:00:00'))).toBe(true)
    expect(windowHolds(saturdayNight, local('2026-01-11T06:00:00'))).toBe(true)
    expect(windowHolds(saturdayNight, local('2026-01-11T06:01:00'))).toBe(false)
    expect(windowHolds(saturdayNight, local('2026-01-11T23:00:00'))).toBe(false)
  })

  it('over midnight wraps the week from Saturday to Sunday', () => {
    const sundayNight = window('23:00', '01:00', { loops: '1000000' })
    expect(windowHolds(sundayNight, local('2026-01-11T23:30:00'))).toBe(true)
    expect(windowHolds(sundayNight, local('2026-01-12T00:30:00'))).toBe(true)
    expect(windowHolds(sundayNight, local('2026-01-11T00:30:00'))).toBe(false)
  })

  it('without loops holds every day', () => {
    const night = window('22:00', '06:00')
    for (const day of ['10', '11', '12', '13', '14', '15', '16'])
      expect(windowHolds(night, local(`2026-01-${day}T03:00:00`))).toBe(true)
  })

  it('that begins and ends alike holds for that minute', () => {
    expect(windowHolds(window('12:00', '12:00'), local('2026-01-10T12:00:30'))).toBe(true)
    expect(windowHolds(window('12:00', '12:00'), local('2026-01-10T12:01:00'))).toBe(false)
  })

  it('follows the wall through the changes of the clock', () => {
    const night = window('01:30', '02:30')
    expect(windowHolds(night, at('2026-03-29T00:59:00Z'))).toBe(true)
    expect(windowHolds(night, at('2026-03-29T01:00:00Z'))).toBe(false)
    expect(windowHolds(night, at('2026-10-25T00:15:00Z'))).toBe(true)
    expect(windowHolds(night, at('2026-10-25T01:15:00Z'))).toBe(true)
    expect(windowHolds(night, at('2026-10-25T01:31:00Z'))).toBe(false)
  })

  it('does not hold when it cannot be read', () => {
    const noon = local('2026-01-10T12:00:00')
    expect(windowHolds(window('0:00', '23:59'), noon)).toBe(false)
    expect(windowHolds(window('00:00', '24:00'), noon)).toBe(false)
    expect(windowHolds(window('00:00', '23:59', { loops: '1' }), noon)).toBe(false)
    expect(windowHolds(window('00:00', '23:59', { timeZone: 'x' }), noon)).toBe(false)
  })
})
