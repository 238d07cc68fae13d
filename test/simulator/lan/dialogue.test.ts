import { describe, expect, it } from 'vitest'
import { lanCommand } from '../../../src/codec/lan/command.ts'
import { refreshRequest, subDevicesRequest } from '../../../src/codec/lan/request.ts'
import { type LanVersion, lanVersions } from '../../../src/codec/lan/version.ts'
import { wireOf } from '../../../src/codec/lan/wire.ts'
import type { LanEntry } from '../../../src/simulator/world-file.ts'
import { LanClient, type Said } from '../../support/lan-client.ts'
import { LanHouse } from '../../support/lan-house.ts'

const kinds = (said: readonly Said[]) => said.map(({ command, reply }) => `${command} ${reply.kind}`)
const text = (value: object) => Buffer.from(JSON.stringify(value))
const zeroKey = Buffer.alloc(16, 7)

async function meet(
  lan: LanEntry,
  see: (client: LanClient, house: LanHouse) => Promise<void>,
  ...faults: string[]
): Promise<void> {
  await using house = await LanHouse.start(lan, { faults })
  await using client = await LanClient.open(house.lamp)
  await see(client, house)
}

const both = ['3.4', '3.5'] as const
const old = ['3.1', '3.2', '3.3'] as const

describe('numbers of frames', () => {
  it.each(old)('%s: replies repeat that of the request, pushes and pongs have none', async (version) => {
    await meet({ version }, async (client) => {
      client.seq = 77
      client.set({ 20: false })
      client.heartbeat()
      const said = await client.take(3)
      expect(said.map(({ seq }) => seq)).toEqual([77, 0, 0])
    })
  })

  it.each(both)(
    '%s: the device counts for itself from anywhere, anew on each connection',
    async (version) => {
      await using house = await LanHouse.start({ version })
      const starts: number[] = []
      for (let i = 0; i < 3; i++) {
        await using client = await LanClient.open(house.lamp)
        client.set({ 22: 100 + i })
        client.heartbeat()
        const seqs = (await client.take(3)).map(({ seq }) => seq)
        expect(seqs).toEqual([seqs[0], Number(seqs[0]) + 1, Number(seqs[0]) + 2])
        starts.push(Number(seqs[0]))
      }
      expect(new Set(starts).size).toBe(3)
      expect(Math.max(...starts)).toBeLessThan(0x1_0010)
    },
  )

  it('the header counts reports of the device, whoever hears them', async () => {
    await using house = await LanHouse.start({ version: '3.3' })
    await using first = await LanClient.open(house.lamp)
    first.set({ 22: 100 })
    first.set({ 22: 200 })
    const counters = (await first.take(4)).flatMap(({ header }) => (header ? [header.readUInt32BE(7)] : []))
    expect(counters).toEqual([1, 2])
  })
})

describe('return codes', () => {
  const codes = async (lan: LanEntry) => {
    const found: (string | undefined)[] = []
    await meet(lan, async (client) => {
      client.query()
      client.set({ 20: false })
      client.query('nobody')
      for (const { returnCode } of await client.take(4)) found.push(returnCode?.toString('hex'))
    })
    return found
  }

  it.each(['3.1', '3.3', '3.4'] as const)('%s: 1 for what went wrong, big-endian', async (version) => {
    expect(await codes({ version })).toEqual(['00000000', '00000000', '00000000', '00000001'])
  })

  it('3.5: 1 for every set, and little-endian, as the vendor does, or 0 as others do', async () => {
    expect(await codes({ version: '3.5' })).toEqual(['00000000', '01000000', '00000000', '01000000'])
    expect(await codes({ version: '3.5', retcode: 'zero' })).toEqual([
      '00000000',
      '00000000',
      '00000000',
      '00000001',
    ])
  })
})

