import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMessage } from '../../../../src/codec/queue/message/index.ts'
import type { Members, Origin } from '../../../../src/codec/queue/message/letter.ts'
import type { QueueMessage } from '../../../../src/domain/message.ts'
import { hostileJson } from '../../../support/hostile.ts'
import { vector } from '../../../support/vector.ts'

interface Example {
  readonly family: string
  readonly protocol: number | null
  readonly bizCode: string | null
  readonly body: Members
}

const { examples } = vector<{ examples: readonly Example[] }>('event-examples.json')

const at = 1_767_225_600_000
const origin: Origin = { protocol: 20, t: at + 1000, publishTimeMs: at + 2000, receivedMs: at + 3000 }
const lamp = 'bf0examplelamp000000x1'
const valve = 'bf0exampletrv000000x2'
const productId = '9f4rk3ku9rnwtne7'
const home = '2420001'

const read = (body: object, more: Partial<Origin> = {}): QueueMessage =>
  readMessage(body as Members, { ...origin, ...more })

/** What every example is expected to say, besides what all of them have. */
const expected: Readonly<Record<string, object>> = {
  'legacy null': {
    kind: 'status',
    deviceId: lamp,
    productId,
    dataId: 'AAZexample0001',
    data: null,
    points: [
      { code: 'switch_led', dpId: 20, value: true, timeMs: at },
      { code: 'bright_value_v2', dpId: 22, value: 350, timeMs: at },
    ],
  },
  'legacy online': { kind: 'presence', deviceId: lamp, productId, online: true, data: { time: at / 1000 } },
  'legacy offline': { kind: 'presence', deviceId: lamp, productId, online: false, data: { time: at / 1000 } },
  'legacy nameUpdate': {
    kind: 'deviceRenamed',
    deviceId: lamp,
    productId,
    name: 'Desk lamp',
    data: { devId: lamp, name: 'Desk lamp' },
  },
  'legacy dpNameUpdate': {
    kind: 'pointRenamed',
    deviceId: lamp,
    dpId: 1,
    name: 'Left socket',
    data: { devId: lamp, dpId: '1', name: 'Left socket' },
  },
  'legacy bindUser': {
    kind: 'bound',
    deviceId: lamp,
    homeId: home,
    data: { devId: lamp, ownerId: home },
  },
  'legacy delete': { kind: 'unbound', deviceId: lamp, homeId: home, data: { devId: lamp, ownerId: home } },
  'legacy upgradeStatus': {
    kind: 'upgrade',
    deviceId: lamp,
    module: 'wifi',
    status: '2',
    percent: null,
    data: { devId: lamp, upgradeStatus: '2', description: 'upgrading', moduleType: 'wifi' },
  },
  'legacy event_notify': {
    kind: 'deviceEvent',
    deviceId: lamp,
    code: 'ac_doorbell',
    data: { devId: lamp, etype: 'ac_doorbell', edata: '617bdf7a1767225600' },
  },
  'legacy share': {
    kind: 'shared',
    deviceIds: [lamp],
    data: { share: true, groupId: home, addDevIds: [lamp], removedDevIds: [] },
  },
  'legacy deviceSignal': {
    kind: 'unknown',
    deviceId: lamp,
    data: {
      devId: lamp,
      productKey: productId,
      bizCode: 'deviceSignal',
      reportData: [{ memory: 41234, rssi: -61, t: at }],
      ts: at,
    },
  },
  'legacy deviceDpCommand': {
    kind: 'unknown',
    deviceId: lamp,
    data: {
      devId: lamp,
      productKey: productId,
      bizCode: 'deviceDpCommand',
      command: [{ dpId: 20, value: true }],
      ts: at,
    },
  },
  ...Object.fromEntries(
    ['userRegister', 'userUpdate', 'userDelete'].map((bizCode) => [
      `legacy ${bizCode}`,
      {
        kind: 'unknown',
        deviceId: null,
        data: { bizCode, bizData: { schema: 'exampleApp', time: at }, ts: at },
      },
    ]),
  ),
  'legacy homeCreate': {
    kind: 'home',
    homeId: home,
    change: 'created',
    data: { homeId: 2_420_001, homeName: 'Cabin', time: at },
  },
  'legacy homeUpdate': {
    kind: 'home',
    homeId: home,
    change: 'updated',
    data: { homeId: 2_420_001, homeName: 'Cabin by the lake', time: at },
  },
  'legacy homeDelete': {
    kind: 'home',
    homeId: home,
    change: 'deleted',
    data: { homeId: 2_420_001, homeName: 'Cabin', time: at, devices: [lamp], reason: 'user' },
  },
  'legacy roomCreate': {
    kind: 'home',
    homeId: home,
    change: 'room_created',
    data: { homeId: 2_420_001, roomName: 'Kitchen', time: at },
  },
  'legacy roomNameUpdate': {
    kind: 'home',
    homeId: home,
    change: 'room_renamed',
    data: { homeId: 2_420_001, roomName: 'Big kitchen', time: at },
  },
  'legacy roomSort': {
    kind: 'home',
    homeId: home,
    change: 'rooms_sorted',
    data: { homeId: 2_420_001, rooms: [1_408_001, 1_408_002], time: at },
  },
  'legacy roomDelete': {
    kind: 'home',
    homeId: home,
    change: 'room_deleted',
    data: { homeId: 2_420_001, time: at },
  },
  'legacy automationExternalAction': {
    kind: 'externalAction',
    automationId: 'Wn4TexampleAAAA',
    homeId: null,
    payload: { bridge: 'main', action: 'alarm-on' },
    data: { bridge: 'main', action: 'alarm-on' },
  },
  'legacy sceneExecute': {
    kind: 'sceneRun',
    sceneId: 'mK7hexampleBBBB',
    homeId: home,
    actions: [{ device: lamp, ok: true, timeMs: at + 120 }],
    data: { id: 'mK7hexampleBBBB', name: 'Good night' },
  },
  ...Object.fromEntries(
    [
      ['devicePropertyMessage', '00065C52EXAMPLE01'],
      ['deviceQueryPropertyMessage', '00065C52EXAMPLE02'],
    ].map(([bizCode, dataId]) => [
      `iotcore ${bizCode}`,
      {
        kind: 'status',
        deviceId: valve,
        productId,
        dataId,
        data: null,
        points: [{ code: 'temp_set', dpId: 4, value: 215, timeMs: at }],
      },
    ]),
  ),
  'iotcore deviceEventMessage': {
    kind: 'deviceEvent',
    deviceId: valve,
    code: 'doorbell',
    data: { devId: valve, productId, eventCode: 'doorbell', outputParams: { snapshot: 'none' } },
  },
  'iotcore deviceActionResponseMessage': {
    kind: 'deviceEvent',
    deviceId: valve,
    code: 'selfTest',
    data: { devId: valve, productId, actionCode: 'selfTest', outputParams: { ok: true } },
  },
  ...Object.fromEntries(
    [
      ['deviceOnline', true],
      ['deviceOffline', false],
    ].map(([bizCode, online]) => [
      `iotcore ${bizCode}`,
      { kind: 'presence', deviceId: valve, productId, online, data: { devId: valve, productId, time: at } },
    ]),
  ),
  'iotcore deviceNameUpdate': {
    kind: 'deviceRenamed',
    deviceId: valve,
    productId,
    name: 'Radiator',
    data: { devId: valve, productId, name: 'Radiator' },
  },
  'iotcore deviceBindSpace': {
    kind: 'bound',
    deviceId: valve,
    homeId: home,
    data: { devId: valve, spaceId: home, productId },
  },
  'iotcore deviceUnbindSpace': {
    kind: 'unbound',
    deviceId: valve,
    homeId: home,
    data: { devId: valve, spaceId: home, productId },
  },
  ...Object.fromEntries(
    ['deviceTransfer', 'deviceFreeze', 'deviceUnFreeze'].map((bizCode) => [
      `iotcore ${bizCode}`,
      { kind: 'deviceChanged', deviceId: valve, data: { devId: valve, productId, time: at } },
    ]),
  ),
  'iotcore deviceOtaProgress': {
    kind: 'upgrade',
    deviceId: valve,
    module: null,
    status: null,
    percent: 40,
    data: { devId: valve, productId, progress: 40 },
  },
  'iotcore spaceCreate': {
    kind: 'home',
    homeId: home,
    change: 'created',
    data: { spaceId: home, name: 'Cabin' },
  },
  'notice HighPriorityNotice': { kind: 'unknown', deviceId: null },
}

