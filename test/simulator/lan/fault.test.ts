import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lanCommand } from '../../../src/codec/lan/command.ts'
import { refreshRequest, subDevicesRequest } from '../../../src/codec/lan/request.ts'
import { lanVersions } from '../../../src/codec/lan/version.ts'
import { lanFaults, udpFaults } from '../../../src/simulator/lan/fault-name.ts'
import type { LanEntry } from '../../../src/simulator/world-file.ts'
import { LanClient, type Said } from '../../support/lan-client.ts'
import { LanHouse, type LanHouseOptions } from '../../support/lan-house.ts'
import { demo } from '../../support/simulator-desk.ts'

const usual: LanEntry = { version: '3.5' }
const motion = demo.motion

/** A house with one fault, and somebody who is connected to its lamp. */
async function meet(
  fault: string,
  see: (client: LanClient, house: LanHouse) => Promise<void>,
  lamp: LanEntry = usual,
  options: LanHouseOptions = {},
): Promise<void> {
  await using house = await LanHouse.start(lamp, { ...options, faults: [fault] })
  await using client = await LanClient.open(house.lamp)
  await see(client, house)
}

/** As `meet`, with nobody connected yet. */
async function near(
  fault: string,
  see: (house: LanHouse) => Promise<void>,
  lamp: LanEntry = usual,
  options: LanHouseOptions = {},
): Promise<void> {
  await using house = await LanHouse.start(lamp, { ...options, faults: [fault] })
  await see(house)
}

const kinds = (said: readonly Said[]) => said.map(({ command, reply }) => `${command} ${reply.kind}`)
const listens = (house: LanHouse) =>
  LanClient.connect(house.lamp).then(
    async (client) => {
      await client[Symbol.asyncDispose]()
      return true
    },
    () => false,
  )
const gateway: LanHouseOptions = { more: { [demo.gateway]: { version: '3.4' } } }
const metering: LanEntry = { version: '3.4', metering: [18, 19, 20] }

