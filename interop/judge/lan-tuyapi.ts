import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LanDeviceAddress } from '../../src/simulator/lan/lan.ts'
import { Folder } from '../../test/support/folder.ts'
import { until } from '../../test/support/until.ts'
import type { Court, Judge } from '../court.ts'
import { installNodePackages } from '../install.ts'
import { SimulatorProcess } from '../simulator.ts'
import { freePort } from './lan-tinytuya.ts'
import { lanWorld } from './lan-world.ts'

interface Answer {
  readonly dps?: Readonly<Record<string, unknown>>
}

/** As far as this judge uses it. */
interface TuyaDevice {
  readonly device: { readonly ip: string; readonly version: string }
  /** From 3.4 on, once it is connected. */
  readonly sessionKey: Buffer | null
  connect(): Promise<boolean>
  disconnect(): void
  find(options: { timeout: number; all?: boolean }): Promise<boolean | readonly { id: string; ip: string }[]>
  get(options: { schema?: true; dps?: number; cid?: string }): Promise<Answer | unknown>
  set(options: object): Promise<Answer | undefined>
  refresh(options: object): Promise<unknown>
  on(event: 'data' | 'dp-refresh', listener: (data: Answer) => void): void
  on(event: 'heartbeat', listener: () => void): void
  on(event: 'error', listener: (error: unknown) => void): void
  _pingPongPeriod: number
}

type TuyaDeviceClass = new (options: object) => TuyaDevice

const require = createRequire(import.meta.url)
const lampPoints = ['20', '21', '22', '23', '24', '25', '26', '34']

export const lanTuyapi: Judge = {
  name: 'lan-tuyapi',
  about:
    'tuyapi 7.7.1, unchanged, controls simulated devices of 3.1 to 3.5 and finds those that it can decrypt',
  lacks: () => undefined,
  prepare: installNodePackages,
  hear: async (court) => {
    using folder = new Folder()
    writeFileSync(folder.file('world.json'), JSON.stringify(lanWorld()))
    const udp = await Promise.all([1, 2, 3].map(freePort))
    await using simulator = await SimulatorProcess.run(
      '--world',
      folder.file('world.json'),
      '--udp-ports',
      udp.join(','),
    )
    for (const device of simulator.lan)
      if (!/^(gw|null-switch|meter)/.test(device.id)) await controls(court, device)
    await wrongKeys(court, simulator.lan)
    await subDevices(court, simulator.lan)
    await finds(court, simulator.lan, udp)
  },
}

/** Runs with a device that tuyapi is connected to, and fails with what it complained of. */
async function meet(
  address: LanDeviceAddress,
  see: (device: TuyaDevice, heard: readonly Answer[]) => Promise<void>,
): Promise<void> {
  const heard: Answer[] = []
  const faults: unknown[] = []
  const device = await connected(address, (one) => {
    one.on('data', (data) => heard.push(data))
    one.on('dp-refresh', (data) => heard.push(data))
    one.on('error', (error) => faults.push(error))
  })
  try {
    await Promise.race([see(device, heard), patience()])
  } finally {
    device.disconnect()
  }
  assert.deepEqual(faults, [])
}

/**
 * One session in 256 has a key that begins with zero, which the vendor's own firmware takes for none: it closes at the
 * first question. Whoever notices begins another session, as we do; tuyapi does not.
 */
async function connected(
  address: LanDeviceAddress,
  prepare: (device: TuyaDevice) => void,
): Promise<TuyaDevice> {
  for (;;) {
    const device = open({ ...address, key: address.localKey })
    prepare(device)
    await device.connect()
    if (device.sessionKey?.[0] !== 0) return device
    device.disconnect()
  }
}

/** It waits for some answers without an end. */
function patience(): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error('nothing for 15 s')), 15_000).unref()
  })
}

function open(options: object): TuyaDevice {
  const TuyaDevice = require('tuyapi') as TuyaDeviceClass
  return new TuyaDevice({ issueGetOnConnect: false, issueRefreshOnConnect: false, ...options })
}