describe('every example', () => {
  it.each(examples)('$family $bizCode', ({ family, protocol, bizCode, body }) => {
    const message = read(body, { protocol: protocol ?? 20 })
    const wanted = expected[`${family} ${bizCode}`]
    expect(wanted).toBeDefined()
    const data = bizCode === 'HighPriorityNotice' ? { data: body } : {}
    expect(message).toEqual({ protocol: protocol ?? 20, bizCode, timeMs: at, ...data, ...wanted })
  })

  it('is in the table, and nothing else', () => {
    expect(Object.keys(expected).sort()).toEqual(
      examples.map(({ family, bizCode }) => `${family} ${bizCode}`).sort(),
    )
    expect(examples).toHaveLength(39)
  })

  it('tells nothing of accounts', () => {
    const text = JSON.stringify(examples.map(({ body }) => read(body)))
    for (const secret of ['az0000000000000made', 'AZexampletoken', '0123456789abcdef', '10.1', '50.2'])
      expect(text).not.toContain(secret)
  })
})

describe('a status report', () => {
  const status = (items: unknown, more: object = {}) => read({ devId: 'bf1', status: items, ...more })

  it('may write its times as seconds or text, or lack them', () => {
    const items = [
      { code: 'a', value: 1, t: at / 1000 },
      { code: 'b', value: 2, t: String(at / 1000) },
      { code: 'c', value: 3, time: String(at + 7) },
      { code: 'd', value: 4, t: 0 },
    ]
    expect(status(items, { ts: at + 50 })).toMatchObject({
      timeMs: at + 50,
      points: [{ timeMs: at }, { timeMs: at }, { timeMs: at + 7 }, { timeMs: at + 50 }],
    })
    expect(status([{ code: 'a', value: 1 }])).toMatchObject({ points: [{ timeMs: at + 1000 }] })
    expect(
      readMessage({ devId: 'bf1', status: [{ code: 'a', value: 1, t: 2 }] }, { ...origin, t: 2 }),
    ).toMatchObject({
      points: [{ timeMs: at + 2000 }],
    })
  })

  it('keeps values as they were sent', () => {
    const items = [
      { code: 'a', value: 'false', '1': 'false' },
      { code: 'b', value: '350' },
      { code: 'c', value: null },
      { code: 'd', value: { h: 1 } },
      { code: 'e', '5': 'only here' },
    ]
    expect(status(items)).toMatchObject({
      points: [
        { code: 'a', dpId: 1, value: 'false' },
        { code: 'b', dpId: null, value: '350' },
        { code: 'c', dpId: null, value: null },
        { code: 'd', dpId: null, value: { h: 1 } },
        { code: 'e', dpId: 5, value: 'only here' },
      ],
    })
  })

  it('may have points without a code, and passes over what is none', () => {
    const items = [
      { '101': 7, value: 7 },
      { value: 1 },
      { code: 'x' },
      null,
      5,
      'x',
      [],
      { code: '', '-1': 3 },
    ]
    expect(status(items)).toMatchObject({ points: [{ code: null, dpId: 101, value: 7 }] })
    expect(status([])).toMatchObject({ kind: 'status', points: [], timeMs: at + 1000 })
  })

  it('of the newer family may number its points in text', () => {
    const properties = [
      { code: 'mode', dpId: '2', value: 'auto', time: String(at) },
      { dpId: 4, value: 1 },
      { code: 'odd', dpId: 'two', value: 1 },
    ]
    const body = { bizCode: 'devicePropertyMessage', bizData: { devId: 'bf1', properties }, ts: at + 5 }
    expect(read(body)).toMatchObject({
      points: [
        { code: 'mode', dpId: 2, timeMs: at },
        { code: null, dpId: 4, timeMs: at + 5 },
        { code: 'odd', dpId: null, timeMs: at + 5 },
      ],
    })
  })

  it('is one by what it holds, or by the word that some programs have for it', () => {
    expect(read({ bizCode: 'statusReport', devId: 'bf1', status: [] }).kind).toBe('status')
    expect(read({ bizCode: 'news', devId: 'bf1', status: [] }).kind).toBe('status')
    expect(status('x').kind).toBe('unknown')
    expect(read({ status: [] }).kind).toBe('unknown')
  })
})