describe('the handshake', () => {
  it.each(both)('%s: the nonce of the device is letters and digits', async (version) => {
    await using house = await LanHouse.start({ version })
    await using client = await LanClient.connect(house.lamp)
    client.sendRaw(lanCommand.sessionStart, Buffer.alloc(16, 1))
    const { payload } = await client.message()
    expect(payload.toString('latin1', 0, 16)).toMatch(/^[0-9a-f]{16}$/)
    expect(payload).toHaveLength(48)
  })

  it.each(both)('%s: anything before it, and a wrong proof, close', async (version) => {
    await using house = await LanHouse.start({ version })
    await using hasty = await LanClient.connect(house.lamp)
    hasty.query()
    expect(await hasty.isEnded()).toBe(true)
    await using wrong = await LanClient.connect(house.lamp)
    wrong.sendRaw(lanCommand.sessionStart, Buffer.alloc(16, 1))
    await wrong.message()
    wrong.sendRaw(lanCommand.sessionFinish, Buffer.alloc(32, 1))
    expect(await wrong.isEnded()).toBe(true)
  })

  it.each(both)('%s: it can be begun again before its end', async (version) => {
    await using house = await LanHouse.start({ version, strict: true })
    await using client = await LanClient.connect(house.lamp)
    client.sendRaw(lanCommand.sessionStart, Buffer.alloc(16, 1))
    await client.message()
    await client.shakeHands()
    client.query()
    expect(await client.values()).toMatchObject({ 20: true })
  })

  it.each(both)('%s: begun again after its end, it closes where the vendor closes', async (version) => {
    await meet({ version, strict: true }, async (client) => {
      client.sendRaw(lanCommand.sessionStart, Buffer.alloc(16, 1), client.localWire)
      expect(await client.isEnded()).toBe(true)
    })
    await meet({ version }, async (client) => {
      await client.shakeHands()
      client.query()
      expect(await client.values()).toMatchObject({ 20: true })
    })
  })

  it.each(both)('%s: a key that begins with zero works where it is tolerated', async (version) => {
    await using house = await LanHouse.start({ version }, { faults: ['lan-zero-key'] })
    await using client = await LanClient.connect(house.lamp)
    await client.shakeHands(zeroKey)
    client.query()
    expect(await client.values()).toMatchObject({ 20: true })
  })

  it('two in one write are heard', async () => {
    await meet({ version: '3.5', strict: true }, async (client) => {
      const frames = Array.from({ length: 20 }, (_, i) =>
        client.seal(lanCommand.controlNew, text({ protocol: 5, t: 1, data: { dps: { 22: 100 + i } } })),
      )
      client.socket.write(Buffer.concat(frames))
      expect((await client.take(40)).filter(({ reply }) => reply.kind === 'empty')).toHaveLength(20)
    })
  })
})

