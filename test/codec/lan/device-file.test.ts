import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLocalKey, readDeviceFile } from '../../../src/codec/lan/device-file.ts'

const key = '0123\'$<&\\ab"cdef'
const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const gateway = 'bf3c9a7d41e0b2f6aagwvn'
const child = 'bf3c9a7d41e0b2f6aachvn'

const plain = (value: unknown) =>
  readDeviceFile(value)?.devices.map(({ localKey, ...device }) => ({
    ...device,
    key: localKey?.reveal() ?? null,
  }))

const bare = {
  name: null,
  key: null,
  host: null,
  version: null,
  cid: null,
  gatewayId: null,
  category: null,
  points: [],
}

describe('devices.json of tinytuya', () => {
  it('gives names, keys, addresses, versions and the codes of data points', () => {
    const file = [
      {
        name: 'Lamp',
        id: lamp,
        key,
        mac: 'aa:bb:cc:dd:ee:ff',
        uuid: '3f2504e04f8911d3',
        category: 'dj',
        product_name: 'Bulb',
        product_id: 'abc',
        biz_type: 18,
        model: '',
        sub: false,
        icon: 'https://images.tuyaeu.com/x.png',
        mapping: {
          '20': { code: 'switch_led', type: 'Boolean', values: {} },
          '22': {
            code: 'bright_value_v2',
            type: 'Integer',
            values: { min: 10, max: 1000, scale: 0, step: 1, unit: '' },
          },
          '21': { code: 'work_mode', type: 'Enum', values: { range: ['white', 'colour'] } },
        },
        ip: '192.168.1.20',
        version: '3.3',
      },
    ]
    expect(readDeviceFile(file)?.kind).toBe('device list')
    expect(plain(file)).toEqual([
      {
        id: lamp,
        name: 'Lamp',
        key,
        host: '192.168.1.20',
        version: '3.3',
        cid: null,
        gatewayId: null,
        category: 'dj',
        points: [
          { code: 'switch_led', dpId: 20, type: 'boolean' },
          { code: 'work_mode', dpId: 21, type: 'enum', range: ['white', 'colour'] },
          {
            code: 'bright_value_v2',
            dpId: 22,
            type: 'integer',
            min: 10,
            max: 1000,
            step: 1,
            scale: 0,
            unit: '',
          },
        ],
      },
    ])
  })

  it('gives children with their gateway and what that calls them, else their uuid', () => {
    const file = [
      { name: 'Hub', id: gateway, key, sub: false, uuid: 'hubuuid' },
      { name: 'Door', id: child, key, sub: true, node_id: 'a4c13801', uuid: 'dooruuid', parent: gateway },
      { name: 'Window', id: lamp, key, sub: true, uuid: 'windowuuid', parent: gateway },
    ]
    expect(plain(file)?.map(({ cid, gatewayId }) => [cid, gatewayId])).toEqual([
      [null, null],
      ['a4c13801', gateway],
      ['windowuuid', gateway],
    ])
  })

  it('finds the gateway of a child by its key where nothing else names it', () => {
    const file = [
      { id: gateway, key },
      { id: child, key, sub: true, node_id: 'a4c13801', parent: '' },
      { id: lamp, key: 'another-key-0000', sub: true, node_id: 'a4c13802', parent: '' },
    ]
    expect(plain(file)?.map(({ gatewayId }) => gatewayId)).toEqual([null, gateway, null])
  })

  it('takes no key for none, and one of another length for none either', () => {
    expect(
      plain([
        { id: lamp, key: '' },
        { id: child, key: 'short' },
      ])?.map((device) => device.key),
    ).toEqual([null, null])
  })

  it('does not print keys', () => {
    expect(JSON.stringify(readDeviceFile([{ id: lamp, key: '0123456789abcdef' }]))).not.toContain(
      '0123456789abcdef',
    )
  })
})