describe('the id of a device', () => {
  const online = (body: object) => read({ bizCode: 'online', ...body })

  it('is the first that is not empty, at the top or inside', () => {
    expect(online({ devId: 'a', bizData: { devId: 'b' } })).toMatchObject({ deviceId: 'a' })
    expect(online({ devId: '', bizData: { devId: 'b' } })).toMatchObject({ deviceId: 'b' })
    expect(online({ bizData: { devId: 'b' } })).toMatchObject({ deviceId: 'b' })
  })

  it.each(['', '+', 'a/b', '#', '$SYS', 'x'.repeat(65), null, {}, [], true])('is never %s', (devId) => {
    expect(online({ devId })).toMatchObject({ kind: 'unknown', deviceId: null })
  })
})

describe('an external action', () => {
  const action = (body: object, protocol = 22) =>
    read({ bizCode: 'automationExternalAction', ...body }, { protocol })

  it('is one under any protocol', () => {
    for (const protocol of [0, 4, 20, 22, 1000])
      expect(action({ automationId: 'A1', bizData: {} }, protocol)).toMatchObject({
        kind: 'externalAction',
        protocol,
      })
  })

  it('may have its object in a text, which is passed on as it is when it is no JSON', () => {
    const payload = (bizData: unknown) => action({ automationId: 'A1', bizData })
    expect(payload('{"action":"go","n":[1]}')).toMatchObject({ payload: { action: 'go', n: [1] } })
    expect(payload('5')).toMatchObject({ payload: 5 })
    expect(payload('go')).toMatchObject({ payload: 'go' })
    expect(payload('')).toMatchObject({ payload: '' })
    expect(payload('{"__proto__":{}}')).toMatchObject({ payload: '{"__proto__":{}}' })
    expect(payload([1])).toMatchObject({ payload: [1] })
    expect(payload(undefined)).toMatchObject({ payload: null })
  })

  it('says whose it is at the top, or else inside', () => {
    expect(action({ automationId: 'A1', bizData: { automationId: 'B2' } })).toMatchObject({
      automationId: 'A1',
    })
    expect(action({ bizData: { automationId: 'B2', x: 1 } })).toMatchObject({
      automationId: 'B2',
      payload: { automationId: 'B2', x: 1 },
    })
    expect(action({ automationId: '', bizData: '{"automationId":"C3"}' })).toMatchObject({
      automationId: 'C3',
    })
    expect(action({ automationId: 'A1', homeId: 2_420_001 })).toMatchObject({ homeId: home })
  })

  it('keeps everything that its owner wrote into it, whatever the names', () => {
    const bizData = { token: 't', uid: 'u', lat: 1, deep: { password: 'p' } }
    expect(action({ automationId: 'A1', bizData })).toMatchObject({ payload: bizData, data: bizData })
  })

  it('of nobody is passed on without what may be a secret', () => {
    expect(action({ bizData: { token: 't', x: 1 } })).toMatchObject({
      kind: 'unknown',
      data: { bizCode: 'automationExternalAction', bizData: { x: 1 } },
    })
  })
})

