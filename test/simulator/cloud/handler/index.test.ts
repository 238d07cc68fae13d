import { describe, expect, it } from 'vitest'
import { operations } from '../../../../src/codec/cloud/operation/index.ts'
import { conform } from '../../../../src/codec/cloud/schema.ts'
import { served } from '../../../../src/simulator/cloud/handler/index.ts'
import { demoWorld, type WorldFile } from '../../../../src/simulator/world-file.ts'
import { CloudCaller } from '../../../support/cloud-caller.ts'

const uid = 'eu1528964101460qLVPu'
const home = '3182004'
const livingRoom = '1408001'
const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const oldLamp = 'bf71d05c2ab94e83f0kq6d'
const plug = 'bf5b8310dfe2a947c3jy2h'
const offline = 'bf63d8a9f2c70e41b5ri1x'
const remote = 'bf3fa81d62c5e9b074bd2g'
const thermostat = 'bf28c95d07e4b61fa3gn0w'
const gateway = 'bf4e9d7a01b3c6f825zs8j'

interface WireDevice {
  readonly id: string
  readonly status: readonly { readonly code: string; readonly value: unknown }[]
}

const values = (status: WireDevice['status']) =>
  Object.fromEntries(status.map(({ code, value }) => [code, value]))

/** The demo's world with a second account that did not link its home. */
function withStranger(): WorldFile {
  const world = demoWorld()
  return {
    ...world,
    users: [...world.users, { uid: 'stranger', linked: false }],
    homes: [...world.homes, { id: '9000001', name: 'Elsewhere', owner: 'stranger', rooms: [] }],
    devices: [...world.devices, { id: 'bfstranger', name: 'Lamp', model: 'lamp_v2', home: '9000001' }],
  }
}

it('every registered operation has its handler, and every handler its operation', () => {
  expect(served.map(({ id }) => id).sort()).toEqual(operations.map(({ id }) => id).sort())
})

describe('every list and document', () => {
  const reads: Readonly<Record<string, string>> = {
    'user-homes': `/v1.0/users/${uid}/homes`,
    'home-get': `/v1.0/homes/${home}`,
    'home-devices': `/v1.0/homes/${home}/devices`,
    'room-list': `/v1.0/homes/${home}/rooms`,
    'room-devices-list': `/v1.0/homes/${home}/rooms/${livingRoom}/devices`,
    'user-devices': `/v1.0/users/${uid}/devices`,
    'associated-devices': '/v1.0/iot-01/associated-users/devices',
    'device-get': `/v1.0/devices/${lamp}`,
    'device-status': `/v1.0/devices/${lamp}/status`,
    'device-specifications': `/v1.0/devices/${lamp}/specifications`,
    'device-specifications-v1-1': `/v1.1/devices/${lamp}/specifications`,
    'thing-model': `/v2.0/cloud/thing/${lamp}/model`,
    'thing-properties': `/v2.0/cloud/thing/${lamp}/shadow/properties`,
  }

  it.each(Object.entries(reads))('of %s fits the schema that the client checks it with', async (id, path) => {
    const result = await new CloudCaller().result('GET', path)
    const operation = operations.find((candidate) => candidate.id === id)
    expect(conform(operation?.reply ?? {}, result)).toEqual({ ok: true, value: result, dropped: 0 })
  })
})