describe('the vendor’s firmware of 3.5', () => {
  const strict: LanEntry = { version: '3.5', strict: true }

  it.each([
    ['zero', [0]],
    ['a repetition', [3, 3]],
    ['a smaller one', [5, 4]],
  ])('closes at %s among the numbers; gaps are fine', async (_name, seqs) => {
    await using house = await LanHouse.start(strict)
    await using client = await LanClient.connect(house.lamp)
    for (const seq of seqs) {
      client.seq = seq
      client.sendRaw(lanCommand.sessionStart, Buffer.alloc(16, 1))
    }
    expect(await client.isEnded()).toBe(true)
    await using other = await LanClient.open(house.lamp)
    other.seq = 1000
    other.query()
    expect(await other.values()).toMatchObject({ 20: true })
  })

  it('wants JSON in a query', async () => {
    await meet(strict, async (client) => {
      client.sendRaw(lanCommand.queryNew, Buffer.alloc(0))
      await expect(client.values()).rejects.toThrow('data format error')
    })
    await meet({ version: '3.5' }, async (client) => {
      client.sendRaw(lanCommand.queryNew, Buffer.alloc(0))
      expect(await client.values()).toMatchObject({ 20: true })
    })
  })

  it('acknowledges and ignores what is set without data', async () => {
    const bare = text({ devId: 'x', uid: 'x', t: '1', dps: { 20: false } })
    await meet(strict, async (client, house) => {
      client.sendRaw(lanCommand.controlNew, bare)
      expect(kinds(await client.take(1))).toEqual(['13 empty'])
      expect(await client.isLeftAlone()).toBe(true)
      expect(house.commands()).toEqual([])
    })
    await meet({ version: '3.5' }, async (client, house) => {
      client.sendRaw(lanCommand.controlNew, text({ t: '1', dps: { 20: false } }))
      expect(kinds(await client.take(2))).toEqual(['13 empty', '8 values'])
      expect(house.commands()).toHaveLength(1)
    })
  })

  it('says nothing to a wish for measurements, for devices behind it, and to what it does not know', async () => {
    await meet(strict, async (client) => {
      client.send(refreshRequest([20]))
      client.send(subDevicesRequest())
      client.sendRaw(0x11, text({}))
      expect(await client.isLeftAlone()).toBe(true)
      client.heartbeat()
      expect(kinds(await client.take(1))).toEqual(['9 empty'])
    })
  })

  it('throws a short first read away', async () => {
    await using house = await LanHouse.start(strict)
    await using client = await LanClient.connect(house.lamp)
    client.socket.write(Buffer.alloc(49, 1))
    expect(await client.isLeftAlone()).toBe(true)
    await client.shakeHands()
    client.query()
    expect(await client.values()).toMatchObject({ 20: true })
  })

  it('closes when a read ends soon after the beginning of a frame', async () => {
    const cut = async (client: LanClient, bytes: number) => {
      const next = client.seal(lanCommand.heartbeat, text({}))
      client.socket.write(
        Buffer.concat([client.seal(lanCommand.heartbeat, text({})), next.subarray(0, bytes)]),
      )
    }
    await meet(strict, async (client) => {
      await cut(client, 49)
      expect(await client.isEnded()).toBe(true)
    })
    await meet({ version: '3.5' }, async (client) => {
      await cut(client, 49)
      expect(kinds(await client.take(1))).toEqual(['9 empty'])
      expect(await client.isLeftAlone()).toBe(true)
      expect(client.ended).toBeUndefined()
    })
  })

  it('closes when another version speaks; others keep silent', async () => {
    for (const [lan, ended] of [
      [strict, 'closed'],
      [{ version: '3.5' }, undefined],
    ] as const) {
      await using house = await LanHouse.start(lan)
      await using client = await LanClient.connect({ ...house.lamp, version: '3.3' })
      client.query()
      if (ended) expect(await client.isEnded(ended)).toBe(true)
      else expect(await client.isLeftAlone()).toBe(true)
      expect(client.ended).toBe(ended)
    }
  })
})

