import { describe, expect, it } from 'vitest'
import { violations } from '../../../src/codec/cloud/schema.ts'
import {
  deviceSchema,
  homeSchema,
  type ListedDevice,
  readDevice,
  readHome,
  readRoom,
  readToken,
  roomSchema,
  statusSchema,
  tokenSchema,
  type WireDevice,
  type WireHome,
  type WireRoom,
  type WireToken,
} from '../../../src/codec/cloud/shape.ts'
import { isRefused, understood } from '../../support/answer.ts'

/** Reads a device as it came, after the check that every answer goes through. */
function device(wire: object): ListedDevice {
  expect(violations(deviceSchema, wire)).toEqual([])
  return readDevice(wire as WireDevice)
}

function home(wire: object) {
  expect(violations(homeSchema, wire)).toEqual([])
  return readHome(wire as WireHome)
}

describe('a device', () => {
  it('is read with everything that a full answer tells', () => {
    const wire = {
      active_time: 1_626_935_903,
      biz_type: 18,
      category: 'cz',
      create_time: 1_626_935_000,
      icon: 'smart/icon/cz.png',
      id: 'bf5b8310dfe2a947c3jy2h',
      ip: '203.0.113.7',
      local_key: 'c4b9a7e2d1f08365',
      model: 'SP-1',
      name: 'Washing machine',
      online: true,
      owner_id: '3182004',
      product_id: 'cz4rdm9ukc2lqyef',
      product_name: 'Smart plug',
      status: [
        { code: 'switch_1', value: true },
        { code: 'cur_power', value: 487 },
      ],
      sub: false,
      time_zone: '+08:00',
      uid: 'eu1528964101460qLVPu',
      update_time: 1_626_935_910,
      uuid: '5b8310dfe2a947c3',
    }
    expect(device(wire)).toEqual({
      device: {
        id: 'bf5b8310dfe2a947c3jy2h',
        name: 'Washing machine',
        category: 'cz',
        product: { id: 'cz4rdm9ukc2lqyef', name: 'Smart plug', model: 'SP-1' },
        homeId: '3182004',
        roomId: null,
        gatewayId: null,
        sub: false,
        online: true,
        icon: 'smart/icon/cz.png',
        timeZone: '+08:00',
        createdMs: 1_626_935_000_000,
        updatedMs: 1_626_935_910_000,
        ownerUid: 'eu1528964101460qLVPu',
      },
      status: wire.status,
      localKey: 'c4b9a7e2d1f08365',
      nodeId: undefined,
      uuid: undefined,
    })
  })

  it('is read from an id alone', () => {
    expect(device({ id: 'vdevo162693590' })).toEqual({
      device: {
        id: 'vdevo162693590',
        name: '',
        category: '',
        product: { id: '', name: '' },
        homeId: '',
        roomId: null,
        gatewayId: null,
        sub: false,
        online: false,
        icon: null,
        timeZone: null,
        createdMs: null,
        updatedMs: null,
        ownerUid: null,
      },
      status: undefined,
      localKey: undefined,
      nodeId: undefined,
      uuid: undefined,
    })
  })

  it('of a gateway has the names that the gateway may use, a device of its own has none', () => {
    const names = { node_id: 'a4c138fffe012345', uuid: '9f1c2b7d4e6a8035' }
    expect(device({ id: 'bf1', sub: true, ...names })).toMatchObject({
      nodeId: 'a4c138fffe012345',
      uuid: '9f1c2b7d4e6a8035',
    })
    expect(device({ id: 'bf1', sub: true, node_id: '', uuid: names.uuid })).toMatchObject({
      uuid: names.uuid,
    })
    expect(device({ id: 'bf1', sub: false, ...names })).toMatchObject({ nodeId: undefined, uuid: undefined })
  })

  it('may have null or an empty text wherever nothing is known', () => {
    const members = [
      'uid',
      'name',
      'local_key',
      'category',
      'product_id',
      'product_name',
      'model',
      'icon',
      'ip',
    ]
    const times = ['create_time', 'update_time', 'time_zone', 'owner_id', 'gateway_id']
    for (const nothing of [null, '']) {
      const wire = Object.fromEntries([...members, ...times].map((member) => [member, nothing]))
      const read = device({ id: 'bf1', sub: null, online: null, status: null, ...wire })
      expect(read.device).toMatchObject({
        name: '',
        product: { id: '', name: '' },
        homeId: '',
        gatewayId: null,
        sub: false,
        online: false,
        icon: null,
        timeZone: null,
        createdMs: null,
        updatedMs: null,
        ownerUid: null,
      })
      expect(read.device.product).not.toHaveProperty('model')
      expect(read.localKey).toBeUndefined()
      expect(read.status).toBeUndefined()
    }
  })

  it('has its owner’s id as a number or as a text', () => {
    expect(device({ id: 'bf1', owner_id: 3182004 }).device.homeId).toBe('3182004')
    expect(device({ id: 'bf1', owner_id: '3182004' }).device.homeId).toBe('3182004')
  })

  it.each([
    [1_626_935_903, 1_626_935_903_000],
    ['1626935903', 1_626_935_903_000],
    [1_626_935_903_123, 1_626_935_903_123],
    ['1626935903123', 1_626_935_903_123],
    [0, null],
    [-5, null],
    ['yesterday', null],
  ])('that was made at %j was made at %j', (create_time, createdMs) => {
    expect(device({ id: 'bf1', create_time }).device.createdMs).toBe(createdMs)
  })

  it('keeps the values of its points as they came', () => {
    // the list of a room prints every value as text
    const status = [
      { code: 'switch_led', value: 'false' },
      { code: 'bright_value', value: '10' },
      { code: 'colour_data_v2', value: '' },
      { code: 'flash_scene_4', value: '[{"h":1}]' },
      { code: 'fault', value: 0 },
      { code: 'nothing', value: null },
      { code: 'no_value' },
    ]
    expect(device({ id: 'bf1', status }).status).toEqual(status)
  })

  it('that hangs on a gateway names it', () => {
    expect(device({ id: 'bf1', sub: true, gateway_id: 'bf2' }).device).toMatchObject({
      sub: true,
      gatewayId: 'bf2',
    })
  })

  it.each([
    ['no id', { name: 'Lamp' }],
    ['an id that no topic can hold', { id: 'a/b' }],
    ['a number for an id', { id: 5 }],
    ['an object for a name', { id: 'bf1', name: {} }],
    ['a text for online', { id: 'bf1', online: 'true' }],
    ['an endless category', { id: 'bf1', category: 'x'.repeat(65) }],
    ['an object for its values', { id: 'bf1', status: { switch: true } }],
  ])('with %s is none', (_what, wire) => {
    expect(violations(deviceSchema, wire)).not.toEqual([])
  })
})

