import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/app/config.ts'
import { changesOf } from '../../src/app/config-diff.ts'
import { ConfigError, type ConfigFault } from '../../src/app/config-fault.ts'
import { readConfigSchema } from '../../src/app/config-shape.ts'
import { lanDevices } from '../../src/app/lan-import.ts'
import { Folder } from '../support/folder.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const plug = 'bf3c9a7d41e0b2f6aaw2vn'
const key = '0123456789abcdef'

function load(folder: Folder, lan: object) {
  const file = folder.file('dp2mqtt.yaml')
  writeFileSync(file, JSON.stringify({ lan }), { mode: 0o600 })
  return loadConfig({ file, directory: folder.path, env: {} })
}

function note(folder: Folder, name: string, value: unknown): string {
  const path = folder.file(name)
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value), { mode: 0o600 })
  return path
}

function faultsOf(lan: object): readonly Pick<ConfigFault, 'path' | 'message'>[] {
  using folder = new Folder()
  try {
    load(folder, lan)
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.faults.map(({ path, message }) => ({ path, message }))
    throw thrown
  }
  return []
}

describe('devices without a cloud', () => {
  it('come from the configuration', () => {
    using folder = new Folder()
    const listed = {
      id: lamp,
      localKey: key,
      ip: '192.168.1.20',
      version: 3.4,
      name: 'Lamp',
      category: 'dj',
      points: { 20: 'switch_led' },
    }
    const behind = { id: plug, gateway: lamp, cid: 'a4c13801' }
    const { config, demo } = load(folder, { devices: [listed, behind] })
    expect(demo).toBe(false)
    const [first, second] = lanDevices(config).devices
    expect(first?.localKey?.reveal()).toBe(key)
    expect({ ...first, localKey: null }).toEqual({
      id: lamp,
      name: 'Lamp',
      localKey: null,
      address: { host: '192.168.1.20', port: 6668 },
      port: 6668,
      version: '3.4',
      cid: null,
      gatewayId: null,
      category: 'dj',
      points: [{ dpId: 20, code: 'switch_led' }],
    })
    expect(second).toMatchObject({
      id: plug,
      localKey: null,
      address: null,
      cid: 'a4c13801',
      gatewayId: lamp,
      points: [],
    })
  })

  it('come from files, where what the configuration says of them wins', () => {
    using folder = new Folder()
    const mapping = {
      '1': { code: 'switch_1', type: 'Boolean', values: {} },
      '20': { code: 'cur_voltage', type: 'Integer', values: { scale: 1 } },
    }
    const deviceFiles = [
      note(folder, 'devices.json', [{ id: lamp, key, name: 'Old name', mapping }]),
      note(folder, 'snapshot.json', {
        devices: [
          { id: lamp, ip: '192.168.1.20', ver: '3.3', key: 'another-key-0000' },
          { id: plug, ip: '8.8.8.8', key },
        ],
      }),
    ]
    const { config } = load(folder, {
      deviceFiles,
      devices: [{ id: lamp, name: 'Lamp', port: 16668, points: { 20: 'voltage' } }],
    })
    const [first, second] = lanDevices(config).devices
    expect(first).toMatchObject({
      name: 'Lamp',
      address: { host: '192.168.1.20', port: 16668 },
      version: '3.3',
      points: [
        { dpId: 1, code: 'switch_1', type: 'boolean' },
        { dpId: 20, code: 'voltage', type: 'integer', scale: 1 },
      ],
    })
    expect(first?.localKey?.reveal()).toBe(key)
    expect(second).toMatchObject({ id: plug, address: null })
  })

  it('have keys that the log knows from the start', () => {
    using folder = new Folder()
    const deviceFiles = [note(folder, 'devices.json', [{ id: lamp, key: 'in-the-file-0000' }])]
    const { secrets } = load(folder, { deviceFiles, devices: [{ id: plug, localKey: key }] })
    expect(secrets.map((secret) => secret.reveal()).sort()).toEqual([key, 'in-the-file-0000'].sort())
  })

  it('that stand in a file which others may read are warned of', () => {
    using folder = new Folder()
    const file = folder.file('devices.json')
    writeFileSync(file, JSON.stringify([{ id: lamp, key }]), { mode: 0o644 })
    expect(load(folder, { deviceFiles: [file] }).warnings.join()).toContain(
      'devices.json can be read by every user',
    )
  })

  it('are news when the file holds something else', () => {
    using folder = new Folder()
    const deviceFiles = [note(folder, 'devices.json', [{ id: lamp, key }])]
    const before = load(folder, { deviceFiles })
    note(folder, 'devices.json', [{ id: lamp, key: 'another-key-0000' }])
    const after = load(folder, { deviceFiles })
    expect(changesOf(readConfigSchema(), before, after).map(({ path }) => path)).toEqual(['lan.deviceFiles'])
    expect(changesOf(readConfigSchema(), after, after)).toEqual([])
  })
})

