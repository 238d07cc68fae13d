import { expect, it } from 'vitest'
import { lanCommand } from '../../../src/codec/lan/command.ts'
import { sessionKey } from '../../../src/codec/lan/session.ts'
import { known, LanBench } from '../../support/lan-bench.ts'
import type { FakeLanDevice } from '../../support/lan-device.ts'

/** From now on the device answers so that the key begins with zero, `times` times. */
function zeroFirst(device: FakeLanDevice, version: '3.4' | '3.5', times: number): () => number {
  let made = 0
  // Any bytes: of hexadecimal digits no first one may fit.
  const usual = () => Buffer.from(Array.from({ length: 16 }, () => Math.floor(device.random() * 256)))
  device.intercept = (message) => {
    if (message.command === lanCommand.sessionStart) {
      const client = Buffer.from(message.payload)
      const isZero = made < times
      if (isZero) made++
      device.nonce = () => {
        for (;;) {
          const nonce = usual()
          const key = sessionKey(version, Buffer.from(device.key, 'latin1'), client, nonce)
          if ((key[0] === 0) === isZero) return nonce
        }
      }
    }
    return false
  }
  return () => made
}

it.each(['3.4', '3.5'] as const)(
  '§6, %s: a key that begins with zero is made anew on the same connection, before anything is finished',
  async (version) => {
    await using bench = new LanBench()
    const device = bench.device({ version })
    const made = zeroFirst(device, version, 2)
    await bench.up(known(device))
    await bench.clock.advance(1_000)
    expect([made(), device.visits.length]).toEqual([2, 1])
    expect(bench.last(device.id)).toEqual({ 1: true, 2: 50 })
  },
)

it('a device that gives no usable key at all is left', async () => {
  await using bench = new LanBench()
  const device = bench.device({ version: '3.5' })
  const made = zeroFirst(device, '3.5', 1_000)
  await bench.start(known(device))
  await bench.until(() => bench.state(device.id) === 'down protocol', 5_000, 'left')
  expect(made()).toBe(8)
})

it.each(['3.4', '3.5'] as const)(
  '§6, %s: nobody believes a device that cannot prove the key',
  async (version) => {
    await using bench = new LanBench()
    const device = bench.device({ version })
    device.intercept = (message, visit) => {
      if (message.command !== lanCommand.sessionStart) return false
      visit.say(lanCommand.sessionResponse, Buffer.alloc(48, 7))
      return true
    }
    await bench.start(known(device))
    await bench.until(() => bench.state(device.id) === 'down key-mismatch', 20_000, 'mismatch')
    expect(device.heard).toEqual([])
    expect(bench.keysWanted).toHaveLength(1)
  },
)

it('an answer of another length, or something else than an answer, is no doubt of the key', async () => {
  for (const [command, bytes] of [
    [lanCommand.sessionResponse, 47],
    [lanCommand.sessionFinish, 48],
  ] as const) {
    await using bench = new LanBench()
    const device = bench.device()
    device.intercept = (_, visit) => {
      visit.say(command, Buffer.alloc(bytes))
      return true
    }
    await bench.start(known(device))
    await bench.until(() => bench.state(device.id) === 'down protocol', 5_000, 'protocol')
    await bench.clock.advance(60_000)
    expect(bench.keysWanted).toEqual([])
  }
})

it('a device that does not answer the handshake is left after 5 s', async () => {
  await using bench = new LanBench()
  const device = bench.device()
  device.intercept = () => true
  await bench.start(known(device))
  const tookMs = await bench.until(() => bench.state(device.id) === 'down timeout', 10_000, 'left')
  expect(tookMs).toBeGreaterThanOrEqual(5_000)
  expect(tookMs).toBeLessThan(5_200)
})

it.each(['3.4', '3.5'] as const)(
  '%s: our numbers grow by one from one, and no heartbeat is empty or first',
  async (version) => {
    await using bench = new LanBench()
    const device = bench.device({ version })
    const seqs: number[] = []
    device.intercept = ({ seq }) => {
      seqs.push(seq)
      return false
    }
    await bench.up(known(device))
    await bench.clock.advance(60_000)
    expect(seqs).toEqual(seqs.map((_, i) => i + 1))
    expect(seqs.length).toBeGreaterThan(7)
    const [first, ...others] = device.heard
    expect(first?.command).toBe(lanCommand.queryNew)
    expect(first?.body).toEqual({})
    expect(
      others.filter(({ command }) => command === lanCommand.heartbeat).every(({ body }) => body !== null),
    ).toBe(true)
  },
)

it('each frame of ours is one write, whatever follows it', async () => {
  for (const version of ['3.1', '3.3', '3.4', '3.5'] as const) {
    await using bench = new LanBench()
    const device = bench.device({ version })
    await bench.up(known(device))
    await bench.clock.advance(30_000)
    const { writes } = device.visit.end
    const begins = version === '3.5' ? 0x0000_6699 : 0x0000_55aa
    const ends = version === '3.5' ? 0x0000_9966 : 0x0000_aa55
    expect(writes.length).toBeGreaterThan(2)
    for (const write of writes) {
      expect(write.readUInt32BE(0)).toBe(begins)
      expect(write.readUInt32BE(write.length - 4)).toBe(ends)
      expect(write.indexOf(Buffer.from(write.subarray(0, 4)), 4)).toBe(-1)
    }
  }
})
