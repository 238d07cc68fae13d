import { expect, it } from 'vitest'
import { lanCommand } from '../../../src/codec/lan/command.ts'
import { lanVersions } from '../../../src/codec/lan/version.ts'
import { failure, known, LanBench } from '../../support/lan-bench.ts'

it.each(lanVersions)(
  '%s: it connects, reads, sets, hears pushes and keeps the connection',
  async (version) => {
    await using bench = new LanBench()
    const device = bench.device({ version })
    await bench.up(known(device))
    await bench.clock.advance(1_500)
    expect(bench.last(device.id)).toEqual({ 1: true, 2: 50 })
    await expect(bench.clock.during(bench.set(device.id, { 1: false }), 10)).resolves.toEqual({
      by: 'device',
    })
    expect(device.sets).toEqual([{ 1: false }])
    device.press({ 2: 70 })
    await bench.clock.advance(0)
    await bench.clock.during(bench.query(device.id), 10)
    expect(bench.last(device.id)).toEqual({ 1: false, 2: 70 })
    expect(bench.values.some(({ asked, values }) => !asked && values.get(2) === 70)).toBe(true)
    await bench.clock.advance(120_000)
    expect([device.visits.length, bench.state(device.id)]).toEqual([1, 'up'])
    expect(bench.fleet.health(device.id).version).toBe(version)
    const beats = device.heard.filter(({ command }) => command === lanCommand.heartbeat)
    expect(beats.length).toBeGreaterThan(9)
    expect(device.heard[0]?.command, 'a heartbeat never comes first').not.toBe(lanCommand.heartbeat)
    expect(beats[0]?.body).toEqual({ gwId: device.id, devId: device.id })
  },
)

it.each(lanVersions)('%s: it connects again after the device closed', async (version) => {
  await using bench = new LanBench()
  const device = bench.device({ version })
  await bench.up(known(device))
  device.visit.end.close()
  await bench.clock.advance(0)
  expect(bench.state(device.id)).toBe('down closed')
  expect(await failure(bench.set(device.id, { 1: true }))).toBe('not-sent lan/closed')
  await bench.until(() => bench.state(device.id) === 'up', 3_000, 'up again')
  expect(device.visits).toHaveLength(2)
})

it('a gateway speaks for those behind it', async () => {
  await using bench = new LanBench()
  const gateway = bench.device({ points: {} })
  gateway.children.set('c1', { 1: true })
  gateway.children.set('c2', { 1: false })
  gateway.children.set('c3', { 1: false })
  gateway.away.add('c2')
  await bench.up(
    known(gateway, {
      children: new Map([
        ['c1', 'child1'],
        ['c2', 'child2'],
      ]),
    }),
  )
  await bench.clock.advance(1_000)
  expect(bench.children.filter((health) => health.startsWith('child2')).at(-1)).toBe(
    'child2 down unreachable',
  )
  expect(bench.unknown).toEqual([{ gatewayId: gateway.id, cid: 'c3' }])
  expect([bench.state('child1'), bench.state('child2')]).toEqual(['up', 'down unreachable'])
  await bench.clock.during(bench.set('child1', { 1: false }), 10)
  expect(gateway.sets).toEqual([{ cid: 'c1', 1: false }])
  expect(bench.last('child1')).toEqual({ 1: false })
  await bench.clock.during(bench.query('child1'), 10)
})