describe('what is wrong is told with its place', () => {
  it.each([
    [{ subnets: ['192.168.1.1/24'] }, 'lan.subnets.0', '"192.168.1.1/24" is no IPv4 network.'],
    [{ udpPorts: [6666, 6666] }, 'lan.udpPorts', 'names fewer than two ports.'],
    [{ devices: [{ id: lamp }, { id: lamp }] }, 'lan.devices.1.id', `"${lamp}" is there twice.`],
    [
      { devices: [{ id: lamp, localKey: 'short' }] },
      'lan.devices.0.localKey',
      'has 5 characters; a local key has exactly 16.',
    ],
    [
      { devices: [{ id: lamp, localKey: '0123456789abcde→' }] },
      'lan.devices.0.localKey',
      'holds a character that no local key has.',
    ],
    [
      { devices: [{ id: lamp, ip: 'lamp.example' }] },
      'lan.devices.0.ip',
      '"lamp.example" is no IPv4 address of a device.',
    ],
    [
      { devices: [{ id: lamp, ip: '255.255.255.255' }] },
      'lan.devices.0.ip',
      '"255.255.255.255" is no IPv4 address of a device.',
    ],
    [{ devices: [{ id: lamp, cid: 'a4c1' }] }, 'lan.devices.0.gateway', 'is missing.'],
    [{ devices: [{ id: lamp, gateway: plug }] }, 'lan.devices.0.cid', 'is missing.'],
    [{ devices: [{ id: lamp, gateway: lamp, cid: 'x' }] }, 'lan.devices.0.gateway', 'is the device itself.'],
    [
      { devices: [{ id: lamp, version: '2.0' }] },
      'lan.devices.0.version',
      expect.stringContaining('must be one of 3.1, 3.2'),
    ],
    [
      { deviceFiles: ['/nonexistent/devices.json'] },
      'lan.deviceFiles.0',
      '/nonexistent/devices.json cannot be read (ENOENT).',
    ],
  ])('%j', (lan, path, message) => {
    expect(faultsOf(lan)).toContainEqual({ path, message })
  })

  it.each([
    ['[', 'is not valid JSON.'],
    ['[]', 'lists no device.'],
    ['{"a":1}', 'is no list of devices.'],
    ['['.repeat(100) + ']'.repeat(100), 'is too large or nests too deep.'],
  ])('a file with %s', (text, message) => {
    using folder = new Folder()
    const file = note(folder, 'devices.json', text)
    expect(faultsOf({ deviceFiles: [file] })).toEqual([
      { path: 'lan.deviceFiles.0', message: `${file} ${message}` },
    ])
  })

  it('nobody needs a cloud who lists devices, unless the LAN is off', () => {
    expect(faultsOf({ devices: [{ id: lamp, localKey: key }] })).toEqual([])
    expect(faultsOf({ enabled: false, devices: [{ id: lamp, localKey: key }] })).toEqual([
      { path: 'tuya', message: 'is missing.' },
    ])
  })
})