describe('tokens', () => {
  it('are given for the grant by access id alone', async () => {
    const caller = new CloudCaller()
    const ask = (grant_type: string) => caller.call('GET', '/v1.0/token', { query: { grant_type } })
    expect(await ask('1')).toMatchObject({
      success: true,
      result: { access_token: caller.token(), expire_time: 7_200 },
    })
    expect((await ask('2')).code).toBe(1003)
  })

  it('shrink, are refreshed once, and die', async () => {
    const caller = new CloudCaller({
      world: { ...demoWorld(), project: { ...demoWorld().project, tokenSeconds: 100 } },
    })
    interface Token {
      readonly access_token: string
      readonly refresh_token: string
      readonly expire_time: number
    }
    const get = () => caller.result<Token>('GET', '/v1.0/token', { query: { grant_type: '1' } })
    const first = await get()
    await caller.clock.advance(40_000)
    expect(await get()).toEqual({ ...first, expire_time: 60 })
    const second = await caller.result<Token>('GET', `/v1.0/token/${first.refresh_token}`)
    expect(second.expire_time).toBe(100)
    expect(await caller.code('GET', `/v1.0/token/${first.refresh_token}`)).toBe(1010)
    expect(await caller.code('GET', `/v1.0/devices/${lamp}`, { token: first.access_token })).toBe(1010)
    expect(await caller.code('GET', `/v1.0/devices/${lamp}`, { token: second.access_token })).toBeUndefined()
  })
})

describe('homes and rooms', () => {
  it('have numbers for ids', async () => {
    const caller = new CloudCaller()
    expect(await caller.result('GET', `/v1.0/users/${uid}/homes`)).toEqual([
      { home_id: 3182004, name: 'Home', geo_name: 'Berlin', lat: 52.52, lon: 13.4 },
      { home_id: 3182917, name: 'Cabin', geo_name: 'Harz', lat: 51.8, lon: 10.6 },
    ])
    expect(await caller.result('GET', `/v1.0/homes/${home}/rooms`)).toMatchObject({
      home_id: 3182004,
      rooms: [
        { room_id: 1408001, name: 'Living room' },
        { room_id: 1408002, name: 'Kitchen' },
        { room_id: 1408003, name: 'Bedroom' },
        { room_id: 1408004, name: 'Hall' },
      ],
    })
  })

  it('a list of a room prints every value as text, the list of a home keeps types', async () => {
    const caller = new CloudCaller()
    const find = async (path: string, id: string) => {
      const devices = await caller.result<readonly WireDevice[]>('GET', path)
      return values(devices.find((device) => device.id === id)?.status ?? [])
    }
    const ofRoom = await find(`/v1.0/homes/${home}/rooms/${livingRoom}/devices`, oldLamp)
    const ofHome = await find(`/v1.0/homes/${home}/devices`, oldLamp)
    expect(ofRoom).toMatchObject({ switch_led: 'false', bright_value: '180', flash_scene_1: '' })
    expect(ofHome).toMatchObject({ switch_led: false, bright_value: 180, flash_scene_1: '' })
    expect(Object.values(ofRoom).every((value) => typeof value === 'string')).toBe(true)
    expect(ofHome['colour_data']).toBe('{"h":37.0,"s":255.0,"v":200.0}')
  })

  it('the list of a home has fewer members than a device has alone', async () => {
    const caller = new CloudCaller()
    const [listed] = await caller.result<readonly object[]>('GET', `/v1.0/homes/${home}/devices`)
    const alone = await caller.result<object>('GET', `/v1.0/devices/${lamp}`)
    const missing = Object.keys(alone).filter((member) => !Object.hasOwn(listed ?? {}, member))
    expect(missing.sort()).toEqual([
      'active_time',
      'biz_type',
      'create_time',
      'icon',
      'product_name',
      'update_time',
    ])
    expect(listed).toMatchObject({ id: lamp, ip: null, owner_id: home, online: true })
    expect(alone).toMatchObject({ id: lamp, ip: '203.0.113.7', owner_id: home })
  })

  it('that are nobody’s or not linked are not there', async () => {
    const caller = new CloudCaller({ world: withStranger() })
    for (const path of [
      '/v1.0/users/nobody/homes',
      '/v1.0/users/stranger/homes',
      '/v1.0/users/stranger/devices',
      '/v1.0/homes/1/devices',
      '/v1.0/homes/9000001',
      '/v1.0/homes/9000001/devices',
      '/v1.0/homes/9000001/rooms',
      '/v1.0/devices/bfstranger',
      '/v1.0/devices/bfstranger/status',
      '/v1.1/devices/bfstranger/specifications',
      '/v2.0/cloud/thing/bfstranger/model',
    ]) {
      expect(await caller.code('GET', path), path).toBe(1106)
    }
    expect(await caller.code('GET', `/v1.0/homes/${home}/rooms/999/devices`)).toBe(2502)
    const { devices } = await caller.result<{ devices: WireDevice[] }>(
      'GET',
      '/v1.0/iot-01/associated-users/devices',
      {
        query: { size: '100' },
      },
    )
    expect(devices).toHaveLength(20)
    expect(devices.map(({ id }) => id)).not.toContain('bfstranger')
  })
})

