import { expect, it } from 'vitest'
import { lanCommand } from '../../../src/codec/lan/command.ts'
import { failure, known, LanBench } from '../../support/lan-bench.ts'

const report = (online: string[], offline: string[]) => ({
  reqType: 'subdev_online_stat_report',
  data: { online, offline, nearby: [] },
})

async function house(version: '3.3' | '3.4' | '3.5' = '3.4') {
  const bench = new LanBench()
  const gateway = bench.device({ version, points: {} })
  for (const cid of ['a', 'b', 'c']) gateway.children.set(cid, { 1: cid })
  const children = new Map([
    ['a', 'childA'],
    ['b', 'childB'],
  ])
  await bench.up(known(gateway, { children }))
  await bench.clock.advance(1_000)
  return { bench, gateway, children }
}

it.each(['3.3', '3.4', '3.5'] as const)(
  '§10, %s: each is set and read by its name, over one socket',
  async (version) => {
    const { bench, gateway } = await house(version)
    await using _ = bench
    await bench.clock.during(bench.set('childA', { 1: 'x' }), 10)
    await bench.clock.during(bench.set('childB', { 1: 'y' }), 10)
    expect(gateway.sets).toEqual([
      { cid: 'a', 1: 'x' },
      { cid: 'b', 1: 'y' },
    ])
    await bench.clock.during(bench.query('childA'), 10)
    expect([bench.last('childA'), bench.last('childB'), bench.last(gateway.id)]).toMatchObject([
      { 1: 'x' },
      { 1: 'y' },
      {},
    ])
    expect(gateway.mostVisits).toBe(1)
  },
)

it('trap: what one pushes is not taken for that of another', async () => {
  const { bench, gateway } = await house()
  await using _ = bench
  gateway.visit.push({ 1: 'from a' }, 'a')
  gateway.visit.push({ 1: 'from b' }, 'b')
  gateway.visit.push({ 1: 'from itself' }, gateway.id)
  await bench.clock.advance(0)
  expect([bench.last('childA')[1], bench.last('childB')[1], bench.last(gateway.id)[1]]).toEqual([
    'from a',
    'from b',
    'from itself',
  ])
})

it('§10: a list comes in several frames, unasked too, and each change is told once', async () => {
  const { bench, gateway } = await house()
  await using _ = bench
  bench.healths.length = 0
  const say = (online: string[], offline: string[]) =>
    gateway.visit.say(lanCommand.subDevices, report(online, offline))
  say(['a'], [])
  say([], ['b'])
  say([], ['b'])
  await bench.clock.advance(0)
  expect(bench.children).toEqual(['childB down unreachable'])
  expect([bench.state('childA'), bench.state('childB')]).toEqual(['up', 'down unreachable'])
  expect(bench.healths.at(-1)).toBe('childB down unreachable')
  say(['b'], [])
  await bench.clock.advance(0)
  expect(bench.children).toEqual(['childB down unreachable', 'childB up'])
})

it('§10: one that nobody knows is told of once, and again after it became known and was lost', async () => {
  const { bench, gateway, children } = await house()
  await using _ = bench
  expect(bench.unknown).toEqual([{ gatewayId: gateway.id, cid: 'c' }])
  for (let i = 0; i < 5; i++) gateway.visit.push({ 1: 1 }, 'c')
  gateway.visit.push({ 1: 1 }, 'd')
  await bench.clock.advance(0)
  expect(bench.unknown.map(({ cid }) => cid)).toEqual(['c', 'd'])
  bench.fleet.replace([known(gateway, { children: new Map([...children, ['c', 'childC']]) })])
  gateway.visit.push({ 1: 7 }, 'c')
  await bench.clock.advance(0)
  expect(bench.last('childC')).toEqual({ 1: 7 })
  expect(bench.unknown).toHaveLength(2)
})

it('attack 14: a hostile gateway that makes up names is heard a thousand times', async () => {
  const { bench, gateway } = await house()
  await using _ = bench
  for (let i = 0; i < 30; i++) {
    const cids = Array.from({ length: 100 }, (_, n) => `made-up-${i}-${n}`)
    gateway.visit.say(lanCommand.subDevices, report([...cids, '__proto__', 'constructor'], []))
    await bench.clock.advance(1_000)
  }
  expect(bench.unknown).toHaveLength(1_000)
  expect(new Set(bench.children.map((health) => health.split(' ')[0]))).toEqual(new Set(['childA', 'childB']))
})

it('those behind it are as reachable as the gateway', async () => {
  const { bench, gateway } = await house()
  await using _ = bench
  gateway.visit.end.close()
  await bench.clock.advance(0)
  expect(bench.state('childA')).toBe('down closed')
  expect(bench.healths).toContain('childA down closed')
  expect(await failure(bench.set('childA', { 1: 1 }))).toBe('not-sent lan/closed')
  expect(bench.fleet.health('childA').version).toBe('3.4')
})

it('a name that the gateway does not know is an error of the command', async () => {
  const { bench, gateway, children } = await house()
  await using _ = bench
  bench.fleet.replace([known(gateway, { children: new Map([...children, ['gone', 'childGone']]) })])
  expect(await failure(bench.clock.during(bench.set('childGone', { 1: 1 }), 10))).toBe('refused lan/error')
  expect(await failure(bench.clock.during(bench.query('childGone'), 10))).toBe('lan/error')
})
