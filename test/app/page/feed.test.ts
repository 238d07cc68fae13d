import { beforeEach, expect, it } from 'vitest'
import { LogTail } from '../../../src/app/log-tail.ts'
import { Feed, turnMs } from '../../../src/app/page/feed.ts'
import type { PageNews } from '../../../src/app/page/protocol.ts'
import type { BridgeInfo } from '../../../src/app/self-report.ts'
import { valueCodec } from '../../../src/codec/data-point/codec.ts'
import type { Inventory } from '../../../src/inventory/inventory.ts'
import { deviceOf, homeOf, reportOf } from '../../support/device.ts'
import { newInventory } from '../../support/inventory.ts'
import { point } from '../../support/point.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

let clock: VirtualClock
let inventory: Inventory
let tail: LogTail
let feed: Feed
let told: PageNews[]
let waysOf: Record<string, string>
let insecure: string[]

beforeEach(() => {
  clock = new VirtualClock()
  inventory = newInventory(clock)
  tail = new LogTail()
  told = []
  waysOf = {}
  insecure = []
  feed = new Feed({
    inventory,
    codec: valueCodec,
    clock,
    base: 'tuya',
    redact: (text) => text.replaceAll('planted-key', '[redacted]'),
    tail,
    info: () => ({ instance: 'main', insecure }) as unknown as BridgeInfo,
    health: () => ({ timeMs: clock.now(), links: {} }) as never,
    locksAllowed: () => false,
    ways: (id) => waysOf[id],
    deviceOf: (topic) => topic.split('/')[2],
  })
})

const points = new Map(
  [
    point('boolean', { code: 'switch_1' }),
    point('integer', { code: 'cur_power', unit: 'W', scale: 1, access: 'ro', min: 0, max: 50_000 }),
  ].map((one) => [one.code, one]),
)

function add(id: string): void {
  inventory.setDevices([deviceOf(id)])
  inventory.setSpecification(id, { source: 'cloud', points })
}

function watch(): PageNews {
  feed.watch((text) => told.push(JSON.parse(text) as PageNews))
  const all = JSON.parse(feed.all()) as PageNews
  // What was new until then is for others; this one is shown all.
  told.length = 0
  return all
}

it('shows everything to who comes, with one model for devices of the same points', () => {
  inventory.setHome(homeOf('h1'))
  add('a')
  add('b')
  inventory.apply(reportOf('a', { switch_1: true, cur_power: 487 }, clock.now(), { source: 'queue' }))
  const all = watch()
  expect(all.all).toBe(true)
  expect(all.homes).toEqual([{ id: 'h1', name: 'Home h1' }])
  const [a, b] = all.devices ?? []
  expect(a?.model).toBe(b?.model)
  expect(all.models?.[a?.model ?? '']?.map(({ code }) => code)).toEqual(['switch_1', 'cur_power'])
  expect(all.models?.[a?.model ?? '']?.[1]).toMatchObject({ max: 5_000, unit: 'W' })
  expect(a?.dp).toEqual({
    switch_1: [true, clock.now(), 'queue', 0],
    cur_power: [48.7, clock.now(), 'queue', 0],
  })
  expect(b).toMatchObject({ dp: {}, heardMs: null, ways: { lan: { state: 'unused' } } })
})

it('tells what is new once a turn, each device once, and nothing when nothing is new', async () => {
  add('a')
  add('b')
  watch()
  for (let i = 0; i < 20; i++) {
    inventory.apply(
      reportOf('a', { switch_1: i % 2 === 0, cur_power: i }, clock.now() + i, { source: 'queue' }),
    )
  }
  await clock.advance(turnMs)
  expect(told).toHaveLength(1)
  expect(told[0]?.devices?.map(({ id }) => id)).toEqual(['a'])
  expect(told[0]?.devices?.[0]?.dp['cur_power']?.[0]).toBe(1.9)
  expect(told[0]?.models).toBeUndefined()
  await clock.advance(5_000)
  expect(told).toHaveLength(1)
})

it('what comes, changes its points, and goes is told as such', async () => {
  watch()
  add('a')
  await clock.advance(turnMs)
  expect(told[0]?.devices?.map(({ id }) => id)).toEqual(['a'])
  expect(Object.keys(told[0]?.models ?? {})).toEqual([told[0]?.devices?.[0]?.model])
  inventory.removeDevice('a')
  await clock.advance(turnMs)
  expect(told[1]?.gone).toEqual(['a'])
  expect(told[1]?.devices).toBeUndefined()
})

