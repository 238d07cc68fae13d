import { expect, it } from 'vitest'
import { lanCommand } from '../../../src/codec/lan/command.ts'
import { type LanVersion, lanVersions } from '../../../src/codec/lan/version.ts'
import { Secret } from '../../../src/util/secret.ts'
import { failure, known, LanBench } from '../../support/lan-bench.ts'

const otherKey = 'fedcba9876543210'

it('R-L1: between the end of one connection and the next there is a second, whoever calls', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  await bench.up(known(device))
  device.visit.end.close()
  await bench.clock.advance(0)
  const { address } = device
  bench.fleet.propose({ deviceId: device.id, address, version: '3.4' })
  await bench.clock.advance(999)
  expect(device.visits).toHaveLength(1)
  await bench.clock.advance(1)
  expect(device.visits).toHaveLength(2)
})

it('R-B1: a device that is not there is tried within seconds for a minute, then less and less', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  bench.net.leave(device.address)
  await bench.start(known(device))
  await bench.clock.advance(60_000)
  const first = bench.net.dialed.length
  expect(first).toBeGreaterThan(20)
  await bench.clock.advance(600_000)
  const { dialed } = bench.net
  expect(dialed.length - first).toBeLessThan(60)
  const pauses = dialed.slice(1).map(({ at }, i) => at - (dialed[i]?.at ?? 0))
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1_000)
  expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000)
  expect(bench.state(device.id)).toBe('down unreachable')
})

it('R-B1: a broadcast brings the try forward, at most once per 5 s', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  bench.net.leave(device.address)
  await bench.start(known(device))
  await bench.clock.advance(300_000)
  const before = bench.net.dialed.length
  const { id: deviceId, address } = device
  for (let i = 0; i < 40; i++) {
    bench.fleet.propose({ deviceId, address, version: null })
    await bench.clock.advance(500)
  }
  const tries = bench.net.dialed.length - before
  expect(tries).toBeGreaterThanOrEqual(4)
  expect(tries).toBeLessThanOrEqual(6)
})

it('R-B1: after 30 healthy seconds the pauses are short again', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  await bench.up(known(device))
  for (let i = 0; i < 12; i++) {
    device.visit.end.close()
    const visits = bench.fleet.counts.opens
    await bench.until(() => bench.fleet.counts.opens > visits, 70_000, 'again')
    await bench.clock.advance(31_000)
  }
  device.visit.end.close()
  const pause = await bench.until(() => bench.state(device.id) === 'up', 5_000, 'up')
  expect(pause).toBeLessThanOrEqual(1_100)
})

it('R-L2, trap: reset before any byte three times is wedged, tried each 5 min, and says what helps', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  device.onVisit = ({ end }) => end.close('reset')
  await bench.start(known(device))
  await bench.until(() => bench.state(device.id) === 'down wedged', 20_000, 'wedged')
  expect(device.visits).toHaveLength(3)
  const trouble = bench.fleet.facts(device.id)?.troubles.at(-1)
  expect(trouble?.message).toContain('another app or hub')
  expect(await failure(bench.set(device.id, { 1: true }))).toBe('not-sent lan/wedged')
  await bench.clock.advance(30 * 60_000)
  expect(device.visits.length).toBeGreaterThanOrEqual(8)
  expect(device.visits.length).toBeLessThanOrEqual(10)
  // Broadcasts go on while it hangs; they are no reason to disturb it.
  const before = device.visits.length
  for (let i = 0; i < 10; i++) {
    bench.fleet.propose({ deviceId: device.id, address: device.address, version: '3.4' })
    await bench.clock.advance(5_000)
  }
  expect(device.visits.length - before).toBeLessThanOrEqual(1)
  device.onVisit = () => {}
  await bench.until(() => bench.state(device.id) === 'up', 6 * 60_000, 'up', 1_000)
})

it('trap: whoever closes unasked has no room; that is no doubt of the key', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  device.onVisit = ({ end }) => end.close('closed')
  await bench.start(known(device))
  await bench.clock.advance(10 * 60_000)
  expect(bench.state(device.id)).toBe('down wedged')
  expect(bench.keysWanted).toEqual([])
})

