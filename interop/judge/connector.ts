import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Court, Judge } from '../court.ts'
import { installNodePackages } from '../install.ts'
import { SimulatorProcess } from '../simulator.ts'
import { Tap } from '../tap.ts'
import { performed } from './performed.ts'

interface Answer {
  readonly success: boolean
  readonly code?: number
  readonly msg?: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the operation gives
  readonly result: any
}

/** As far as this judge uses it. */
interface TuyaContext {
  request(call: { path: string; method: string; query?: object; body?: object }): Promise<Answer>
  readonly client: { init(): Promise<Answer>; refreshToken(): Promise<Answer> }
  readonly deviceStatus: { status(of: { device_id: string }): Promise<Answer> }
  readonly deviceFunction: {
    devices(of: { device_id: string }): Promise<Answer>
    specification(of: { device_id: string }): Promise<Answer>
    command(of: { device_id: string; commands: object[] }): Promise<Answer>
  }
  readonly device: { detail(of: { device_id: string }): Promise<Answer> }
}

interface Options {
  readonly baseUrl: string
  readonly accessKey: string
  readonly secretKey: string
  readonly version?: 'v1' | 'v2'
}

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const tokenSeconds = 2

export const connector: Judge = {
  name: 'connector',
  about: 'the platform’s own @tuya/tuya-connector-nodejs 2.1.2, unchanged, drives `dp2mqtt simulate`',
  lacks: () => undefined,
  prepare: installNodePackages,
  hear: async (court) => {
    await reads(court)
    await everyGroup(court)
    await tokens(court)
    await refusals(court)
  },
}

async function reads(court: Court): Promise<void> {
  await using simulator = await SimulatorProcess.start('throttle=1000')
  await using tap = await Tap.start(simulator.cloud.endpoint)
  const tuya = open({ baseUrl: tap.url, ...keys(simulator) })
  const get = (path: string, query: object = {}) => tuya.request({ path, method: 'GET', query })

  await court.check('its first request logs in by itself', async () => {
    const { success, result } = await get(`/v1.0/devices/${lamp}`)
    assert.equal(success, true)
    assert.equal(result.name, 'Desk lamp')
    assert.equal(result.category, 'dj')
    assert.deepEqual(tap.take(), ['GET /v1.0/token', `GET /v1.0/devices/${lamp}`])
  })
  await court.check('it lists homes and the devices of a user', async () => {
    const homes = await get(`/v1.0/users/${simulator.cloud.uid}/homes`)
    assert.deepEqual(
      homes.result.map((home: { home_id: number }) => home.home_id),
      [3182004, 3182917],
    )
    const devices = await get(`/v1.0/users/${simulator.cloud.uid}/devices`)
    assert.equal(devices.result.length, 20)
  })
  await court.check('its sorted query is signed as we verify it, commas and all', async () => {
    const { result } = await get('/v1.0/devices/status', { device_ids: `${lamp},bf5b8310dfe2a947c3jy2h` })
    assert.deepEqual(
      result.map(({ id }: { id: string }) => id),
      [lamp, 'bf5b8310dfe2a947c3jy2h'],
    )
    const page = await get('/v1.0/iot-01/associated-users/devices', { size: 7, last_row_key: '' })
    assert.equal(page.result.devices.length, 7)
    assert.equal(page.result.has_more, true)
  })
  await court.check('a command of its reaches the device and shows in the status', async () => {
    const commands = [
      { code: 'switch_led', value: true },
      { code: 'bright_value_v2', value: 777 },
    ]
    const sent = await tuya.request({
      path: `/v1.0/devices/${lamp}/commands`,
      method: 'POST',
      body: { commands },
    })
    assert.equal(sent.result, true)
    const { result } = await get(`/v1.0/devices/${lamp}/status`)
    for (const { code, value } of commands) assert.equal(statusOf(result, code), value, code)
  })
  await court.check('a value out of range is refused with 2008, all or nothing', async () => {
    const body = {
      commands: [
        { code: 'switch_led', value: false },
        { code: 'bright_value_v2', value: 5 },
      ],
    }
    const sent = await tuya.request({ path: `/v1.0/devices/${lamp}/commands`, method: 'POST', body })
    assert.equal(sent.code, 2008)
    const { result } = await get(`/v1.0/devices/${lamp}/status`)
    assert.equal(statusOf(result, 'switch_led'), true)
  })
  await court.check('a stranger’s device is refused with 1106, an unknown path with 1108', async () => {
    assert.equal((await get('/v1.0/devices/bf00000000000000000000')).code, 1106)
    assert.equal((await get('/v1.0/nothing/here')).code, 1108)
  })
  await court.check('its own services: device detail', async () => {
    assert.equal((await tuya.device.detail({ device_id: lamp })).result.name, 'Desk lamp')
  })
  await court.check('its own services: status', async () => {
    const { result } = await tuya.deviceStatus.status({ device_id: lamp })
    assert.equal(statusOf(result, 'bright_value_v2'), 777)
  })
  await court.check('its own services: functions', async () => {
    const { result } = await tuya.deviceFunction.devices({ device_id: lamp })
    assert.ok(result.functions.some(({ code }: { code: string }) => code === 'bright_value_v2'))
  })
  await court.check('its own services: command, which it sends with GET by mistake, is refused', async () => {
    const commands = [{ code: 'bright_value_v2', value: 500 }]
    assert.equal((await tuya.deviceFunction.command({ device_id: lamp, commands })).code, 1108)
  })
}