describe('devices', () => {
  it('alone are told without a time, everything else with one', async () => {
    const caller = new CloudCaller()
    expect(await caller.call('GET', `/v1.0/devices/${lamp}`)).not.toHaveProperty('t')
    expect(await caller.call('GET', `/v1.0/devices/${lamp}/status`)).toMatchObject({ t: caller.clock.now() })
  })

  it('count their times in seconds', async () => {
    const caller = new CloudCaller()
    const { update_time, create_time } = await caller.result<{ update_time: number; create_time: number }>(
      'GET',
      `/v1.0/devices/${lamp}`,
    )
    expect(update_time).toBe(Math.floor(caller.clock.now() / 1_000))
    expect(create_time).toBe(update_time - 86_400)
  })

  it('show only standard points in their status, all of them in the shadow', async () => {
    const caller = new CloudCaller()
    const status = values(await caller.result<WireDevice['status']>('GET', `/v1.0/devices/${plug}/status`))
    expect(status).toMatchObject({ switch_1: true, cur_voltage: 2297, fault: 0, cycle_time: '' })
    expect(status).not.toHaveProperty('standby_limit')
    const { properties } = await caller.result<{ properties: { code: string; value: unknown }[] }>(
      'GET',
      `/v2.0/cloud/thing/${plug}/shadow/properties`,
    )
    expect(values(properties)).toMatchObject({ switch_1: true, standby_limit: 25 })
  })

  it('do not report what they only accept', async () => {
    const caller = new CloudCaller()
    const codes = Object.keys(values(await caller.result('GET', `/v1.0/devices/${lamp}/status`)))
    expect(codes).toContain('switch_led')
    expect(codes).not.toContain('music_data')
    expect(await caller.result('GET', `/v1.0/devices/${remote}/status`)).toEqual([
      { code: 'ir_study_code', value: '' },
    ])
  })

  it('are read twenty at a time', async () => {
    const caller = new CloudCaller()
    const batch = (ids: readonly string[]) =>
      caller.call('GET', '/v1.0/devices/status', { query: { device_ids: ids.join(',') } })
    const ids = demoWorld().devices.map(({ id }) => id)
    expect(ids).toHaveLength(20)
    expect((await batch(ids)).result).toHaveLength(20)
    expect((await batch([lamp, plug])).result).toMatchObject([{ id: lamp }, { id: plug }])
    expect((await batch([...ids, 'bfanother'])).code).toBe(1109)
    expect((await batch([lamp, 'bfnobody'])).code).toBe(1106)
  })

  it('of all accounts come in pages that follow each other', async () => {
    const caller = new CloudCaller()
    const seen: string[] = []
    let last_row_key = ''
    for (let page = 1; page <= 3; page++) {
      const result = await caller.result<{
        devices: WireDevice[]
        has_more: boolean
        last_row_key: string
        total: number
      }>('GET', '/v1.0/iot-01/associated-users/devices', {
        query: { size: '8', ...(last_row_key === '' ? {} : { last_row_key }) },
      })
      expect(result.total).toBe(20)
      expect(result.has_more).toBe(page < 3)
      seen.push(...result.devices.map(({ id }) => id))
      last_row_key = result.last_row_key
    }
    expect(seen).toEqual(demoWorld().devices.map(({ id }) => id))
  })
})

