import { describe, expect, it } from 'vitest'
import { Backlog } from '../../src/inventory/backlog.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

/** So many messages, all of this age. */
function hear(backlog: Backlog, clock: VirtualClock, times: number, ageMs: number): void {
  for (let i = 0; i < times; i++) backlog.heard(clock.now() - ageMs, clock.now())
}

describe('what is told is late', () => {
  it('when everything of the last moments is old, until something new is told', async () => {
    const clock = new VirtualClock()
    const backlog = new Backlog(clock)
    expect(backlog.isLate).toBe(false)
    hear(backlog, clock, 20, 600)
    expect(backlog.isLate).toBe(true)
    await clock.advance(250)
    expect(backlog.isLate).toBe(true)
    hear(backlog, clock, 1, 599)
    expect(backlog.isLate).toBe(false)
    hear(backlog, clock, 100, 5_000)
    expect(backlog.isLate).toBe(false)
  })

  it('no longer when nothing comes any more', async () => {
    const clock = new VirtualClock()
    const backlog = new Backlog(clock)
    hear(backlog, clock, 1_000, 30_000)
    await clock.advance(499)
    expect(backlog.isLate).toBe(true)
    await clock.advance(250)
    expect(backlog.isLate).toBe(false)
  })

  it('not for a few, whose devices may have wrong clocks, nor for clocks that are ahead', () => {
    const clock = new VirtualClock()
    const backlog = new Backlog(clock)
    hear(backlog, clock, 19, 60_000)
    expect(backlog.isLate).toBe(false)
    hear(backlog, clock, 1, -60_000)
    expect(backlog.isLate).toBe(false)
  })
})
