import { expect, it } from 'vitest'
import { lanCommand } from '../../../src/codec/lan/command.ts'
import { lanVersions } from '../../../src/codec/lan/version.ts'
import type { LanDevice } from '../../../src/transport/lan/device.ts'
import { failure, known, LanBench } from '../../support/lan-bench.ts'
import type { FakeDeviceOptions, FakeLanDevice } from '../../support/lan-device.ts'

const unvalid = 'json obj data unvalid'

async function house(
  options: FakeDeviceOptions,
  more: Partial<LanDevice> = {},
  prepare = (_: FakeLanDevice) => {},
) {
  const bench = new LanBench()
  const device = bench.device(options)
  prepare(device)
  await bench.up(known(device, more))
  await bench.clock.advance(1_500)
  return { bench, device }
}

const commandsOf = (device: FakeLanDevice) => device.heard.map(({ command }) => command)

it('§9: 3.2 is asked by ids alone', async () => {
  const { bench, device } = await house({ version: '3.2' })
  await using _ = bench
  expect(commandsOf(device)).toEqual([lanCommand.controlNew])
  expect(device.heard[0]?.body).toMatchObject({ dps: { 1: null, 2: null } })
  expect(bench.last(device.id)).toEqual({ 1: true, 2: 50 })
})

it.each(['3.3', '3.4', '3.5'] as const)(
  '§9, %s: a device that cannot answer twice is asked by ids, ten at a time, and that is remembered',
  async (version) => {
    const points = Object.fromEntries(Array.from({ length: 23 }, (_, i) => [i + 1, i]))
    const pointIds = Object.keys(points).map(Number)
    const { bench, device } = await house({ version, points }, { pointIds }, (each) => {
      each.byIdsOnly = true
    })
    await using _ = bench
    expect(bench.last(device.id)).toEqual(points)
    const query = version === '3.3' ? lanCommand.query : lanCommand.queryNew
    expect(commandsOf(device)).toEqual([query, query, ...Array(3).fill(lanCommand.controlNew)])
    device.heard.length = 0
    device.visit.end.close()
    await bench.until(() => device.heard.length >= 3, 10_000, 'read again')
    expect(commandsOf(device)).toEqual(Array(3).fill(lanCommand.controlNew))
  },
)

it('§9: one error alone changes nothing', async () => {
  let refusals = 1
  const { bench, device } = await house({ version: '3.3' }, {}, (each) => {
    each.intercept = (message, visit) => {
      if (message.command !== lanCommand.query || refusals-- <= 0) return false
      visit.answer(message, unvalid, 1)
      return true
    }
  })
  await using _ = bench
  expect(commandsOf(device)).toEqual([lanCommand.query, lanCommand.query])
  expect(bench.last(device.id)).toEqual({ 1: true, 2: 50 })
})

it('§9: a device that was asked by ids for nothing is asked the usual way again', async () => {
  const { bench, device } = await house(
    { version: '3.3', points: { 1: true } },
    { pointIds: [77] },
    (each) => {
      each.byIdsOnly = true
    },
  )
  await using _ = bench
  expect(bench.fleet.facts(device.id)?.troubles.at(-1)?.code).toBe('lan/error')
  device.byIdsOnly = false
  await bench.clock.during(bench.query(device.id), 10)
  expect(bench.last(device.id)).toMatchObject({ 1: true })
})

it.each(lanVersions)(
  'trap, %s: a device that answers no question is reached all the same',
  async (version) => {
    const bench = new LanBench()
    await using _ = bench
    const device = bench.device({ version })
    device.intercept = (message) =>
      ![3, 5, 7, 9, 13].includes(message.command) || message.payload.includes('null')
    await bench.start(known(device))
    await bench.until(() => bench.state(device.id) === 'up', 10_000, 'up')
    await bench.clock.advance(60_000)
    expect([device.visits.length, bench.state(device.id)]).toEqual([1, 'up'])
    await bench.clock.advance(300_000)
    expect(bench.notes.filter(({ kind }) => kind === 'trouble')).toHaveLength(1)
    await expect(bench.clock.during(bench.set(device.id, { 1: false }), 10)).resolves.toEqual({
      by: 'device',
    })
    expect(bench.last(device.id)).toEqual({ 1: false })
    expect(await failure(bench.clock.during(bench.query(device.id), 10))).toBe('unknown lan/timeout')
  },
)

it('§9: once a minute in which a device says nothing it is read', async () => {
  const { bench, device } = await house({})
  await using _ = bench
  const queries = () => commandsOf(device).filter((command) => command === lanCommand.queryNew).length
  await bench.clock.advance(10 * 60_000)
  expect(queries()).toBeGreaterThanOrEqual(10)
  expect(queries()).toBeLessThanOrEqual(11)
  const before = queries()
  for (let i = 0; i < 20; i++) {
    device.press({ 2: i })
    await bench.clock.advance(30_000)
  }
  expect(queries()).toBe(before)
})