it.each(['3.3', '3.4', '3.5'] as const)(
  'L4: %s with another key asks for it once per 30 min at most, and a new one works at once',
  async (version) => {
    await using bench = new LanBench()
    const device = bench.device({ version })
    await bench.up(known(device))
    const old = known(device)
    device.key = otherKey
    device.visit.end.close()
    await bench.until(() => bench.keysWanted.length > 0, 20_000, 'the key is wanted')
    expect(bench.state(device.id)).toBe('down key-mismatch')
    expect(await failure(bench.set(device.id, { 1: true }))).toBe('not-sent lan/key-mismatch')
    // Nobody has a new one.
    bench.fleet.replace([{ ...old }])
    await bench.clock.advance(89 * 60_000)
    expect(bench.keysWanted).toHaveLength(3)
    expect(bench.fleet.counts.opens, 'slow tries').toBeLessThan(90)
    bench.fleet.replace([known(device)])
    const tookMs = await bench.until(() => bench.state(device.id) === 'up', 5_000, 'up')
    expect(tookMs).toBeLessThanOrEqual(1_500)
    await bench.clock.during(bench.set(device.id, { 1: false }), 10)
    expect(device.sets).toEqual([{ 1: false }])
  },
)

it('L4: 3.1 shows a wrong key only in what it pushes, and asks for it then', async () => {
  await using bench = new LanBench()
  const device = bench.device({ version: '3.1' })
  await bench.up(known(device, { localKey: new Secret(otherKey) }))
  for (let i = 0; i < 40 && bench.keysWanted.length === 0; i++) {
    device.press({ 2: i })
    await bench.clock.advance(2_000)
  }
  expect(bench.keysWanted).toHaveLength(1)
  expect(bench.values.every(({ asked }) => asked)).toBe(true)
})

it('a key that is none is told apart: missing, too long, not of single bytes', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  const of = (key: string) => known(device, { localKey: new Secret(key) })
  await bench.start(of(''))
  expect(bench.state(device.id)).toBe('unused no-key')
  for (const key of ['0123456789abcde', '0123456789abcdef0', '0123456789abcdeЖ']) {
    bench.fleet.replace([of(key)])
    await bench.clock.advance(5_000)
    expect(bench.state(device.id)).toBe('down key-mismatch')
  }
  expect(bench.net.dialed).toEqual([])
  // Any sixteen bytes are a key, whatever they look like.
  device.key = '<&"\\$\'`>~ {}ÿé!?'
  bench.fleet.replace([of(device.key)])
  await bench.until(() => bench.state(device.id) === 'up', 2_000, 'up')
})

it('L6: the version goes from 3.3 over 3.4 to 3.5, and each is found within a minute', async () => {
  await using bench = new LanBench()
  const device = bench.device({ version: '3.3' })
  await bench.up(known(device))
  for (const version of ['3.4', '3.5'] as const) {
    device.version = version
    const { opens } = bench.fleet.counts
    device.visit.end.close()
    await bench.clock.advance(0)
    const tookMs = await bench.until(() => bench.state(device.id) === 'up', 60_000, version)
    expect(bench.fleet.health(device.id).version).toBe(version)
    expect(tookMs).toBeLessThanOrEqual(60_000)
    expect(bench.fleet.counts.opens - opens).toBeLessThanOrEqual(7)
    await bench.clock.advance(60_000)
  }
  const { dialed } = bench.net
  const pauses = dialed.slice(1).map(({ at }, i) => at - (dialed[i]?.at ?? 0))
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1_000)
})

it('L6: what a broadcast says of the version is tried first', async () => {
  await using bench = new LanBench()
  const device = bench.device({ version: '3.3' })
  await bench.up(known(device))
  device.version = '3.4'
  device.visit.end.close()
  const { opens } = bench.fleet.counts
  bench.fleet.propose({ deviceId: device.id, address: device.address, version: '3.4' })
  await bench.until(() => bench.state(device.id) === 'up', 2_000, 'up')
  expect(bench.fleet.counts.opens - opens).toBe(1)
})

