import { describe, expect, it } from 'vitest'
import type { SyncParts } from '../../src/inventory/sync.ts'
import { hourMs, minuteMs } from '../support/span.ts'
import { SyncBench, unavailable } from '../support/sync-bench.ts'

const list = 'devices h1'
const lists = (calls: readonly string[]) => calls.filter((call) => call === list).length

/** Everything was read, and the queue tells what happens from then on. */
async function pushed(changes: Partial<SyncParts> = {}): Promise<SyncBench> {
  const bench = await new SyncBench(changes).started()
  bench.pollNeeded = false
  return bench
}

function stalePoll(bench: SyncBench): boolean {
  const fact = bench.inventory.device('bf1')?.state.get('switch_led')
  if (!fact) throw new Error('nothing is known')
  return bench.inventory.isStale(fact, 'bf1')
}

describe('while the queue tells what happens', () => {
  it('R-C6: nothing is polled', async () => {
    const bench = await pushed()
    expect(await bench.calls(5 * hourMs)).toEqual([])
    expect(stalePoll(bench)).toBe(false)
  })

  it('its end is followed by a reading at once, however far the next one was, and by polling', async () => {
    const bench = await pushed({ leastPollMs: 20 * minuteMs })
    // A wake-up, after which nothing is due for twenty minutes.
    await bench.clock.advance(41 * minuteMs)
    bench.pollNeeded = true
    bench.sync.replan()
    expect(lists(await bench.calls(1_000))).toBe(1)
    expect(lists(await bench.calls(60 * minuteMs))).toBe(3)
    bench.pollNeeded = false
    bench.sync.replan()
    expect(await bench.calls(2 * hourMs)).toEqual([])
  })

  it('a queue that comes and goes is no reason to poll more often than planned', async () => {
    const bench = await pushed({ leastPollMs: 20 * minuteMs })
    await bench.clock.advance(hourMs)
    let calls = 0
    for (let i = 0; i < 60; i++) {
      bench.pollNeeded = i % 2 === 0
      bench.sync.replan()
      calls += lists(await bench.calls(minuteMs))
    }
    expect(calls).toBeGreaterThanOrEqual(1)
    expect(calls).toBeLessThanOrEqual(3)
  })

  it('planning anew again and again does not put off the next round', async () => {
    const bench = await new SyncBench({ leastPollMs: 10 * minuteMs }).started()
    let calls = 0
    for (let i = 0; i < 30; i++) {
      bench.sync.replan()
      calls += lists(await bench.calls(minuteMs))
    }
    expect(calls).toBe(3)
  })

  it('R-S1: a moment without it makes nothing stale that was read long ago', async () => {
    const bench = await pushed()
    await bench.clock.advance(3 * hourMs)
    bench.pollNeeded = true
    await bench.clock.advance(10_000)
    expect(stalePoll(bench)).toBe(false)
    bench.pollNeeded = false
    await bench.clock.advance(10 * minuteMs)
    expect(stalePoll(bench)).toBe(false)
  })

  it('R-S1: what turned stale with the cloud is read again as soon as the cloud is back, though nothing is polled', async () => {
    const bench = await pushed()
    await bench.clock.advance(hourMs)
    bench.health = { ...bench.health, state: 'down' }
    bench.directory.trouble = () => unavailable
    await bench.clock.advance(10 * minuteMs)
    expect(stalePoll(bench)).toBe(true)
    // With patience: a try a minute at most.
    expect(lists(await bench.calls(30 * minuteMs))).toBeLessThanOrEqual(120)
    bench.health = { ...bench.health, state: 'up' }
    bench.directory.trouble = () => undefined
    await bench.clock.advance(2 * minuteMs)
    expect(stalePoll(bench)).toBe(false)
    expect(await bench.calls(2 * hourMs)).toEqual([])
  })
})

describe('R-S3: what may have been missed is looked for', () => {
  it('at once, when the last reading is long ago', async () => {
    const bench = await pushed()
    await bench.clock.advance(hourMs)
    bench.sync.reconcile()
    expect(lists(await bench.calls(1_000))).toBe(1)
    expect(await bench.calls(hourMs)).toEqual([])
  })

  it('ten minutes after the last reading at the soonest, once for however many reasons', async () => {
    const bench = await pushed()
    await bench.clock.advance(minuteMs)
    let calls = 0
    for (let i = 0; i < 8; i++) {
      bench.sync.reconcile()
      calls += lists(await bench.calls(minuteMs))
    }
    expect(calls).toBe(0)
    expect(lists(await bench.calls(minuteMs + 1_000))).toBe(1)
    for (let i = 0; i < 55; i++) {
      bench.sync.reconcile()
      calls += lists(await bench.calls(minuteMs))
    }
    expect(calls).toBe(5)
  })

  it('again when it was missed while a reading was under way', async () => {
    const bench = await pushed()
    await bench.clock.advance(hourMs)
    let missed = 0
    bench.directory.trouble = () => {
      if (missed++ === 0) bench.sync.reconcile()
      return undefined
    }
    bench.sync.reconcile()
    expect(lists(await bench.calls(minuteMs))).toBe(1)
    expect(lists(await bench.calls(10 * minuteMs))).toBe(1)
    expect(await bench.calls(hourMs)).toEqual([])
  })

  it('a reading that fails is tried until it succeeds', async () => {
    const bench = await pushed()
    await bench.clock.advance(hourMs)
    bench.directory.trouble = () => unavailable
    bench.sync.reconcile()
    expect(lists(await bench.calls(10 * minuteMs))).toBeGreaterThan(3)
    bench.directory.trouble = () => undefined
    expect(lists(await bench.calls(2 * minuteMs))).toBe(1)
    expect(await bench.calls(hourMs)).toEqual([])
  })

  it('a reading of everything that comes first does for it', async () => {
    const bench = new SyncBench()
    bench.pollNeeded = false
    bench.directory.trouble = () => unavailable
    await bench.started()
    bench.sync.reconcile()
    bench.directory.trouble = () => undefined
    await bench.clock.advance(2 * minuteMs)
    expect(bench.sync.ready).toBe(true)
    expect(await bench.calls(hourMs)).toEqual([])
  })
})