/** Operations of many groups, in the platform's own words. */
async function everyGroup(court: Court): Promise<void> {
  await using simulator = await SimulatorProcess.start('throttle=1000')
  await using tap = await Tap.start(simulator.cloud.endpoint)
  const tuya = open({ baseUrl: tap.url, ...keys(simulator) })
  const device = `/v1.0/devices/${lamp}`
  const home = '/v1.0/homes/3182004'
  const scene = `${home}/scenes/53IYSXI3gEn2w3Oc`
  const automation = `${home}/automations/p2aWOkEOe2RzATHL`
  const doors = '/v1.0/devices/bf8ad03e75c92f1b46ay6k/door-lock'
  const wait = { action_executor: 'delay', executor_property: { hours: '0', minutes: '0', seconds: '5' } }
  const reading = { name: 'Reading', background: 'https://images.example/reading.png', actions: [wait] }
  const fired = [
    { entity_id: '5f1d2c3b4a59687746352413021a0b0c', display: { code: 'bedtime', value: 'true' } },
  ]
  const calls: readonly (readonly [method: string, path: string, given?: object])[] = [
    ['GET', `/v1.0/users/${simulator.cloud.uid}/infos`],
    ['GET', `/v1.0/users/${simulator.cloud.uid}/homes`],
    ['GET', home],
    ['PUT', home, { name: 'House' }],
    ['GET', `${home}/devices`],
    ['GET', `${home}/rooms`],
    ['POST', `${home}/room`, { name: 'Attic' }],
    ['PUT', `${home}/rooms/1408001`, { name: 'Parlour' }],
    ['POST', `${home}/rooms/1408002/devices`, { device_ids: [lamp] }],
    ['DELETE', `${home}/rooms/1408002/devices`, { device_ids: [lamp] }],
    ['GET', `${home}/members`],
    ['PUT', `${home}/members/eu1601122334455kTrZa`, { admin: true }],
    ['GET', device],
    ['PUT', device, { name: 'Lamp' }],
    ['GET', '/v1.0/devices', { device_ids: lamp }],
    ['GET', `${device}/status`],
    ['GET', `${device}/functions`],
    ['GET', `${device}/specifications`],
    ['GET', `${device}/upgrade-infos`],
    ['GET', '/v1.0/functions/dj'],
    ['GET', `/v2.0/cloud/thing/${lamp}/model`],
    ['GET', `${doors}/alarm-logs`, { page_no: 1, page_size: 10 }],
    ['GET', '/v1.1/homes/3182004/scenes'],
    ['POST', `${home}/scenes`, reading],
    ['PUT', `${scene}/actions/disable`],
    ['PUT', `${scene}/actions/enable`],
    ['POST', `${scene}/trigger`],
    ['GET', '/v1.1/homes/3182004/automations'],
    ['GET', automation],
    ['POST', `${automation}/conditions/trigger`, fired],
    ['GET', '/v1.0/homes/automation/weather/conditions'],
    ['DELETE', automation],
  ]
  for (const [method, path, given] of calls) {
    await court.check(`${method} ${path}`, async () => {
      const more = given === undefined ? {} : method === 'GET' ? { query: given } : { body: given }
      const answer = await tuya.request({ path, method, ...more })
      assert.equal(answer.success, true, JSON.stringify(answer))
    })
  }
  await court.check('at least 25 different operations of 8 groups were taken', async () => {
    const { done, groups } = performed(tap.heard)
    assert.ok(done.size >= 25, `only ${[...done].join(', ')}`)
    assert.ok(groups.size >= 8, `only ${[...groups].join(', ')}`)
    return `${done.size} operations of ${groups.size} groups`
  })
}