/** What each fault does; one entry for every name there is. */
const effects: Readonly<Record<keyof typeof lanFaults, () => Promise<void>>> = {
  'lan-refuse': () =>
    near('lan-refuse', async (house) => {
      await expect(LanClient.connect(house.lamp)).rejects.toThrow(/ECONNREFUSED/)
      house.simulator.faults.clear('lan-refuse')
      await house.simulator.lan?.settled()
      expect(await listens(house)).toBe(true)
    }),
  'lan-reset': () =>
    near('lan-reset=,times=1', async (house) => {
      await using client = await LanClient.connect(house.lamp)
      expect(await client.isEnded('reset')).toBe(true)
      await using second = await LanClient.open(house.lamp)
      second.query()
      expect(await second.values()).toMatchObject({ 20: true })
    }),
  'lan-silent': () =>
    near('lan-silent', async (house) => {
      await using client = await LanClient.connect(house.lamp)
      client.sendRaw(lanCommand.sessionStart, Buffer.alloc(16, 1))
      expect(await client.isLeftAlone()).toBe(true)
      expect(client.ended).toBeUndefined()
    }),
  'lan-full': () =>
    near('lan-full', async (house) => {
      await using client = await LanClient.connect(house.lamp)
      expect(await client.isEnded('closed')).toBe(true)
      expect(house.unit().isFull).toBe(true)
    }),
  'lan-reset-after': async () => {
    for (const [step, frames] of [
      ['start', 0],
      ['resp', 1],
    ] as const)
      await near(`lan-reset-after=${step}`, async (house) => {
        await using client = await LanClient.connect(house.lamp)
        client.sendRaw(lanCommand.sessionStart, Buffer.alloc(16, 1))
        expect(await client.isEnded()).toBe(true)
        expect(client.parts.length).toBeLessThanOrEqual(frames)
      })
    await meet('lan-reset-after=finish', async (client) => {
      expect(await client.isEnded('reset')).toBe(true)
    })
  },
  'lan-bad-proof': () =>
    near('lan-bad-proof', async (house) => {
      await expect(LanClient.open(house.lamp)).rejects.toMatchObject({ code: 'bad_session_hmac' })
    }),
  'lan-other-key': async () => {
    await near('lan-other-key', async (house) => {
      await expect(LanClient.open(house.lamp)).rejects.toThrow(/the device has (closed|reset)/)
    })
    const old: LanEntry = { version: '3.3' }
    await meet(
      'lan-other-key',
      async (client) => {
        client.query()
        await expect(client.next()).rejects.toMatchObject({ code: 'bad_padding' })
      },
      old,
    )
  },
  'lan-other-version': () =>
    near('lan-other-version=3.3', async (house) => {
      expect(house.lamp.version).toBe('3.5')
      await using client = await LanClient.open({ ...house.lamp, version: '3.3' })
      client.query()
      expect(await client.values()).toMatchObject({ 20: true })
    }),
  'lan-zero-key': async () => {
    for (const version of ['3.4', '3.5'] as const)
      await near(
        'lan-zero-key=,times=1',
        async (house) => {
          await using client = await LanClient.connect(house.lamp)
          await client.shakeHands(Buffer.alloc(16, 7))
          client.query()
          expect(await client.isEnded()).toBe(true)
          await using second = await LanClient.open(house.lamp)
          second.query()
          expect(await second.values()).toMatchObject({ 20: true })
        },
        { version, strict: true },
      )
  },
  'lan-delay': () =>
    meet('lan-delay=300,command=query', async (client, house) => {
      client.query()
      client.heartbeat()
      expect(await client.isLeftAlone()).toBe(true)
      await house.clock.advance(300)
      expect(kinds(await client.take(2))).toEqual(['16 values', '9 empty'])
    }),
  'lan-drop': () =>
    meet('lan-drop=,command=heartbeat,skip=1,times=1', async (client) => {
      for (let i = 0; i < 3; i++) client.heartbeat()
      client.query()
      expect(kinds(await client.take(3))).toEqual(['9 empty', '9 empty', '16 values'])
    }),
  'lan-duplicate': () =>
    meet('lan-duplicate=,command=push,times=1', async (client) => {
      client.set({ 20: false })
      expect(kinds(await client.take(3))).toEqual(['13 empty', '8 values', '8 values'])
    }),
  'lan-reorder': () =>
    meet('lan-reorder=,times=1', async (client) => {
      client.set({ 20: false })
      client.set({ 20: true })
      expect(kinds(await client.take(4))).toEqual(['8 values', '13 empty', '13 empty', '8 values'])
    }),
  'lan-merge': () =>
    meet('lan-merge=2,command=heartbeat', async (client) => {
      const before = client.reads.length
      client.heartbeat()
      expect(await client.isLeftAlone()).toBe(true)
      client.heartbeat()
      expect(await client.take(2)).toHaveLength(2)
      expect(client.reads.length - before).toBe(1)
    }),
  'lan-split': () =>
    meet('lan-split', async (client) => {
      const before = client.reads.length
      client.heartbeat()
      await client.next()
      const reads = client.reads.slice(before)
      expect(reads.length).toBeGreaterThan(20)
    }),
  'lan-garbage': () =>
    meet('lan-garbage=9,command=heartbeat', async (client) => {
      client.heartbeat()
      await expect(client.next()).rejects.toThrow('bad_prefix')
      expect(kinds([await client.next()])).toEqual(['9 empty'])
    }),
  'lan-bad': async () => {
    await near('lan-bad=bad_tag,command=push,times=1', async (house) => {
      await using client = await LanClient.open(house.lamp)
      client.set({ 20: false })
      expect(kinds([await client.next()])).toEqual(['13 empty'])
      await expect(client.next()).rejects.toMatchObject({ code: 'bad_tag' })
    })
  },
  'lan-truncate': () =>
    meet('lan-truncate=30,command=heartbeat', async (client) => {
      const before = client.reads.length
      client.heartbeat()
      client.query()
      expect(await client.isLeftAlone()).toBe(true)
      expect(Buffer.concat(client.reads.slice(before))).toHaveLength(30)
      expect(client.ended).toBeUndefined()
    }),
  'lan-error': async () => {
    for (const text of [
      'json obj data unvalid',
      'data format error',
      'parse data error',
      'devid not found',
      'gw id invalid',
    ])
      for (const version of lanVersions)
        await meet(
          `lan-error=${text},command=set`,
          async (client) => {
            client.set({ 20: false })
            const { reply, returnCode } = await client.next()
            expect(reply).toEqual({ kind: 'error', text })
            expect(returnCode?.toString('hex')).toBe(version === '3.5' ? '01000000' : '00000001')
          },
          { version },
        )
    await meet('lan-error', async (client) => {
      client.query()
      await expect(client.values()).rejects.toThrow('json obj data unvalid')
    })
  },
  'lan-no-ack': () =>
    meet('lan-no-ack', async (client, house) => {
      client.set({ 20: false })
      expect(kinds([await client.next()])).toEqual(['8 values'])
      expect(house.status('switch_led')).toBe(false)
    }),
  'lan-no-push': () =>
    meet('lan-no-push', async (client, house) => {
      client.set({ 20: false })
      expect(kinds([await client.next()])).toEqual(['13 empty'])
      expect(await client.isLeftAlone()).toBe(true)
      expect(house.status('switch_led')).toBe(false)
    }),
  'lan-stale-push': () =>
    meet('lan-stale-push=400', async (client, house) => {
      client.set({ 20: false })
      expect(await client.values()).toEqual({ 20: true })
      expect(await client.isLeftAlone()).toBe(true)
      await house.clock.advance(400)
      expect(await client.values()).toEqual({ 20: false })
    }),
  'lan-partial': () =>
    meet('lan-partial=2', async (client) => {
      client.query()
      expect(Object.keys(await client.values())).toHaveLength(2)
    }),
  'lan-single-points': () =>
    meet('lan-single-points', async (client) => {
      client.set({ 20: false, 22: 30 })
      await client.next()
      expect(await client.values()).toEqual({ 20: false })
      expect(await client.values()).toEqual({ 22: 30 })
    }),
  'lan-bad-text': () =>
    meet('lan-bad-text', async (client) => {
      client.query()
      const { payload, reply } = await client.next()
      expect(payload.includes(0xff)).toBe(true)
      if (reply.kind !== 'values') throw new Error(reply.kind)
      expect(reply.values.get(20)).toBe(true)
      expect(reply.values.get(21)).toBe('white\ufffd')
    }),
  'lan-header': async () => {
    const headers = async (fault: string | null) => {
      await using house = await LanHouse.start(usual, { faults: fault === null ? [] : [fault] })
      await using client = await LanClient.open(house.lamp)
      client.query()
      client.set({ 20: false })
      const said = await client.take(3)
      return said.map(({ header }) => header?.toString('hex') ?? null)
    }
    const counted = (counter: number) => `332e35${'00'.repeat(4)}0000000${counter}00000001`
    expect(await headers(null)).toEqual([null, null, counted(1)])
    expect(await headers('lan-header=replies')).toEqual([counted(1), null, counted(2)])
    expect(await headers('lan-header=none')).toEqual([null, null, null])
    expect(await headers('lan-header=zero')).toEqual([null, null, `332e35${'00'.repeat(12)}`])
  },
  'lan-no-pong': () =>
    meet('lan-no-pong', async (client) => {
      client.heartbeat()
      expect(await client.isLeftAlone()).toBe(true)
      client.query()
      expect(await client.values()).toMatchObject({ 20: true })
    }),
  'lan-half-open': () =>
    meet('lan-half-open=3', async (client, house) => {
      client.query()
      expect(await client.values()).toMatchObject({ 20: true })
      client.query()
      client.heartbeat()
      expect(await client.isLeftAlone()).toBe(true)
      house.simulator.world.report(house.lamp.id, { switch_led: false })
      expect(await client.isLeftAlone()).toBe(true)
      await house.clock.advance(120_000)
      expect(client.ended).toBeUndefined()
    }),
  'lan-idle': () =>
    meet('lan-idle=3', async (client, house) => {
      await house.clock.advance(2_900)
      expect(client.ended).toBeUndefined()
      await house.clock.advance(100)
      expect(await client.isEnded('closed')).toBe(true)
    }),
  'lan-reboot': () =>
    meet('lan-reboot=60000:5000:reset', async (client, house) => {
      client.set({ 20: false })
      expect(kinds(await client.take(2))).toEqual(['13 empty', '8 values'])
      for (let i = 0; i < 3; i++) {
        await house.clock.advance(20_000)
        client.heartbeat()
      }
      expect(await client.isEnded()).toBe(true)
      expect(await listens(house)).toBe(false)
      await house.clock.advance(5_000)
      await house.simulator.lan?.settled()
      await using second = await LanClient.open(house.lamp)
      second.query()
      expect(await second.values()).toMatchObject({ 20: true })
      expect(house.status('switch_led')).toBe(true)
    }),
  'lan-rotate-key': () =>
    near('lan-rotate-key=60000', async (house) => {
      const before = house.lamp
      await using client = await LanClient.open(before)
      await house.clock.advance(60_000)
      expect(await client.isEnded()).toBe(true)
      await expect(LanClient.open(before)).rejects.toThrow(/the device has/)
      expect(house.lamp.localKey).not.toBe(before.localKey)
      await using second = await LanClient.open(house.lamp)
      second.query()
      expect(await second.values()).toMatchObject({ 20: true })
    }),
  'lan-move': () =>
    near('lan-move=60000', async (house) => {
      const before = house.lamp
      await house.clock.advance(60_000)
      await house.simulator.lan?.settled()
      expect(house.lamp.ip).not.toBe(before.ip)
      await expect(LanClient.connect(before)).rejects.toThrow(/ECONNREFUSED/)
      expect(await listens(house)).toBe(true)
    }),
  'lan-version': () =>
    near('lan-version=3.4:60000', async (house) => {
      expect(house.lamp.version).toBe('3.5')
      await house.clock.advance(60_000)
      expect(house.lamp.version).toBe('3.4')
      await house.simulator.lan?.settled()
      await using client = await LanClient.open(house.lamp)
      client.query()
      expect(await client.values()).toMatchObject({ 20: true })
    }),
  'lan-zombie': () =>
    meet('lan-zombie', async (client, house) => {
      client.query()
      await expect(client.values()).rejects.toThrow('json obj data unvalid')
      house.simulator.world.report(house.lamp.id, { switch_led: false })
      expect(await client.isLeftAlone()).toBe(true)
      client.send(refreshRequest([20]))
      client.query()
      expect(await client.values()).toMatchObject({ 20: false })
    }),
  'lan-fast-sets': () =>
    meet('lan-fast-sets=100', async (client, house) => {
      client.set({ 22: 100 })
      client.set({ 22: 200 })
      expect(kinds(await client.take(3))).toEqual(['13 empty', '8 values', '13 empty'])
      await house.clock.advance(101)
      client.set({ 22: 300 })
      await client.next()
      expect(await client.values()).toEqual({ 22: 300 })
      expect(house.commands()).toEqual([
        { values: { bright_value_v2: 100 }, path: 'lan' },
        { values: { bright_value_v2: 300 }, path: 'lan' },
      ])
    }),
  'lan-first-point': () =>
    meet('lan-first-point', async (client, house) => {
      client.set({ 20: false, 22: 100 })
      await client.take(2)
      expect(house.commands()).toEqual([{ values: { switch_led: false }, path: 'lan' }])
    }),
  'lan-refresh-crash': () =>
    near(
      'lan-refresh-crash=2',
      async (house) => {
        await using client = await LanClient.open(house.device(demo.plug))
        client.send(refreshRequest([18, 19]))
        expect(kinds([await client.next()])).toEqual(['18 empty'])
        client.send(refreshRequest([18, 19, 20]))
        expect(await client.isEnded()).toBe(true)
        await house.clock.advance(3_000)
        await house.simulator.lan?.settled()
        await using second = await LanClient.open(house.device(demo.plug))
        second.query()
        expect(await second.values()).toMatchObject({ 1: true })
      },
      usual,
      { more: { [demo.plug]: metering } },
    ),
  'lan-sleep': () =>
    near('lan-sleep=3000:60000', async (house) => {
      expect(await listens(house)).toBe(false)
      await house.clock.advance(57_000)
      await house.simulator.lan?.settled()
      await using client = await LanClient.open(house.lamp)
      await house.clock.advance(3_000)
      client.query()
      expect(await client.isLeftAlone()).toBe(true)
      expect(await listens(house)).toBe(false)
      await house.clock.advance(57_000)
      expect(await client.isEnded('reset')).toBe(true)
      expect(await listens(house)).toBe(true)
    }),
  'lan-child-offline': () =>
    near(
      'lan-child-offline',
      async (house) => {
        await using client = await LanClient.open(house.device(demo.gateway))
        client.send(subDevicesRequest())
        const { reply } = await client.next()
        expect(reply).toMatchObject({ kind: 'subDevices', online: [], nearby: [] })
        expect(reply.kind === 'subDevices' && reply.offline).toHaveLength(2)
      },
      usual,
      gateway,
    ),
  'lan-unknown-child': () =>
    near(
      'lan-unknown-child=,times=1',
      async (house) => {
        await using client = await LanClient.open(house.device(demo.gateway))
        await client.isHeard()
        const { uuid } = house.simulator.world.device(motion)
        house.simulator.world.report(motion, { pir: 'pir' })
        house.simulator.world.report(motion, { pir: 'none' })
        const [first, second] = await client.take(2)
        expect(first?.reply).toMatchObject({ kind: 'values', cid: expect.not.stringMatching(uuid) })
        expect(second?.reply).toMatchObject({ kind: 'values', cid: uuid })
      },
      usual,
      gateway,
    ),
  'lan-cached-values': () =>
    near(
      'lan-cached-values',
      async (house) => {
        await using client = await LanClient.open(house.device(demo.gateway))
        await client.isHeard()
        house.simulator.world.report(motion, { battery_percentage: 12 })
        await client.next()
        client.query(house.simulator.world.device(motion).uuid)
        expect(await client.values()).toMatchObject({ 4: 73 })
        house.simulator.faults.clear('lan-cached-values')
        client.query(house.simulator.world.device(motion).uuid)
        expect(await client.values()).toMatchObject({ 4: 12 })
      },
      usual,
      gateway,
    ),
  'lan-flood': () =>
    meet('lan-flood=1000', async (client, house) => {
      await house.clock.advance(200)
      expect(kinds(await client.take(190)).every((kind) => kind === '8 values')).toBe(true)
    }),
  'lan-wedge': () =>
    near(
      'lan-wedge',
      async (house) => {
        await using first = await LanClient.open(house.lamp)
        await using second = await LanClient.connect(house.lamp)
        expect(await second.isEnded('reset')).toBe(true)
        expect(await first.isEnded('reset')).toBe(true)
        await house.clock.advance(600_000)
        await using third = await LanClient.connect(house.lamp)
        expect(await third.isEnded('reset')).toBe(true)
        house.simulator.world.setOnline(house.lamp.id, false)
        house.simulator.world.setOnline(house.lamp.id, true)
        await house.simulator.lan?.settled()
        await using fourth = await LanClient.open(house.lamp)
        fourth.query()
        expect(await fourth.values()).toMatchObject({ 20: true })
      },
      { version: '3.4' },
    ),
  'lan-absent': () =>
    meet('lan-idle=300', async (client, house) => {
      house.simulator.faults.set(`lan-absent=,device=${house.lamp.id}`)
      client.query()
      expect(await client.isLeftAlone()).toBe(true)
      expect(client.ended).toBeUndefined()
      expect(await listens(house)).toBe(false)
      house.simulator.world.command(house.lamp.id, { switch_led: false })
      expect(house.status('switch_led')).toBe(false)
      house.simulator.faults.clear('lan-absent')
      expect(await client.isEnded('reset')).toBe(true)
      await house.simulator.lan?.settled()
      await using second = await LanClient.open(house.lamp)
      second.query()
      expect(await second.values()).toMatchObject({ 20: false })
    }),
}

