import { expect, it } from 'vitest'
import { lanCommand } from '../../../src/codec/lan/command.ts'
import { lanVersions } from '../../../src/codec/lan/version.ts'
import { failure, known, LanBench } from '../../support/lan-bench.ts'

it.each(lanVersions)(
  'L3, R-L2, %s: without power it is down within 30 s, and back within 5 s after the power',
  async (version) => {
    for (const offsetMs of [0, 3_000, 9_400, 9_600, 14_000]) {
      await using bench = new LanBench()
      const device = bench.device({ version })
      await bench.up(known(device))
      await bench.clock.advance(20_000 + offsetMs)
      device.cutPower()
      const downMs = await bench.until(() => bench.state(device.id) === 'down timeout', 40_000, 'down')
      expect(downMs).toBeLessThanOrEqual(30_000)
      await bench.clock.advance(25_000)
      expect(bench.state(device.id)).toBe('down unreachable')
      device.returnPower()
      const backMs = await bench.until(() => bench.state(device.id) === 'up', 30_000, 'back')
      expect(backMs).toBeLessThanOrEqual(5_000)
    }
  },
)

it('§8: a heartbeat each 9 to 10 s, though the device talks all the time, and none where we talk', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  await bench.up(known(device))
  const at: number[] = []
  device.intercept = ({ command }) => {
    if (command === lanCommand.heartbeat) at.push(bench.clock.monotonic())
    return false
  }
  for (let i = 0; i < 120; i++) {
    device.press({ 2: i })
    await bench.clock.advance(1_000)
  }
  const pauses = at.slice(1).map((time, i) => time - (at[i] ?? 0))
  expect(pauses.length).toBeGreaterThan(9)
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(9_000)
  expect(Math.max(...pauses)).toBeLessThanOrEqual(10_000)
  at.length = 0
  for (let i = 0; i < 12; i++) {
    await bench.clock.during(bench.set(device.id, { 2: i }), 10)
    await bench.clock.advance(5_000)
  }
  expect(at).toEqual([])
})

it('R-L2: any frame counts as life', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  await bench.up(known(device))
  device.intercept = ({ command }) => command === lanCommand.heartbeat
  for (let i = 0; i < 12; i++) {
    device.press({ 2: i })
    await bench.clock.advance(20_000)
  }
  expect([device.visits.length, bench.state(device.id)]).toEqual([1, 'up'])
  await bench.clock.advance(31_000)
  expect(device.visits.length).toBeGreaterThan(1)
})

it('trap: half-open, where writes work and nothing comes back: a command finds it out within 9 s', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  await bench.up(known(device))
  await bench.clock.advance(5_000)
  device.cutPower()
  expect(await failure(bench.clock.during(bench.set(device.id, { 1: false }), 50))).toBe(
    'unknown lan/timeout',
  )
  const tookMs = await bench.until(() => bench.state(device.id).startsWith('down'), 10_000, 'down')
  expect(tookMs).toBeLessThanOrEqual(6_000)
})