describe('a run of a scene', () => {
  it('says what became of each device, and leaves out what is none', () => {
    const actions = [
      { id: '1', entityId: 'bf1', execStatus: 1, executeTime: at / 1000 },
      { id: '2', entityId: 'bf2', execStatus: 2 },
      { id: '3', entityId: 'bf3', execStatus: '1', executeTime: 0 },
      { id: '4', execStatus: 1 },
      { id: '6', entityId: 'bf6', execStatus: { toString: 1 } },
      { id: '5', entityId: 'a/b' },
      null,
    ]
    const body = { bizCode: 'sceneExecute', gid: '7', bizData: { id: 'S1' }, actions, ts: at + 9 }
    expect(read(body)).toMatchObject({
      homeId: '7',
      actions: [
        { device: 'bf1', ok: true, timeMs: at },
        { device: 'bf2', ok: false, timeMs: at + 9 },
        { device: 'bf3', ok: true, timeMs: at + 9 },
        { device: 'bf6', ok: false, timeMs: at + 9 },
      ],
    })
    expect(read({ ...body, actions: 'none' })).toMatchObject({ kind: 'sceneRun', actions: [] })
  })
})

describe('a binding', () => {
  it('knows the home from an account', () => {
    const bind = (ownerId: unknown) =>
      read({ bizCode: 'bindUser', devId: 'bf1', bizData: { ownerId, spaceId: 5 } })
    expect(bind(2_420_001)).toMatchObject({ homeId: home, data: { ownerId: 2_420_001 } })
    expect(bind('az1')).toMatchObject({ homeId: '5', data: { spaceId: 5 } })
    expect(bind('az1').data).not.toHaveProperty('ownerId')
    expect(read({ bizCode: 'delete', devId: 'bf1' })).toMatchObject({ kind: 'unbound', homeId: null })
  })
})