async function controls(court: Court, address: LanDeviceAddress): Promise<void> {
  const isNull = address.id.startsWith('null') || address.version === '3.2'
  // It takes the number of an answer for that of its question, which 3.4 and 3.5 count otherwise: after a push its
  // get() never ends. A connection of its own is the only way to look.
  const look = async (dps: number): Promise<unknown> => {
    let found: unknown
    await meet(address, async (device) => {
      // In 3.4 it takes the sentence that would tell it to ask otherwise for bytes.
      if (isNull) found = (await device.set({ dps, set: null }))?.dps?.[dps]
      else found = await device.get({ dps })
    })
    return found
  }

  await court.check(`${address.id}: reads`, () =>
    meet(address, async (device) => {
      if (isNull) assert.equal(await look(20), true)
      else {
        const { dps = {} } = (await device.get({ schema: true })) as Answer
        assert.deepEqual(Object.keys(dps), lampPoints)
      }
    }),
  )
  await court.check(`${address.id}: sets one and several, and reads it again`, () =>
    meet(address, async (device) => {
      await device.set({ dps: 22, set: 321 })
      assert.equal(await look(22), 321)
      await device.set({ multiple: true, data: { 20: false, 22: 400, 24: '00c801ff0383' } })
      assert.equal(await look(22), 400)
      assert.equal(await look(24), '00c801ff0383')
    }),
  )
  await court.check(`${address.id}: hears what another client sets`, () =>
    meet(address, async (device, heard) => {
      await meet(address, async (other) => {
        await other.set({ dps: 22, set: 777 })
      })
      await until(() => heard.some(({ dps }) => dps?.['22'] === 777), 5_000, 'a push')
      assert.ok(device)
    }),
  )
  await court.check(`${address.id}: its heartbeats are answered`, async () => {
    let pongs = 0
    const device = await connected(address, (one) => {
      one._pingPongPeriod = 0.2
      one.on('heartbeat', () => pongs++)
      one.on('error', () => {})
    })
    await until(() => pongs >= 3, 5_000, 'three pongs')
    device.disconnect()
  })
}

async function wrongKeys(court: Court, devices: readonly LanDeviceAddress[]): Promise<void> {
  for (const address of devices.filter(({ id }) => id === 'lamp-34' || id === 'lamp-35'))
    await court.check(`${address.id}: a wrong key does not get in`, async () => {
      const device = open({ ...address, key: '0123456789abcdef' })
      device.on('error', () => {})
      // It waits for the end of a handshake that the device has closed.
      const came = await Promise.race([device.connect().catch(() => false), sleep(2_000, false)])
      device.disconnect()
      assert.equal(came, false)
    })
}

async function subDevices(court: Court, devices: readonly LanDeviceAddress[]): Promise<void> {
  for (const address of devices.filter(({ id }) => id.startsWith('gw')))
    await court.check(`${address.id}: reads and sets the one behind it`, () =>
      meet(address, async (device) => {
        const cid = `${address.id}cid0000a`
        const { dps = {} } = (await device.get({ schema: true, cid })) as Answer
        assert.deepEqual(Object.keys(dps), ['1', '2', '3', '4', '6'])
        await device.set({ dps: 2, set: 333, cid })
        await meet(address, async (other) => {
          assert.equal(await other.get({ dps: 2, cid }), 333)
        })
      }),
    )
}

/**
 * It binds 6666 and 6667 whatever it is told, so its sockets are given other ports. It reads datagrams in the version
 * that it was told, by ECB alone.
 */
async function finds(
  court: Court,
  devices: readonly LanDeviceAddress[],
  udp: readonly number[],
): Promise<void> {
  const dgram = require('node:dgram') as typeof import('node:dgram')
  const { createSocket } = dgram
  const moved = new Map([
    [6666, udp[0]],
    [6667, udp[1]],
  ])
  dgram.createSocket = ((options: object) => {
    const socket = createSocket(options as Parameters<typeof createSocket>[0])
    const bind = socket.bind.bind(socket) as (port: number) => typeof socket
    socket.bind = ((port: number) => bind(moved.get(port) ?? port)) as typeof socket.bind
    return socket
  }) as typeof createSocket
  try {
    for (const { id, ip, version, localKey } of devices.filter(({ id }) => /^lamp-3[123]$/.test(id)))
      await court.check(`finds ${id}`, async () => {
        const device = open({ id, key: localKey, version })
        device.on('error', () => {})
        await device.find({ timeout: 15 })
        assert.equal(device.device.ip, ip)
        assert.equal(device.device.version, version)
      })
  } finally {
    dgram.createSocket = createSocket
  }
}