describe('files of other programs', () => {
  it('snapshot.json of tinytuya gives addresses and versions', () => {
    const file = {
      timestamp: 1700000000.1,
      devices: [
        { id: lamp, ip: '192.168.1.20', ver: '3.4', origin: 'broadcast', name: 'Lamp', key, mac: '' },
        { id: child, ip: '', ver: '0.0', origin: 'cloud', name: 'Far', key: '', mac: '' },
      ],
    }
    expect(readDeviceFile(file)?.kind).toBe('scan')
    expect(plain(file)).toEqual([
      { ...bare, id: lamp, name: 'Lamp', key, host: '192.168.1.20', version: '3.4' },
      { ...bare, id: child, name: 'Far' },
    ])
  })

  it('tuya-raw.json of tinytuya gives keys, and not the address of the whole home', () => {
    const file = {
      success: true,
      result: [{ id: lamp, name: 'Lamp', local_key: key, category: 'dj', ip: '203.0.113.7', sub: false }],
      file: { name: 'tuya-raw.json' },
    }
    expect(plain(file)).toEqual([{ ...bare, id: lamp, name: 'Lamp', key, category: 'dj' }])
  })

  it('the list of tuya-cli gives children within their gateways', () => {
    const file = [
      { name: 'Hub', id: gateway, key, subDevices: [{ name: 'Door', id: child, cid: 'a4c13801' }] },
    ]
    expect(plain(file)).toEqual([
      { ...bare, id: gateway, name: 'Hub', key },
      { ...bare, id: child, name: 'Door', cid: 'a4c13801', gatewayId: gateway },
    ])
  })

  it('Home Assistant gives the devices of tuya-local, and the gateway of a child as a device of its own', () => {
    const data = {
      device_id: lamp,
      host: '192.168.1.20',
      local_key: key,
      protocol_version: 3.4,
      type: 'rgbcw_lightbulb',
    }
    const behind = {
      device_id: gateway,
      host: '192.168.1.30',
      local_key: key,
      protocol_version: 'auto',
      device_cid: 'a4c13801',
    }
    const file = {
      version: 1,
      key: 'core.config_entries',
      data: {
        entries: [
          { domain: 'sun', title: 'Sun', data: {} },
          { domain: 'tuya_local', title: 'Lamp', data, options: { host: '192.168.1.21' } },
          { domain: 'tuya_local', title: 'Door', data: behind, options: {} },
        ],
      },
    }
    expect(readDeviceFile(file)?.kind).toBe('Home Assistant')
    expect(plain(file)).toEqual([
      { ...bare, id: lamp, name: 'Lamp', key, host: '192.168.1.21', version: '3.4' },
      { ...bare, id: gateway, key, host: '192.168.1.30' },
      { ...bare, id: 'a4c13801', name: 'Door', cid: 'a4c13801', gatewayId: gateway },
    ])
  })

  it('Home Assistant gives the devices of localtuya, with the data points that were found there', () => {
    const device = {
      friendly_name: 'Plug',
      host: '192.168.1.22',
      device_id: lamp,
      local_key: key,
      protocol_version: '3.3',
      dps_strings: ['1 (value: True)', '9 (value: 0)', '18 (value: 12)'],
      entities: [{ id: 1, friendly_name: 'Socket', platform: 'switch' }],
    }
    const behind = {
      friendly_name: 'Door',
      device_id: child,
      node_id: 'a4c13801',
      gateway_id: gateway,
      host: '192.168.1.30',
    }
    const entry = { domain: 'localtuya', title: 'me', data: { devices: { [lamp]: device, [child]: behind } } }
    expect(plain({ data: { entries: [entry] } })).toEqual([
      {
        ...bare,
        id: lamp,
        name: 'Plug',
        key,
        host: '192.168.1.22',
        version: '3.3',
        points: [
          { code: 'dp_1', dpId: 1, name: 'Socket' },
          { code: 'dp_9', dpId: 9 },
          { code: 'dp_18', dpId: 18 },
        ],
      },
      { ...bare, id: child, name: 'Door', cid: 'a4c13801', gatewayId: gateway, host: '192.168.1.30' },
    ])
  })

  it('joins two notes of one device', () => {
    expect(
      plain([
        { id: lamp, key },
        { id: lamp, name: 'Lamp', key: 'another-key-0000' },
      ]),
    ).toEqual([{ ...bare, id: lamp, name: 'Lamp', key }])
  })

  it.each([[null], ['text'], [{}], [{ data: {} }], [{ devices: {} }], [7]])(
    'takes %j for none of them',
    (value) => {
      expect(readDeviceFile(value)).toBeUndefined()
    },
  )

  it('never throws and never gives an id that is none, whatever the file holds', () => {
    const row = fc.dictionary(
      fc.constantFrom(
        'id',
        'key',
        'name',
        'ip',
        'version',
        'mapping',
        'subDevices',
        'sub',
        'parent',
        'node_id',
        'dps_strings',
        'entities',
      ),
      fc.jsonValue(),
    )
    const shapes = fc.oneof(
      fc.array(row),
      fc.record({ devices: fc.array(row) }),
      fc.record({ result: fc.array(row) }),
      fc
        .array(row)
        .map((rows) => ({ data: { entries: rows.map((data) => ({ domain: 'tuya_local', data })) } })),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(shapes, (value) => {
        for (const { id, localKey } of readDeviceFile(value)?.devices ?? []) {
          expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
          if (localKey) expect(isLocalKey(localKey.reveal())).toBe(true)
        }
      }),
    )
  })
})
