import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Simulator } from '../../src/simulator/simulator.ts'
import { demoWorld } from '../../src/simulator/world-file.ts'
import { Program } from '../support/process.ts'

const simulator = new Simulator({ world: demoWorld(), alive: false, seed: 1, faults: ['throttle=1000'] })
let env: Readonly<Record<string, string>>
let uid: string

beforeAll(async () => {
  const { cloud } = await simulator.start()
  uid = cloud.uid
  env = {
    DP2MQTT_TUYA_ENDPOINT: cloud.endpoint,
    DP2MQTT_TUYA_ACCESS_ID: cloud.accessId,
    DP2MQTT_TUYA_ACCESS_SECRET: cloud.accessSecret,
    DP2MQTT_TUYA_UID: cloud.uid,
    DP2MQTT_TUYA_HOMES: '["3182004"]',
  }
})

afterAll(() => simulator[Symbol.asyncDispose]())

/** What `dp2mqtt call` says and how it ends. */
async function call(...args: readonly string[]) {
  await using program = new Program({ args: ['call', ...args], env })
  const { code } = await program.exited
  return { code, out: program.out, err: program.err }
}

const calls = () => simulator.journal.entries('request').length

describe('dp2mqtt call', () => {
  it('prints the result of an operation, and fills in what the configuration knows', async () => {
    const { code, out } = await call('room-list')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ home_id: 3182004, rooms: expect.any(Array) })
  })

  it('takes lists and objects as JSON, and changes what it is told to', async () => {
    const { code, out } = await call('home-create', `uid=${uid}`, 'home={"name":"Cottage"}', 'rooms=["Hall"]')
    expect(code).toBe(0)
    const [id] = [...simulator.world.homes.values()]
      .filter(({ name }) => name === 'Cottage')
      .map((one) => one.id)
    expect(String(JSON.parse(out))).toBe(String(id))
  })

  it('shows ids of members where they are asked for, and never a local key', async () => {
    const [members, { out }] = await Promise.all([call('member-list'), call('home-devices')])
    expect(members.out).toContain(uid)
    expect(JSON.parse(out).length).toBeGreaterThan(3)
    for (const device of simulator.world.devices.values()) expect(out).not.toContain(device.localKey)
  })

  it('refuses what does not fit before anything is sent', async () => {
    const before = calls()
    const refused = [
      [['room-lst'], 'There is no operation "room-lst". Did you mean room-list?'],
      [['device-get', 'devce_id=x'], 'device-get has no parameter "devce_id". Did you mean device_id?'],
      [['device-logs', 'device_id=x', 'type=1', 'start_time=1', 'end_time=soon'], 'end_time must be a whole'],
      [['device-get', 'device_id'], '"device_id" is not of the form name=value.'],
      [['home-delete'], 'home-delete needs home_id.'],
    ] as const
    const ends = await Promise.all(refused.map(([args]) => call(...args)))
    for (const [i, { code, out, err }] of ends.entries()) {
      expect([code, out]).toEqual([64, ''])
      expect(err).toContain(refused[i]?.[1])
    }
    expect(calls()).toBe(before)
  })

  it('tells what the cloud said, and what it means', async () => {
    const { code, err } = await call('device-get', 'device_id=bf0000000000000000000')
    expect(code).toBe(70)
    expect(err).toContain('1106')
  })

  it('sends a request of one’s own to the paths that are listed, and to no other', async () => {
    const [device] = [...simulator.world.devices.values()]
    const own = async (prefixes: readonly string[], ...args: readonly string[]) => {
      const listed = { ...env, DP2MQTT_OPERATIONS_RAW: JSON.stringify(prefixes) }
      await using program = new Program({ args: ['call', 'cloud-request', ...args], env: listed })
      const { code } = await program.exited
      return { code, out: program.out, err: program.err }
    }
    const path = `path=/v1.0/devices/${device?.id}`
    const [fine, off, outside] = await Promise.all([
      own(['/v1.0/devices'], 'method=GET', path),
      call('cloud-request', 'method=GET', path),
      own(['/v1.0/homes'], 'method=GET', path),
    ])
    expect(fine.code).toBe(0)
    expect(JSON.parse(fine.out)).toMatchObject({ id: device?.id, local_key: '[redacted]' })
    expect([off.code, off.err]).toEqual([64, expect.stringContaining('operations.raw')])
    expect([outside.code, outside.err]).toEqual([64, expect.stringContaining('lies below none')])
  })

  it('lists all operations with their classes', async () => {
    const { code, out } = await call('--help')
    expect(code).toBe(0)
    expect(out).toMatch(/automation-external-trigger +control +/)
    expect(out).toMatch(/device-reset-factory +destructive +/)
    expect(out).toMatch(/cloud-request +raw +/)
  })
})