describe('without a session', () => {
  it('a wrong key is told in words that nobody can read, a wrong checksum not at all', async () => {
    await using house = await LanHouse.start({ version: '3.3' })
    await using client = await LanClient.connect(house.lamp)
    const wrong = wireOf('3.3', Buffer.from('0000000000000000'))
    client.sendRaw(lanCommand.query, text({ gwId: house.lamp.id }), wrong)
    expect(await client.next()).toMatchObject({ reply: { kind: 'error', text: 'parse data error' } })
    const broken = client.seal(lanCommand.query, text({}))
    broken.writeUInt8(broken.readUInt8(20) ^ 1, 20)
    client.socket.write(broken)
    expect(await client.isLeftAlone()).toBe(true)
    client.query()
    expect(await client.values()).toMatchObject({ 20: true })
  })

  it('a device of 3.3 tells one that speaks 3.1 so in its own way', async () => {
    await using house = await LanHouse.start({ version: '3.3' })
    await using client = await LanClient.connect({ ...house.lamp, version: '3.1' })
    client.query()
    const { payload } = await client.message()
    const { payload: plain } = wireOf('3.3', Buffer.from(house.lamp.localKey)).open(
      { kind: 'frame', seq: 1, command: 10, bytes: client.reads[0] ?? Buffer.alloc(0) },
      'fromDevice',
    )
    expect(plain.toString()).toBe('parse data error')
    expect(payload.toString()).not.toBe('parse data error')
  })

  it.each([
    ['gw id invalid', { gwId: 'other' }],
    ['devid not found', { devId: 'other' }],
    ['devid not found', { cid: 'other' }],
  ])('%s is said to %j', async (said, body) => {
    await meet({ version: '3.3' }, async (client) => {
      client.sendRaw(lanCommand.query, text(body))
      await expect(client.values()).rejects.toThrow(said)
    })
  })

  it('the vendor’s app asks a device of 3.3 by the newer number', async () => {
    await meet({ version: '3.3' }, async (client) => {
      client.sendRaw(lanCommand.queryNew, text({}))
      expect(await client.values()).toMatchObject({ 20: true })
    })
  })

  it('heartbeats with a header and without a body are answered, too', async () => {
    await meet({ version: '3.3' }, async (client) => {
      client.sendRaw(lanCommand.heartbeat, Buffer.alloc(0))
      const [pong] = await client.take(1)
      expect(pong).toMatchObject({ command: 9, seq: 0, header: null })
      expect(client.reads[0]?.toString('hex')).toBe(
        '000055aa00000000000000090000000c00000000b051ab030000aa55',
      )
    })
  })
})

describe('manners of a device', () => {
  it.each(lanVersions)('%s: it may say what has changed before it acknowledges', async (version) => {
    await meet({ version, pushFirst: true }, async (client) => {
      client.set({ 20: false })
      expect(kinds(await client.take(2)).map((kind) => kind.slice(-6))).toEqual(['values', ' empty'])
    })
  })

  it('it may say each point alone', async () => {
    await meet({ version: '3.4', oneDpPerPush: true }, async (client) => {
      client.set({ 20: false, 22: 100 })
      const values = (await client.take(3)).flatMap(({ reply }) =>
        reply.kind === 'values' ? [[...reply.values.keys()]] : [],
      )
      expect(values).toEqual([[20], [22]])
    })
  })

  it.each(['3.2', '3.3', '3.4', '3.5'] as const)(
    '%s: it may answer only those who name the points',
    async (version: LanVersion) => {
      await meet({ version, nullDpsOnly: true }, async (client, house) => {
        client.query()
        await expect(client.values()).rejects.toThrow('json obj data unvalid')
        client.nullQuery([20, 22, 99])
        const [ack, push] = await client.take(2)
        expect(ack).toMatchObject({ command: 13, reply: { kind: 'empty' } })
        expect(push).toMatchObject({ command: 8 })
        expect(push?.reply.kind === 'values' && [...push.reply.values]).toEqual([
          [20, true],
          [22, 420],
        ])
        expect(house.commands()).toEqual([])
      })
    },
  )

  it('its times may begin when it was switched on', async () => {
    await meet({ version: '3.4', bootTime: true }, async (client, house) => {
      await client.isHeard()
      await house.clock.advance(25_000)
      client.set({ 20: false })
      const [, push] = await client.take(2)
      expect(push?.reply).toMatchObject({ timeS: 25 })
    })
  })

  it('nothing is pushed when nothing has changed', async () => {
    await meet({ version: '3.5' }, async (client, house) => {
      client.set({ 20: true })
      expect(kinds(await client.take(1))).toEqual(['13 empty'])
      expect(await client.isLeftAlone()).toBe(true)
      expect(house.commands()).toEqual([{ values: { switch_led: true }, path: 'lan' }])
    })
  })

  it('what no firmware takes is acknowledged and ignored', async () => {
    await meet({ version: '3.3' }, async (client, house) => {
      client.set({ 22: '50', 20: 1, 21: 'unknown', 99: true })
      client.set({ 22: 5_000 })
      expect(kinds(await client.take(2))).toEqual(['7 empty', '7 empty'])
      expect(house.commands()).toEqual([])
    })
  })
})