describe('specifications', () => {
  interface Row {
    readonly code: string
    readonly type: string
    readonly values: string
    readonly dp_id?: number
  }
  interface Specification {
    readonly category: string
    readonly functions: readonly Row[]
    readonly status: readonly Row[]
  }
  const read = (caller: CloudCaller, version: string, id: string) =>
    caller.result<Specification>('GET', `/${version}/devices/${id}/specifications`)

  it('are two sets whose values are JSON text, with DP ids in version 1.1 alone', async () => {
    const caller = new CloudCaller()
    const [old, fresh] = [await read(caller, 'v1.0', thermostat), await read(caller, 'v1.1', thermostat)]
    expect(old.category).toBe('wk')
    const target = old.functions.find(({ code }) => code === 'temp_set')
    expect(JSON.parse(target?.values ?? '')).toEqual({ unit: '℃', min: 50, max: 350, scale: 1, step: 5 })
    expect(target).not.toHaveProperty('dp_id')
    expect(fresh.functions.find(({ code }) => code === 'temp_set')).toMatchObject({ dp_id: 2 })
    expect(old.functions.map(({ code }) => code)).not.toContain('temp_current')
    expect(old.status.map(({ code }) => code)).toContain('temp_current')
    expect(old.status.map(({ code }) => code)).not.toContain('floor_limit')
  })

  it('of a gateway are empty, its points stand in the thing model', async () => {
    const caller = new CloudCaller()
    expect(await read(caller, 'v1.1', gateway)).toMatchObject({ functions: [], status: [] })
    const { model } = await caller.result<{ model: string }>('GET', `/v2.0/cloud/thing/${gateway}/model`)
    const { services } = JSON.parse(model) as { services: [{ properties: { code: string }[] }] }
    expect(services[0].properties.map(({ code }) => code)).toEqual(['switch_alarm_sound', 'master_state'])
  })

  it('of the thing model name access and type in words of their own', async () => {
    const caller = new CloudCaller()
    const { model } = await caller.result<{ model: string }>('GET', `/v2.0/cloud/thing/${lamp}/model`)
    const { services } = JSON.parse(model) as { services: [{ properties: { code: string }[] }] }
    const find = (code: string) => services[0].properties.find((property) => property.code === code)
    expect(find('switch_led')).toMatchObject({ abilityId: 20, accessMode: 'rw', typeSpec: { type: 'bool' } })
    expect(find('music_data')).toMatchObject({
      abilityId: 27,
      accessMode: 'wr',
      typeSpec: { type: 'string' },
    })
    expect(find('bright_value_v2')).toMatchObject({ typeSpec: { type: 'value', min: 10, max: 1000 } })
  })

  it('of the shadow may be asked for by code', async () => {
    const caller = new CloudCaller()
    const { properties } = await caller.result<{ properties: object[] }>(
      'GET',
      `/v2.0/cloud/thing/${plug}/shadow/properties`,
      { query: { codes: 'switch_1,standby_limit,nothing' } },
    )
    expect(properties).toEqual([
      { code: 'switch_1', custom_name: '', dp_id: 1, time: caller.clock.now(), value: true },
      { code: 'standby_limit', custom_name: '', dp_id: 101, time: caller.clock.now(), value: 25 },
    ])
  })
})