describe('a value', () => {
  it('has a code', () => {
    expect(violations(statusSchema, { code: 'switch', value: true, type: 'Boolean' })).toEqual([])
    for (const wire of [{}, { code: '' }, { code: 5 }, { code: 'x'.repeat(129) }, [], 'switch']) {
      expect(violations(statusSchema, wire)).not.toEqual([])
    }
  })
})

describe('a home', () => {
  it('has its id as a number or as a text', () => {
    const wire = { name: 'Home', lon: 13.4, lat: 52.52, geo_name: 'Berlin', role: 'OWNER' }
    const expected = { id: '3182004', name: 'Home', geoName: 'Berlin', lat: 52.52, lon: 13.4 }
    expect(home({ ...wire, home_id: 3182004 })).toEqual(expected)
    expect(home({ ...wire, home_id: '3182004' })).toEqual(expected)
  })

  it('may lie nowhere', () => {
    const nowhere = [{}, { lat: null, lon: null, geo_name: null }, { lat: '', lon: '', geo_name: '' }]
    for (const place of nowhere) expect(home({ home_id: 1, ...place })).toEqual({ id: '1', name: '' })
  })

  it('may have its place masked or as text', () => {
    expect(home({ home_id: 1, lat: '30.25', lon: '120.5**' })).toEqual({ id: '1', name: '', lat: 30.25 })
    expect(home({ home_id: 1, lat: 0, lon: 0 })).toMatchObject({ lat: 0, lon: 0 })
  })

  it('without an id that a topic can hold is none', () => {
    for (const wire of [{}, { home_id: null }, { home_id: -1 }, { home_id: 1.5 }, { home_id: 'a/b' }, null]) {
      expect(violations(homeSchema, wire)).not.toEqual([])
    }
  })
})

