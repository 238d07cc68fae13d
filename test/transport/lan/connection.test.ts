import { expect, it } from 'vitest'
import { lanCommand } from '../../../src/codec/lan/command.ts'
import type { LanVersion } from '../../../src/codec/lan/version.ts'
import { lanVersions } from '../../../src/codec/lan/version.ts'
import { known, LanBench } from '../../support/lan-bench.ts'

async function house(version: LanVersion = '3.4') {
  const bench = new LanBench()
  const device = bench.device({ version })
  await bench.up(known(device))
  await bench.clock.advance(1_500)
  return { bench, device }
}

const damage: Readonly<Record<string, (frame: Buffer, version: LanVersion) => Buffer>> = {
  bad_prefix: (frame) => Buffer.concat([Buffer.from('garbage!'), frame]),
  bad_suffix: (frame) => flip(frame, frame.length - 1),
  bad_length: (frame, version) => {
    const lying = Buffer.from(frame)
    lying.writeUInt32BE(0xffff_ffff, version === '3.5' ? 14 : 12)
    return lying
  },
  // The last byte of checksum, HMAC or tag.
  bad_check: (frame) => flip(frame, frame.length - 5),
}

function flip(frame: Buffer, at: number): Buffer {
  const flipped = Buffer.from(frame)
  flipped[at] = (flipped[at] ?? 0) ^ 1
  return flipped
}

it.each(lanVersions.flatMap((version) => Object.keys(damage).map((kind) => [version, kind] as const)))(
  'R-L3, L8, %s: %s closes the socket, and what came with it is not believed',
  async (version, kind) => {
    const { bench, device } = await house(version)
    await using _ = bench
    const frame = damage[kind]?.(
      device.visit.frame(lanCommand.status, device.visit.pushBody({ 2: 99 })),
      version,
    ) as Buffer
    device.visit.end.write(frame)
    await bench.clock.advance(0)
    expect(bench.state(device.id)).toBe('down protocol')
    expect(bench.last(device.id)[2]).toBe(50)
    const [fault] = [...bench.fleet.counts.badFramesByFault.keys()]
    expect(fault).toBe(
      kind === 'bad_check' ? ({ '3.4': 'bad_hmac', '3.5': 'bad_tag' }[version as string] ?? 'bad_crc') : kind,
    )
    await bench.until(() => bench.state(device.id) === 'up', 5_000, 'up')
  },
)

it('R-L3: five bad frames in a minute make a pause of a minute', async () => {
  const { bench, device } = await house()
  await using _ = bench
  for (let i = 0; i < 5; i++) {
    await bench.until(() => bench.state(device.id) === 'up', 30_000, 'up', 10)
    device.visit.end.write(Buffer.from('garbage'))
    await bench.clock.advance(0)
  }
  const visits = device.visits.length
  bench.fleet.propose({ deviceId: device.id, address: device.address, version: '3.4' })
  await bench.clock.advance(59_000)
  expect(device.visits).toHaveLength(visits)
  await bench.clock.advance(2_000)
  expect(device.visits).toHaveLength(visits + 1)
})

it('R-L3: a frame that does not come to its end within 5 s closes', async () => {
  const { bench, device } = await house()
  await using _ = bench
  const frame = device.visit.frame(lanCommand.status, device.visit.pushBody({ 2: 51 }))
  for (let at = 0; at < 40; at++) {
    device.visit.end.write(frame.subarray(at, at + 1))
    await bench.clock.advance(100)
  }
  device.visit.end.write(frame.subarray(40))
  await bench.clock.advance(100)
  expect(bench.last(device.id)[2], 'slow, but in time').toBe(51)
  device.visit.end.write(frame.subarray(0, 20))
  await bench.clock.advance(4_500)
  expect(bench.state(device.id)).toBe('up')
  await bench.clock.advance(1_100)
  expect(bench.state(device.id)).toBe('down protocol')
})