it.each(['3.3', '3.5'] as const)(
  '§9, %s: what is measured only on request is, each 30 s, and nobody waits for it',
  async (version) => {
    const { bench, device } = await house(
      { version, points: { 18: 0 } },
      { pointIds: [1, 2, 18], refreshIds: [18, 19, 20] },
      (each) => {
        each.intercept = (message) => {
          if (message.command !== lanCommand.refresh) return false
          // Measured, and neither told nor acknowledged.
          each.points[18] = Number(each.points[18]) + 1
          return true
        }
      },
    )
    await using _ = bench
    await bench.clock.advance(120_000)
    const asked = device.heard.filter(({ command }) => command === lanCommand.refresh)
    expect(asked.length).toBe(4)
    expect(asked[0]?.body).toEqual({ dpId: [18, 19, 20] })
    expect(device.points[18]).toBe(4)
    expect(bench.last(device.id)[18]).toBe(bench.state(device.id) === 'up' ? 3 : null)
    await bench.clock.advance(3_000)
    expect(bench.last(device.id)[18]).toBe(4)
    expect(device.visits).toHaveLength(1)
  },
)

it('trap: a device that woke without the internet is asked to measure, and speaks then', async () => {
  let isZombie = true
  const { bench, device } = await house({}, {}, (each) => {
    each.intercept = (message) => {
      if (message.command === lanCommand.refresh) isZombie = false
      return isZombie && message.command === lanCommand.queryNew
    }
  })
  await using _ = bench
  await bench.clock.advance(6_000)
  expect(isZombie).toBe(false)
  expect(bench.last(device.id)).toEqual({ 1: true, 2: 50 })
})

it('§10: a gateway without points of its own is not asked for them in another way', async () => {
  const { bench, device } = await house(
    {},
    { children: new Map([['a', 'childA']]), pointIds: [] },
    (each) => {
      each.children.set('a', { 1: 1 })
      each.byIdsOnly = true
    },
  )
  await using _ = bench
  expect(commandsOf(device)).not.toContain(lanCommand.controlNew)
  expect(bench.fleet.facts(device.id)?.troubles).toEqual([])
  expect(bench.last('childA')).toEqual({ 1: 1 })
})

it('values are told before the question resolves, as an answer and not as news', async () => {
  const { bench, device } = await house({})
  await using _ = bench
  bench.values.length = 0
  device.points[2] = 51
  let seen = 0
  const read = bench.query(device.id).then(() => {
    seen = bench.values.length
  })
  await bench.clock.during(read, 10)
  expect(seen).toBe(1)
  expect(bench.clock.now() - (bench.values[0]?.receivedMs ?? 0)).toBeLessThanOrEqual(10)
  expect(bench.values[0]).toMatchObject({ deviceId: device.id, asked: true })
  device.press({ 2: 52 })
  await bench.clock.advance(0)
  expect(bench.values[1]).toMatchObject({ asked: false })
})

it('§9: whoever asks by ids while another does gets values of his own', async () => {
  const { bench, device } = await house({ version: '3.2' })
  await using _ = bench
  bench.values.length = 0
  const told: number[] = []
  const read = () => bench.query(device.id).then(() => told.push(bench.values.length))
  const tookMs = bench.clock.now()
  await bench.clock.during(Promise.all([read(), read(), read()]), 10)
  expect(told).toEqual([1, 2, 3])
  // Devices want what changes something, and this might, at a distance of 50 ms.
  expect(bench.clock.now() - tookMs).toBeLessThan(200)
})

it('§9: values that do not follow on their acknowledgement are waited for a second', async () => {
  let isMute = false
  const { bench, device } = await house({ version: '3.2' }, {}, (each) => {
    each.intercept = (message, visit) => {
      if (!isMute || message.command !== lanCommand.controlNew) return false
      visit.answer(message, Buffer.alloc(0))
      return true
    }
  })
  await using _ = bench
  isMute = true
  const startedMs = bench.clock.now()
  const error = await bench.clock.during(failure(bench.query(device.id)), 10)
  expect(error).toBe('lan/error')
  expect(bench.clock.now() - startedMs).toBeGreaterThanOrEqual(1_000)
  expect(bench.clock.now() - startedMs).toBeLessThanOrEqual(1_020)
  isMute = false
  device.press({ 1: false })
  await bench.clock.advance(0)
  expect(bench.values.at(-1), 'nobody asks any more').toMatchObject({ asked: false })
})

it('§9: a device that acknowledges without values and has not shown who it is waits for nothing without end', async () => {
  const bench = new LanBench()
  await using _ = bench
  const device = bench.device({ version: '3.2' })
  device.intercept = (message, visit) => {
    if (message.command !== lanCommand.controlNew) return false
    visit.answer(message, Buffer.alloc(0))
    return true
  }
  await bench.start(known(device))
  await bench.clock.advance(5_000)
  expect(bench.fleet.facts(device.id)?.troubles.at(-1)?.message).toContain('none of its data points')
})

it('trap: texts that hold JSON, base64 or a kilobyte pass as they are', async () => {
  const odd = {
    201: '{"control":"send_ir","head":"","key1":"1aGk=","type":0,"delay":300}',
    202: 'A'.repeat(3_000),
    24: '00dc03e803e8',
  }
  const { bench, device } = await house({ points: odd })
  await using _ = bench
  expect(bench.last(device.id)).toEqual({ 1: true, 2: 50, ...odd })
  const code = { 201: odd[201] }
  await bench.clock.during(bench.set(device.id, code), 10)
  expect(device.sets).toEqual([code])
})