describe('a room', () => {
  it('has its id as a number or as a text, and stands in its home', () => {
    for (const room_id of [1408001, '1408001']) {
      const wire = { room_id, name: 'Kitchen' }
      expect(violations(roomSchema, wire)).toEqual([])
      expect(readRoom(wire as WireRoom, '3182004')).toEqual({
        id: '1408001',
        name: 'Kitchen',
        homeId: '3182004',
      })
    }
    expect(readRoom({ room_id: 1, name: null }, '2').name).toBe('')
    expect(violations(roomSchema, { name: 'Kitchen' })).not.toEqual([])
  })
})

describe('a token', () => {
  const wire: WireToken = { access_token: 'a', refresh_token: 'b', expire_time: 6_209, uid: 'bay1' }

  it('tells how long it lives still', () => {
    expect(violations(tokenSchema, wire)).toEqual([])
    expect(readToken(wire)).toEqual({ accessToken: 'a', refreshToken: 'b', lifetimeMs: 6_209_000 })
  })

  it.each([
    { ...wire, access_token: '' },
    { ...wire, refresh_token: null },
    { ...wire, expire_time: -1 },
    { ...wire, expire_time: '7200' },
    { ...wire, expire_time: 1e9 },
    {},
  ])('%# is none', (broken) => {
    expect(violations(tokenSchema, broken)).not.toEqual([])
  })
})

describe('what an operation made', () => {
  it.each(['home-create', 'room-create', 'scene-create', 'automation-create', 'device-user-add'])(
    '%s: is known by its id, a number or text',
    (operation) => {
      expect(understood(operation, 1_408_001)).toBe('1408001')
      expect(understood(operation, '53IYSXI3gEn2w3Oc')).toBe('53IYSXI3gEn2w3Oc')
      for (const result of [true, null, '', '../x', {}, -1]) expect(isRefused(operation, result)).toBe(true)
    },
  )
})

describe('what an operation did', () => {
  it.each(['room-update', 'member-add', 'scene-trigger', 'iot03-commands', 'ota-confirm-upgrade'])(
    '%s: is true or false and nothing else',
    (operation) => {
      expect(understood(operation, true)).toBe(true)
      expect(understood(operation, false)).toBe(false)
      for (const result of ['true', 1, null, { success: true }])
        expect(isRefused(operation, result)).toBe(true)
    },
  )
})

describe('logins', () => {
  const token = { access_token: 'a', refresh_token: 'r', uid: 'eu1' }

  it('of an app account name the data centre', () => {
    expect(
      understood('app-login', { ...token, expire_time: 7_200, platform_url: 'https://openapi.tuyaeu.com' }),
    ).toEqual({
      accessToken: 'a',
      refreshToken: 'r',
      lifetimeMs: 7_200_000,
      uid: 'eu1',
      endpoint: 'https://openapi.tuyaeu.com',
    })
  })

  it('of a custom project call the lifetime by another name', () => {
    expect(understood('custom-login', { ...token, expire: 7_200 })).toEqual({
      accessToken: 'a',
      refreshToken: 'r',
      lifetimeMs: 7_200_000,
    })
    expect(isRefused('custom-login', { ...token, expire_time: 7_200 })).toBe(true)
  })

  it('of the message service bring a name and a password', () => {
    const access = { url: 'ssl://m1', client_id: 'c', username: 'u', password: 'p' }
    expect(understood('mqtt-access-config', { ...access, source_topic: { device: 't' } })).toEqual({
      url: 'ssl://m1',
      clientId: 'c',
      username: 'u',
      password: 'p',
      sourceTopic: { device: 't' },
      expireTime: undefined,
    })
  })
})

describe('functions alone', () => {
  it.each(['device-functions', 'category-functions', 'iot03-functions', 'iot03-category-functions'])(
    '%s: says what is accepted, and not whether it is reported',
    (operation) => {
      const functions = [
        { code: 'bright_value', type: 'Integer', values: '{"min":25,"max":255}', name: 'Brightness' },
      ]
      expect(understood(operation, { category: 'dj', functions })).toEqual([
        { code: 'bright_value', type: 'integer', min: 25, max: 255, name: 'Brightness' },
      ])
    },
  )
})