describe('anything else', () => {
  it('that nobody can use is ignored', () => {
    expect(read({ bizCode: 'p2pSignal', devId: 'bf1', bizData: { token: 't', sdp: 'x' } })).toEqual({
      kind: 'ignored',
      protocol: 20,
      bizCode: 'p2pSignal',
      timeMs: at + 1000,
      data: null,
    })
  })

  it.each([
    'outdoorsFenceAlarm',
    'simStop',
    'textToSpeech',
    'hotelPmsCustomerCheckin',
    'toString',
    '__proto__',
  ])('%s is passed on', (bizCode) => {
    expect(
      read({ bizCode, devId: 'bf1', bizData: { a: 1, Local_Key: 'k', x: [{ uid: 'u' }] } }),
    ).toMatchObject({
      kind: 'unknown',
      bizCode,
      deviceId: 'bf1',
      data: { bizCode, devId: 'bf1', bizData: { a: 1, x: [{}] } },
    })
  })

  it.each([
    { bizCode: 'nameUpdate', devId: 'bf1', bizData: {} },
    { bizCode: 'dpNameUpdate', devId: 'bf1', bizData: { dpId: 'x', name: 'n' } },
    { bizCode: 'homeCreate', bizData: { homeId: 'a/b' } },
    { bizCode: 'sceneExecute', bizData: {} },
    { bizCode: 'event_notify', devId: 'bf1', bizData: { etype: '' } },
    { bizCode: 'deviceFreeze', bizData: 'bf1' },
    { bizCode: 'upgradeStatus' },
    { bizCode: 5 },
    {},
  ])('%j lacks what its kind needs, and is passed on', (body) => {
    expect(read(body)).toMatchObject({ kind: 'unknown', data: body })
  })

  it('of any shape, under any word, is a message', () => {
    const words = [...new Set(examples.map(({ bizCode }) => bizCode))]
    const names = [
      ...new Set(
        examples.flatMap(({ body }) => [body, body['bizData']]).flatMap((one) => Object.keys(one ?? {})),
      ),
    ]
    const inner = [
      'code',
      'value',
      't',
      'time',
      'dpId',
      '1',
      'entityId',
      'execStatus',
      'executeTime',
      'automationId',
    ]
    const items = fc.array(fc.dictionary(fc.constantFrom(...inner), hostileJson), { maxLength: 3 })
    const value = fc.oneof(
      hostileJson,
      items,
      items.map((list) => JSON.stringify(list)),
    )
    const members = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 })
    const any = fc.record({
      members,
      bizCode: fc.oneof(fc.constantFrom(...words), hostileJson),
      bizData: fc.oneof(members, hostileJson),
    })
    fc.assert(
      fc.property(any, hostileJson, ({ members: top, bizCode, bizData }, t) => {
        const message = readMessage({ devId: 'bf1', ...top, bizCode, bizData } as Members, { ...origin, t })
        expect(Number.isSafeInteger(message.timeMs)).toBe(true)
        expect(() => JSON.stringify(message)).not.toThrow()
        for (const id of ['deviceId', 'homeId', 'sceneId', 'automationId'] as const) {
          const value = (message as Partial<Record<typeof id, string | null>>)[id]
          if (typeof value === 'string') expect(value).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
        }
      }),
      { numRuns: 400 },
    )
  })
})