it.each(lanVersions.filter((version) => version !== '3.2'))(
  '§12: a device whose version nobody knows is found out to speak %s',
  async (version: LanVersion) => {
    await using bench = new LanBench()
    const device = bench.device({ version })
    await bench.start(known(device, { version: null }))
    await bench.until(() => bench.state(device.id) === 'up', 20_000, 'up')
    expect(bench.fleet.health(device.id).version).toBe(version)
    expect(bench.keysWanted).toEqual([])
    await bench.clock.advance(2_000)
    expect(bench.last(device.id)).toEqual({ 1: true, 2: 50 })
  },
)

it('§12: a device that answers in no version is asked in all of them once a minute at most', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  device.intercept = () => true
  await bench.start(known(device, { version: null }))
  await bench.clock.advance(10 * 60_000)
  expect(device.visits.length).toBeLessThanOrEqual(11 * 4)
  expect(device.visits.length).toBeGreaterThanOrEqual(8)
})

it('R-L4: keys and what is made of them stand in no note and no error', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  await bench.up(known(device))
  device.key = otherKey
  device.visit.end.close()
  await bench.clock.advance(60_000)
  const told = JSON.stringify([bench.notes, bench.fleet.facts(device.id)?.troubles])
  for (const key of ['0123456789abcdef', otherKey])
    for (const form of [key, Buffer.from(key).toString('hex'), Buffer.from(key).toString('base64')])
      expect(told).not.toContain(form)
  expect(bench.notes.length).toBeGreaterThan(3)
})

it('what is changed that a connection does not depend on leaves it alone', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  await bench.up(known(device))
  bench.fleet.replace([known(device, { pointIds: [1, 2, 3], refreshIds: [2], version: null, address: null })])
  bench.fleet.replace([known(device)])
  await bench.clock.advance(5_000)
  expect([device.visits.length, bench.state(device.id)]).toEqual([1, 'up'])
})

it('a command under way is answered before a connection is given up for a change', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  await bench.up(known(device))
  let answer = () => {}
  device.intercept = (message, visit) => {
    if (message.command !== lanCommand.controlNew) return false
    answer = () => visit.handle(message)
    return true
  }
  const sent = bench.set(device.id, { 1: false })
  await bench.clock.advance(10)
  bench.fleet.replace([known(device, { localKey: new Secret(otherKey) })])
  await bench.clock.advance(100)
  answer()
  await expect(bench.clock.during(sent, 10)).resolves.toEqual({ by: 'device' })
})

it('a device that is taken away and given back has one socket at a time', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  await bench.up(known(device))
  for (let i = 0; i < 10; i++) {
    bench.fleet.replace([])
    expect(bench.state(device.id)).toBe('unused no-address')
    bench.fleet.replace([known(device)])
    await bench.until(() => bench.state(device.id) === 'up', 5_000, 'up', 10)
  }
  expect(device.mostVisits).toBe(1)
})

it('nobody has said where it is: unused, until somebody does', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  await bench.start(known(device, { address: null, version: null }))
  await bench.clock.advance(60_000)
  expect(bench.state(device.id)).toBe('unused no-address')
  bench.fleet.propose({ deviceId: device.id, address: device.address, version: '3.4' })
  await bench.until(() => bench.state(device.id) === 'up', 1_000, 'up')
})

it('a sleeping device is met when it calls, and its absence is no alarm', async () => {
  await using bench = new LanBench()
  const device = bench.device({ version: '3.3' })
  device.cutPower()
  await bench.start(known(device, { sleeps: true }))
  await bench.clock.advance(10 * 60_000)
  expect(bench.state(device.id)).toBe('down sleeping')
  expect(bench.net.dialed).toHaveLength(1)
  for (let i = 0; i < 5; i++) {
    device.returnPower()
    device.points[2] = i
    bench.fleet.propose({ deviceId: device.id, address: device.address, version: '3.3' })
    await bench.clock.advance(1_000)
    expect(bench.last(device.id)).toEqual({ 1: true, 2: i })
    expect(bench.state(device.id)).toBe('up')
    device.cutPower()
    await bench.clock.advance(120_000)
    expect(bench.state(device.id)).toBe('down sleeping')
  }
  expect(bench.net.dialed).toHaveLength(6)
})
