import { describe, expect, it } from 'vitest'
import { FreshnessWatch } from '../../src/inventory/freshness.ts'
import { deviceOf, homeOf, reportOf } from '../support/device.ts'
import { newInventory } from '../support/inventory.ts'
import { specification } from '../support/mirrored.ts'
import { hourMs, minuteMs } from '../support/span.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

class Bench {
  readonly clock = new VirtualClock()
  readonly inventory = newInventory(this.clock)
  readonly watch: FreshnessWatch
  /** Minutes since the start at which somebody looked. */
  readonly looks: number[] = []
  missed = 0
  isTrusted = true

  constructor(deviceIds: readonly string[] = ['lamp', 'plug']) {
    const { clock, inventory } = this
    inventory.setHome(homeOf('h1'))
    inventory.setDevices(deviceIds.map((id) => deviceOf(id)))
    for (const id of deviceIds) inventory.setSpecification(id, specification(['level']))
    this.watch = new FreshnessWatch({
      inventory,
      clock,
      isTrusted: () => this.isTrusted,
      look: () => this.looks.push(Math.round(clock.monotonic() / minuteMs)),
      onMissed: () => this.missed++,
    })
  }

  report(level: number, source: 'poll' | 'queue' | 'snapshot' = 'poll', deviceId = 'lamp'): void {
    this.inventory.apply(reportOf(deviceId, { level }, this.clock.now(), { source }))
  }

  started(): this {
    this.watch.connected()
    this.watch.start()
    return this
  }
}

describe('silence of the queue', () => {
  it('is looked into after a quarter of an hour, and then after pauses that grow', async () => {
    const bench = new Bench().started()
    await bench.clock.advance(14 * minuteMs)
    expect(bench.looks).toEqual([])
    await bench.clock.advance(10 * hourMs)
    expect(bench.looks).toEqual([15, 45, 105, 225, 345, 465, 585])
  })

  it('that a message ends begins anew', async () => {
    const bench = new Bench().started()
    await bench.clock.advance(50 * minuteMs)
    expect(bench.looks).toEqual([15, 45])
    bench.watch.heard()
    expect(bench.watch.quietMs).toBe(0)
    await bench.clock.advance(16 * minuteMs)
    expect(bench.looks).toEqual([15, 45, 65])
    expect(bench.watch.quietMs).toBe(16 * minuteMs)
  })

  it('is none while messages come', async () => {
    const bench = new Bench().started()
    for (let i = 0; i < 100; i++) {
      await bench.clock.advance(14 * minuteMs)
      bench.watch.heard()
    }
    expect(bench.looks).toEqual([])
  })

  it('is of no interest where everything is read anyway, nor in a house without devices', async () => {
    const bench = new Bench().started()
    bench.isTrusted = false
    await bench.clock.advance(5 * hourMs)
    expect(bench.looks).toEqual([])
    bench.isTrusted = true
    await bench.clock.advance(16 * minuteMs)
    expect(bench.looks).toHaveLength(1)
    const empty = new Bench([]).started()
    await empty.clock.advance(5 * hourMs)
    expect(empty.looks).toEqual([])
  })

  it('after the stop nobody looks, and nothing is compared', async () => {
    const bench = new Bench().started()
    bench.report(1)
    bench.watch.stop()
    await bench.clock.advance(5 * hourMs)
    bench.report(2)
    expect(bench.looks).toEqual([])
    expect(bench.missed).toBe(0)
    expect(bench.clock.waiting).toBe(0)
  })
})

describe('a change of which the queue told nothing', () => {
  it('is one between two readings', async () => {
    const bench = new Bench().started()
    bench.report(1)
    await bench.clock.advance(15 * minuteMs)
    bench.report(1)
    expect(bench.missed).toBe(0)
    await bench.clock.advance(15 * minuteMs)
    bench.report(2)
    expect(bench.missed).toBe(1)
  })

  it('is none that the queue told', async () => {
    const bench = new Bench().started()
    bench.report(1)
    await bench.clock.advance(minuteMs)
    bench.report(2, 'queue')
    await bench.clock.advance(minuteMs)
    bench.report(2)
    expect(bench.missed).toBe(0)
  })

  it('is none against what an earlier run knew', async () => {
    const bench = new Bench()
    bench.report(1, 'snapshot')
    bench.started()
    await bench.clock.advance(20 * minuteMs)
    bench.report(2)
    expect(bench.missed).toBe(0)
    await bench.clock.advance(20 * minuteMs)
    bench.report(3)
    expect(bench.missed).toBe(1)
  })

  it('is none that may have come about while the queue was away', async () => {
    const bench = new Bench().started()
    bench.report(1)
    await bench.clock.advance(20 * minuteMs)
    bench.watch.connected()
    await bench.clock.advance(20 * minuteMs)
    bench.report(2)
    expect(bench.missed).toBe(0)
    await bench.clock.advance(20 * minuteMs)
    bench.report(3)
    expect(bench.missed).toBe(1)
  })

  it('may be one since what was read just before the queue was heard', async () => {
    const bench = new Bench()
    bench.report(1)
    await bench.clock.advance(30_000)
    bench.started()
    await bench.clock.advance(15 * minuteMs)
    bench.report(2)
    expect(bench.missed).toBe(1)
  })

  it('is compared device by device', async () => {
    const bench = new Bench().started()
    bench.report(1, 'poll', 'lamp')
    bench.report(5, 'poll', 'plug')
    expect(bench.missed).toBe(0)
  })
})