async function tokens(court: Court): Promise<void> {
  await using simulator = await SimulatorProcess.start(`token-seconds=${tokenSeconds}`)
  await using tap = await Tap.start(simulator.cloud.endpoint)
  const tuya = open({ baseUrl: tap.url, ...keys(simulator) })
  const path = `/v1.0/devices/${lamp}/status`

  await court.check('asking for a token again gives the same pair with less time', async () => {
    const first = await tuya.client.init()
    const again = await tuya.client.init()
    assert.equal(again.result.access_token, first.result.access_token)
    assert.ok(again.result.expire_time <= first.result.expire_time)
    tap.take()
  })
  await court.check('its refresh, signed the old way, is refused with 1004, and it asks anew', async () => {
    const { result } = await tuya.client.refreshToken()
    assert.ok(result.access_token)
    const [refresh, token] = tap.take()
    assert.match(refresh ?? '', /^GET \/v1\.0\/token\/[0-9a-f]{32} 1004$/)
    assert.equal(token, 'GET /v1.0/token')
  })
  await court.check('an expired token is answered with 1010; it gets a new one and asks again', async () => {
    await sleep(tokenSeconds * 1_000 + 200)
    tap.take()
    const { success, result } = await tuya.request({ path, method: 'GET' })
    assert.equal(success, true)
    assert.ok(statusOf(result, 'switch_led') !== undefined)
    const calls = tap.take().map((call) => call.replace(/[0-9a-f]{32}/, '…'))
    assert.deepEqual(calls, [`GET ${path} 1010`, 'GET /v1.0/token/… 1004', 'GET /v1.0/token', `GET ${path}`])
  })
}

async function refusals(court: Court): Promise<void> {
  await using simulator = await SimulatorProcess.start()
  const { endpoint } = simulator.cloud
  await court.check('a wrong secret is refused with 1004', async () => {
    const wrong = { ...keys(simulator), secretKey: '0123456789abcdef0123456789abcdef' }
    const tuya = open({ baseUrl: endpoint, ...wrong })
    await assert.rejects(tuya.client.init(), /GET_TOKEN_FAILED 1004/)
  })
  await court.check('an unknown project is refused with 1005', async () => {
    const tuya = open({ baseUrl: endpoint, ...keys(simulator), accessKey: 'somebodyelse00000000' })
    await assert.rejects(tuya.client.init(), /GET_TOKEN_FAILED 1005/)
  })
  await court.check('its mode for projects of before July 2021 is refused with 1004', async () => {
    const tuya = open({ baseUrl: endpoint, ...keys(simulator), version: 'v1' })
    await assert.rejects(tuya.client.init(), /GET_TOKEN_FAILED 1004/)
  })
}

function open(options: Options): TuyaContext {
  const load = createRequire(new URL('../package.json', import.meta.url))
  const { TuyaContext: Context } = load('@tuya/tuya-connector-nodejs') as {
    TuyaContext: new (options: Options) => TuyaContext
  }
  return new Context(options)
}

function keys({ cloud }: SimulatorProcess): Pick<Options, 'accessKey' | 'secretKey'> {
  return { accessKey: cloud.accessId, secretKey: cloud.accessSecret }
}

function statusOf(status: readonly { code: string; value: unknown }[], code: string): unknown {
  return status.find((row) => row.code === code)?.value
}
