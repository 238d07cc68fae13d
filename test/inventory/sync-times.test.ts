import { beforeEach, expect, it } from 'vitest'
import { SyncTimes } from '../../src/inventory/sync-times.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const minute = 60_000
const hour = 60 * minute

let clock: VirtualClock
let times: SyncTimes
let pollNeeded: boolean
let left: number
let outlook: { cost: number; recheck: { all: boolean; devices: boolean } }

beforeEach(() => {
  clock = new VirtualClock()
  pollNeeded = false
  left = 1_000_000
  outlook = { cost: 1, recheck: { all: false, devices: false } }
  times = new SyncTimes(
    {
      clock,
      budget: { left: () => left, resetMs: clock.now() + 24 * hour } as never,
      leastPollMs: minute,
      pollNeeded: () => pollNeeded,
    },
    outlook,
  )
})

/** Everything was read at the start. */
function read(): void {
  times.step()
  times.fullRead()
}

it('everything is due at the start, and until it was read', () => {
  expect(times.untilNext()).toBe(0)
  expect(times.step()).toBe('full')
  expect(times.step()).toBe('full')
  times.fullRead()
  expect(times.step()).toBeUndefined()
})

it('everything is due again after six hours as a matter of routine, for which a round is enough within a day', async () => {
  read()
  await clock.advance(6 * hour)
  expect(times.step()).toBe('routine')
  expect(times.isRoundEnough).toBe(true)
  times.routineRead()
  expect(times.step()).toBeUndefined()
  await clock.advance(18 * hour)
  expect(times.step()).toBe('routine')
  expect(times.isRoundEnough).toBe(false)
})

it('where nobody tells what happens a round is due at once after a long while, and never enough for the routine', async () => {
  read()
  await clock.advance(2 * hour)
  pollNeeded = true
  expect(times.untilNext()).toBe(0)
  expect(times.step()).toBe('round')
  times.roundRead()
  expect(times.untilNext()).toBe(minute)
  expect(times.intervalMs).toBe(minute)
  expect(times.isRoundEnough).toBe(false)
})

it('what may have been missed is looked for ten minutes after the last reading, unless reading it failed', async () => {
  read()
  await clock.advance(minute)
  times.missed()
  await clock.advance(8 * minute)
  expect(times.step()).toBeUndefined()
  await clock.advance(minute)
  expect(times.step()).toBe('round')
  await expect(times.finding(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(times.isMissing).toBe(true)
  await times.finding(() => Promise.resolve())
  expect(times.isMissing).toBe(false)
})

it('what is missed while it is looked for is looked for once more', async () => {
  times.missed()
  await times.finding(async () => times.missed())
  expect(times.isMissing).toBe(true)
})

it('what a list of all left out is looked for in a minute, by everything', async () => {
  outlook.recheck.all = true
  read()
  expect(times.step()).toBeUndefined()
  await clock.advance(minute + 1_000)
  expect(times.step()).toBe('full')
})

it('what a list of devices left out is looked for by such a list', () => {
  read()
  outlook.recheck.devices = true
  expect(times.step()).toBe('round')
})

it('a list of one home that left something out makes everything due sooner, never later', () => {
  read()
  expect(times.recheckSoon()).toBe(false)
  outlook.recheck.all = true
  expect(times.recheckSoon()).toBe(true)
  expect(times.recheckSoon()).toBe(false)
})

it('what is refused makes everything due before its time, ten minutes apart', async () => {
  read()
  times.fullSoon()
  expect(times.untilNext()).toBeLessThanOrEqual(10 * minute)
  await clock.advance(9 * minute)
  expect(times.step()).toBeUndefined()
  await clock.advance(minute)
  expect(times.step()).toBe('full')
})

it('without calls left it waits for the day to end', () => {
  read()
  left = 0
  pollNeeded = true
  times.missed()
  expect(times.untilBudget()).toBe(24 * hour + 1_000)
  expect(times.untilNext()).toBe(6 * hour)
})