describe('the faults of the LAN', () => {
  const page = readFileSync(new URL('../../../docs/simulator.md', import.meta.url), 'utf8')

  it.each(Object.keys({ ...lanFaults, ...udpFaults }))('%s stands in the documentation', (name) => {
    expect(page).toContain(`\`${name}`)
  })
})

describe('a device with a fault', () => {
  it.each(Object.entries(effects))('%s', async (_name, see) => {
    await see()
  })

  it('counts for each time that the fault is set', async () => {
    await meet('lan-drop=,command=heartbeat,times=1', async (client, house) => {
      client.heartbeat()
      client.heartbeat()
      expect(await client.take(1)).toHaveLength(1)
      house.simulator.faults.set('lan-drop=,command=heartbeat,times=1')
      client.heartbeat()
      client.query()
      expect(kinds(await client.take(1))).toEqual(['16 values'])
    })
  })

  it('has it by the share that it is given', async () => {
    await meet('lan-no-pong=,share=0.5', async (client) => {
      for (let i = 0; i < 200; i++) client.heartbeat()
      client.query()
      let pongs = 0
      while ((await client.next()).reply.kind !== 'values') pongs++
      expect(pongs).toBeGreaterThan(60)
      expect(pongs).toBeLessThan(140)
    })
  })

  it('has it alone where the fault names another device', async () => {
    await meet('lan-no-pong=,device=somebody+else', async (client, house) => {
      client.heartbeat()
      expect(kinds(await client.take(1))).toEqual(['9 empty'])
      house.simulator.faults.set(`lan-no-pong=,device=somebody+${house.lamp.id}`)
      client.heartbeat()
      expect(await client.isLeftAlone()).toBe(true)
    })
  })
})