describe('commands', () => {
  const commands = (caller: CloudCaller, id: string, list: unknown) =>
    caller.call('POST', `/v1.0/devices/${id}/commands`, { body: { commands: list } })

  it('are answered true, reach the device and show in its status', async () => {
    const caller = new CloudCaller()
    const reply = await commands(caller, lamp, [
      { code: 'bright_value_v2', value: 500 },
      { code: 'colour_data_v2', value: { h: 1, s: 2, v: 3 } },
    ])
    expect(reply).toMatchObject({ success: true, result: true })
    expect(values(await caller.result('GET', `/v1.0/devices/${lamp}/status`))).toMatchObject({
      bright_value_v2: 500,
      colour_data_v2: '{"h":1,"s":2,"v":3}',
    })
  })

  it('may stand in the body as text', async () => {
    const caller = new CloudCaller()
    const list = JSON.stringify([{ code: 'switch_led', value: false }])
    expect(await commands(caller, lamp, list)).toMatchObject({ result: true })
    expect(caller.simulator.world.device(lamp).status.get('switch_led')).toBe(false)
    expect((await commands(caller, lamp, 'no json')).code).toBe(1109)
  })

  it.each([
    ['an unknown code', { code: 'nothing', value: 1 }],
    ['what is only reported', { code: 'cur_power', value: 1 }],
    ['a value of another type', { code: 'countdown_1', value: '5' }],
    ['a value out of range', { code: 'countdown_1', value: 86_401 }],
    ['a word that is none of the enum', { code: 'relay_status', value: 'off' }],
    ['a point outside the standard set', { code: 'standby_limit', value: 20 }],
    ['no value', { code: 'countdown_1' }],
  ])('all or nothing: with %s none of them is carried out', async (_what, wrong) => {
    const caller = new CloudCaller()
    const reply = await commands(caller, plug, [{ code: 'switch_1', value: false }, wrong])
    expect(reply.code).toBe(2008)
    expect(caller.simulator.world.device(plug).status.get('switch_1')).toBe(true)
    expect(caller.simulator.journal.entries('command')).toEqual([])
  })

  it.each([[[]], [[7]], [[{ value: 1 }]], [{ code: 'switch_1', value: 1 }]])('%j are none', async (list) => {
    expect((await commands(new CloudCaller(), plug, list)).code).toBe(1109)
  })

  it('to a device that is offline are refused', async () => {
    const caller = new CloudCaller()
    expect((await commands(caller, offline, [{ code: 'switch_led', value: false }])).code).toBe(2001)
  })

  it('to a dead device are accepted, and nothing comes of them', async () => {
    const caller = new CloudCaller()
    caller.simulator.world.device(lamp).dead = true
    expect(await commands(caller, lamp, [{ code: 'switch_led', value: false }])).toMatchObject({
      result: true,
    })
    expect(caller.simulator.world.device(lamp).status.get('switch_led')).toBe(true)
    expect(caller.simulator.journal.entries('report')).toEqual([])
  })

  it('through the thing model reach also points outside the standard set', async () => {
    const caller = new CloudCaller()
    const issue = (properties: unknown) =>
      caller.call('POST', `/v2.0/cloud/thing/${plug}/shadow/properties/issue`, { body: { properties } })
    expect(await issue('{"standby_limit":50,"switch_1":false}')).toMatchObject({ success: true, result: {} })
    const { status } = caller.simulator.world.device(plug)
    expect([status.get('standby_limit'), status.get('switch_1')]).toEqual([50, false])
    expect((await issue('{"standby_limit":50,"cur_power":1}')).code).toBe(2008)
    expect((await issue('{"standby_limit":201}')).code).toBe(2008)
    for (const wrong of ['no json', '[]', '5', 'null']) expect((await issue(wrong)).code).toBe(1109)
    expect(status.get('standby_limit')).toBe(50)
  })

  it('have the consequences that the model names', async () => {
    const caller = new CloudCaller()
    const curtain = 'bf04ac8e91f37d62b5te8r'
    await commands(caller, curtain, [{ code: 'control', value: 'open' }])
    expect(values(await caller.result('GET', `/v1.0/devices/${curtain}/status`))).toMatchObject({
      control: 'open',
      percent_control: 100,
      percent_state: 100,
      work_state: 'opening',
    })
    await commands(caller, curtain, [{ code: 'percent_control', value: 40 }])
    expect(values(await caller.result('GET', `/v1.0/devices/${curtain}/status`))).toMatchObject({
      percent_control: 40,
      percent_state: 40,
    })
  })
})
