import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServerClock } from '../../../src/transport/cloud/server-clock.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const start = Date.UTC(2026, 10, 21)

describe('the cloud’s time (R-C3)', () => {
  it('begins as ours', () => {
    const serverClock = new ServerClock(new VirtualClock(start))
    expect(serverClock.now()).toBe(start)
    expect(serverClock.skewMs).toBe(0)
  })

  it('is learned from an answer and carried on', async () => {
    const clock = new VirtualClock(start)
    const serverClock = new ServerClock(clock)
    expect(serverClock.isKnown).toBe(false)
    expect(serverClock.observe(start + 600_000, 0)).toBe(true)
    expect(serverClock.isKnown).toBe(true)
    await clock.advance(1_000)
    expect(serverClock.now()).toBe(start + 601_000)
    expect(serverClock.skewMs).toBe(600_000)
  })

  it('does not follow a jump of our wall clock', async () => {
    const clock = new VirtualClock(start)
    const serverClock = new ServerClock(clock)
    clock.jump(3_600_000)
    await clock.advance(5_000)
    expect(serverClock.now()).toBe(start + 5_000)
    expect(serverClock.skewMs).toBe(-3_600_000)
  })

  it('small differences are of the way there and back, and move nothing', () => {
    const serverClock = new ServerClock(new VirtualClock(start))
    const generation = serverClock.generation
    expect(serverClock.observe(start + 2_000, 0)).toBe(false)
    expect(serverClock.observe(start - 2_000, 0)).toBe(false)
    expect(serverClock.generation).toBe(generation)
    expect(serverClock.observe(start + 2_001, 0)).toBe(true)
    expect(serverClock.generation).not.toBe(generation)
  })

  it('an answer that took long proves no more than that its time lay between', async () => {
    const clock = new VirtualClock(start)
    const serverClock = new ServerClock(clock)
    await clock.advance(12_000)
    expect(serverClock.observe(start, 0)).toBe(false)
    expect(serverClock.observe(start + 12_000, 0)).toBe(false)
    expect(serverClock.now()).toBe(start + 12_000)
  })

  it('is right to half of the way there and back, whatever the clocks and the delay (property)', async () => {
    const skews = fc.integer({ min: -86_400_000, max: 86_400_000 })
    const delays = fc.integer({ min: 0, max: 15_000 })
    await fc.assert(
      fc.asyncProperty(skews, delays, delays, async (skewMs, thereMs, backMs) => {
        const clock = new VirtualClock(start)
        const serverClock = new ServerClock(clock)
        await clock.advance(thereMs)
        const t = clock.now() + skewMs
        await clock.advance(backMs)
        serverClock.observe(t, 0)
        const errorMs = Math.abs(serverClock.now() - (clock.now() + skewMs))
        expect(errorMs).toBeLessThanOrEqual(Math.max(thereMs, backMs) + 2_000)
      }),
      { numRuns: 100 },
    )
  })
})