it('tells of each point what it is good for, and tells it anew when the category is another', async () => {
  inventory.setDevices([deviceOf('a', { category: 'dj' })])
  const power = point('boolean', { code: 'switch_led' })
  inventory.setSpecification('a', { source: 'cloud', points: new Map([[power.code, power]]) })
  const all = watch()
  const lamp = all.devices?.[0]?.model ?? ''
  expect(all.models?.[lamp]).toMatchObject([
    { name: 'Light', use: { ability: 'light', part: 'power', key: 'light', role: 'main' } },
  ])
  inventory.setDevices([deviceOf('a', { category: 'kg' })])
  await clock.advance(turnMs)
  const other = told[0]?.devices?.[0]?.model ?? ''
  expect(other).not.toBe(lamp)
  expect(told[0]?.models?.[other]).toMatchObject([{ use: { ability: 'switch', role: 'main' } }])
})

it('tells what is derived from a value with the value: the sum of portions, the power of a phase', async () => {
  const [phase, portion] = [
    point('raw', { code: 'phase_a', access: 'ro' }),
    point('integer', { code: 'add_ele', access: 'ro', scale: 3, unit: 'kWh' }),
  ]
  inventory.setDevices([deviceOf('a')])
  inventory.setSpecification('a', {
    source: 'cloud',
    points: new Map([
      ['phase_a', phase],
      ['add_ele', portion],
    ]),
  })
  watch()
  // 230.0 V, 1.000 A, 230 W
  const text = Buffer.from([0x08, 0xfc, 0x00, 0x03, 0xe8, 0x00, 0x00, 0xe6]).toString('base64')
  inventory.apply(reportOf('a', { phase_a: text, add_ele: 100 }, clock.now(), { source: 'queue' }))
  inventory.apply(reportOf('a', { add_ele: 50 }, clock.now() + 1, { source: 'queue' }))
  await clock.advance(turnMs)
  const { dp = {} } = told[0]?.devices?.[0] ?? {}
  expect(dp['phase_a/power']).toEqual([0.23, dp['phase_a']?.[1], 'queue', 0])
  expect(dp['phase_a/voltage']?.[0]).toBe(230)
  expect([dp['add_ele']?.[0], dp['add_ele/total']?.[0]]).toEqual([0.05, 0.15])
})

it('a correction of a running bridge is news: a point has another name and use, and one that is hidden is gone', async () => {
  add('a')
  inventory.apply(reportOf('a', { switch_1: true, cur_power: 487 }, clock.now(), { source: 'queue' }))
  watch()
  inventory.setSpecification('a', {
    source: 'cloud',
    points: new Map([
      [
        'switch_1',
        point('boolean', { code: 'switch_1', name: 'Coffee', ability: 'button', overridden: true }),
      ],
      ['cur_power', point('integer', { code: 'cur_power', hidden: true, overridden: true })],
    ]),
  })
  await clock.advance(turnMs)
  const shown = told[0]?.devices?.[0]
  expect(told[0]?.models?.[shown?.model ?? '']).toMatchObject([
    { code: 'switch_1', name: 'Coffee', use: { ability: 'button' } },
  ])
  expect(Object.keys(shown?.dp ?? {})).toEqual(['switch_1'])
})

it('a way to a device that changes, and values that turn stale, are news of the device', async () => {
  add('a')
  inventory.apply(reportOf('a', { switch_1: true }, clock.now(), { source: 'queue' }))
  watch()
  waysOf['a'] = '{"lan":{"state":"down","reason":"key-mismatch"},"cloud":{"state":"up"}}'
  feed.said('statePaths', 'state/device/a/paths', waysOf['a'])
  await clock.advance(turnMs)
  expect(told[0]?.devices?.[0]?.ways.lan).toEqual({ state: 'down', reason: 'key-mismatch' })
  inventory.markStale('queue', true)
  await clock.advance(turnMs)
  expect(told[1]?.devices?.[0]?.dp['switch_1']?.[3]).toBe(1)
})

it('events, receipts and log lines come in order and are not told twice to anybody', async () => {
  const event = (n: number) =>
    feed.said(
      'eventBridge',
      'event/bridge/device_added',
      JSON.stringify({ kind: `k${n}`, timeMs: n, data: { n } }),
    )
  event(1)
  const first = watch()
  expect(first.events).toEqual([
    { timeMs: 1, topic: 'event/bridge/device_added', kind: 'k1', text: '{"n":1}' },
  ])
  event(2)
  // Somebody else comes: who looks already is told first.
  const second = JSON.parse(feed.all()) as PageNews
  expect(second.events?.map(({ kind }) => kind)).toEqual(['k1', 'k2'])
  expect(told.flatMap(({ events }) => events ?? []).map(({ kind }) => kind)).toEqual(['k2'])
  feed.said(
    'resultDevice',
    'result/device/a',
    '{"id":"x","target":"device/a","state":"confirmed","ok":true,"final":true,"by":"report","path":"cloud","ms":12,"timeMs":5,"sent":{"switch_1":true},"result":{"private":1}}',
  )
  tail.take('{"level":30,"time":7,"part":"mqtt","msg":"connected","protocol":"MQTT 5"}\n')
  await clock.advance(turnMs)
  expect(told.at(-1)?.receipts).toEqual([
    {
      id: 'x',
      target: 'device/a',
      state: 'confirmed',
      ok: true,
      ms: 12,
      timeMs: 5,
      path: 'cloud',
      by: 'report',
      reason: null,
      message: null,
      sent: { switch_1: true },
      warnings: [],
    },
  ])
  expect(told.at(-1)?.log).toEqual([
    { timeMs: 7, level: 'info', part: 'mqtt', text: 'connected', more: '{"protocol":"MQTT 5"}' },
  ])
})