it('R-L4: one message that cannot be decrypted is left out, three in a row are the key', async () => {
  const { bench, device } = await house('3.3')
  await using _ = bench
  const good = device.visit.wire
  const bad = device.visit.frame(lanCommand.status, Buffer.from('no json'), {})
  const { wireOf } = await import('../../../src/codec/lan/wire.ts')
  const foreign = () => {
    device.visit.wire = wireOf('3.3', Buffer.from('fedcba9876543210'))
    const frame = device.visit.frame(lanCommand.status, device.visit.pushBody({ 2: 1 }))
    device.visit.wire = good
    return frame
  }
  expect(bad.length).toBeGreaterThan(0)
  for (let i = 0; i < 4; i++) {
    device.visit.end.write(foreign())
    device.visit.end.write(foreign())
    device.press({ 2: 60 + i })
    await bench.clock.advance(20_000)
  }
  expect(bench.last(device.id)[2]).toBe(63)
  await bench.clock.advance(60_000)
  expect(device.visits).toHaveLength(1)
  for (let i = 0; i < 3; i++) device.visit.end.write(foreign())
  await bench.clock.advance(0)
  expect(bench.state(device.id)).toBe('down refused')
})

it.each(['3.4', '3.5'] as const)(
  'attack 16, L8, %s: a frame that comes again ends the session of a device that counts',
  async (version) => {
    const { bench, device } = await house(version)
    await using _ = bench
    const recorded = device.visit.frame(lanCommand.status, device.visit.pushBody({ 1: 'unlocked' }))
    device.visit.end.write(recorded)
    for (let i = 0; i < 10; i++) device.press({ 2: i })
    await bench.clock.advance(0)
    bench.values.length = 0
    device.visit.end.write(recorded)
    await bench.clock.advance(0)
    expect(bench.values).toEqual([])
    expect([bench.state(device.id), bench.fleet.counts.replays]).toEqual(['down protocol', 1])
    if (version === '3.5') expect(bench.fleet.counts.nonceReuses).toBe(1)
  },
)

it('devices that do not count are heard all the same', async () => {
  for (const seqs of [
    [0, 0, 0],
    [7, 3, 9, 1],
    [5, 5, 6, 6],
  ]) {
    const { bench, device } = await house('3.5')
    await using _ = bench
    for (let i = 0; i < 60; i++)
      device.visit.say(lanCommand.status, device.visit.pushBody({ 2: i }), {
        seq: seqs[i % seqs.length] ?? 0,
      })
    await bench.clock.advance(500)
    expect([bench.last(device.id)[2], bench.state(device.id)]).toEqual([59, 'up'])
  }
})

it('a nonce that is used again is counted, and no more: some peers take it from a clock', async () => {
  const { bench, device } = await house('3.5')
  await using _ = bench
  const { random } = device
  Object.assign(device, { random: () => 0.25 })
  for (let i = 0; i < 5; i++) device.press({ 2: i })
  await bench.clock.advance(0)
  Object.assign(device, { random })
  expect(bench.fleet.counts.nonceReuses).toBe(4)
  expect([bench.last(device.id)[2], bench.state(device.id)]).toEqual([4, 'up'])
})

it('L11: a device that floods is read as fast as a device may speak, and its last values are told', async () => {
  const { bench, device } = await house('3.4')
  await using _ = bench
  const quiet = bench.device({ id: 'quiet', host: '127.0.0.3' })
  bench.fleet.replace([known(device), known(quiet)])
  await bench.until(() => bench.state('quiet') === 'up', 5_000, 'up')
  await bench.clock.advance(2_000)
  bench.values.length = 0
  const before = bench.fleet.counts.framesIn
  let n = 0
  for (let ms = 0; ms < 10_000; ms += 10) {
    for (let i = 0; i < 10; i++) device.press({ 2: n++ })
    await bench.clock.advance(10)
  }
  const { framesIn, floods, merged } = bench.fleet.counts
  expect(n).toBe(10_000)
  expect(framesIn - before, 'frames read').toBeLessThanOrEqual(2_300)
  expect(floods).toBeGreaterThan(10)
  expect(merged).toBeGreaterThan(1_000)
  expect(bench.values.length, 'told').toBeLessThanOrEqual(10 * 32)
  expect(device.visit.end.isPaused).toBe(true)
  await expect(bench.clock.during(bench.set('quiet', { 1: false }), 1)).resolves.toEqual({ by: 'device' })
  await bench.clock.advance(60_000)
  expect([bench.last(device.id)[2], bench.state(device.id)]).toEqual([9_999, 'up'])
})

it('bytes that are no text in a value leave the others of use', async () => {
  const { bench, device } = await house('3.4')
  await using _ = bench
  device.visit.say(
    lanCommand.status,
    Buffer.concat([
      Buffer.from('{"data":{"dps":{"2":77,"5":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}}}'),
    ]),
  )
  await bench.clock.advance(0)
  expect(bench.last(device.id)[2]).toBe(77)
})
