import { expect, it } from 'vitest'
import { Watchdog } from '../../src/app/watchdog.ts'
import type { Clock } from '../../src/util/clock.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

it('R-S7: a loop that has ticked is alive', async () => {
  const clock = new VirtualClock()
  const watchdog = new Watchdog(clock)
  watchdog.start()
  await clock.advance(3_600_000)
  expect(watchdog.alive).toBe(true)
  await watchdog.stop()
})

it('P4: one that has not ticked for ten seconds is not, until it ticks again', async () => {
  let now = 0
  let tick = () => {}
  // While the loop is stuck time goes on and no timer runs.
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after: (_ms, run) => {
      tick = run
      return { cancel: () => {} }
    },
  }
  const watchdog = new Watchdog(clock)
  watchdog.start()
  now = 9_999
  expect(watchdog.alive).toBe(true)
  now = 10_000
  expect(watchdog.alive).toBe(false)
  tick()
  expect(watchdog.alive).toBe(true)
  await watchdog.stop()
})