it('answers to one requester, and what stands on other topics, are nobody else’s', async () => {
  watch()
  feed.said('reply', 'reply/panel', '{"result":{"token":1}}')
  feed.said('stateDp', 'state/device/a/dp/x', '5')
  feed.said('metaHome', 'meta/home/h', '{}')
  await clock.advance(turnMs)
  expect(told).toEqual([])
})

it('S-2: what is known to be a secret is masked in everything that is told, also in what was kept before', async () => {
  inventory.setHome(homeOf('h1', { name: 'planted-key home' }))
  inventory.setDevices([deviceOf('a', { name: 'planted-key lamp' })])
  inventory.setSpecification('a', {
    source: 'cloud',
    points: new Map([['x', point('string', { code: 'x', name: 'planted-key point' })]]),
  })
  inventory.apply(reportOf('a', { x: 'planted-key value' }, clock.now()))
  tail.take('{"level":30,"time":7,"part":"lan","msg":"planted-key"}\n')
  insecure.push('planted-key')
  feed.said('bridgeError', 'bridge/error', '{"timeMs":1,"reason":"lan/error","message":"planted-key"}')
  feed.said('resultDevice', 'result/device/a', '{"target":"device/planted-key","timeMs":1,"ms":1}')
  const texts: string[] = []
  texts.push(feed.all())
  feed.watch((text) => texts.push(text))
  inventory.apply(reportOf('a', { x: 'planted-key again' }, clock.now() + 1))
  await clock.advance(turnMs)
  expect(texts.length).toBe(2)
  expect(texts.join()).toContain('[redacted] lamp')
  expect(texts.join()).not.toContain('planted-key')
})

it('I-7: what is kept is bounded however much happens', () => {
  watch()
  for (let i = 0; i < 5_000; i++) {
    feed.said(
      'eventReport',
      'event/device/a/report',
      JSON.stringify({ kind: 'report', timeMs: i, data: 'x'.repeat(9_000) }),
    )
    feed.said(
      'eventButton',
      'event/device/a/button/x',
      JSON.stringify({ kind: 'button', timeMs: i, data: i }),
    )
    tail.take(`{"level":30,"time":${i},"part":"p","msg":"${'y'.repeat(2_000)}"}`)
  }
  const all = watch()
  expect(all.events).toHaveLength(200)
  expect(all.reports).toHaveLength(100)
  expect(all.reports?.[0]?.text.length).toBeLessThan(700)
  expect(all.log).toHaveLength(400)
  expect(all.log?.[0]?.text.length).toBe(500)
})

it('the power of an hour is kept for who comes later', async () => {
  add('a')
  add('b')
  inventory.apply(reportOf('a', { cur_power: 487 }, clock.now()))
  inventory.apply(reportOf('b', { cur_power: 1_000 }, clock.now()))
  await clock.advance(3_600_000 * 2)
  const { power = [] } = watch()
  expect(power).toHaveLength(240)
  expect(power.at(-1)?.watts).toEqual({ a: 48.7, b: 100, '': 148.7 })
})

it('reports are told while somebody looks, and not kept while nobody does', async () => {
  const report = (n: number) =>
    feed.said('eventReport', 'event/device/a/report', JSON.stringify({ kind: 'report', timeMs: n, data: n }))
  report(1)
  expect(watch().reports).toBeUndefined()
  report(2)
  await clock.advance(turnMs)
  expect(told[0]?.reports?.map(({ text }) => text)).toEqual(['2'])
})

it('nothing is made while nobody looks, and nothing runs when it has stopped', async () => {
  add('a')
  const { waiting } = clock
  inventory.apply(reportOf('a', { switch_1: true }, clock.now()))
  expect(clock.waiting).toBe(waiting)
  watch()
  feed.watch(undefined)
  expect(clock.waiting).toBe(waiting)
  watch()
  feed.stop()
  inventory.apply(reportOf('a', { switch_1: false }, clock.now() + 1))
  await clock.advance(10_000)
  expect(told).toEqual([])
  expect(clock.waiting).toBe(0)
})
