import { chmodSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/app/config.ts'
import { ConfigError, type ConfigFault } from '../../src/app/config-fault.ts'
import { leaves, readConfigSchema, variableOf } from '../../src/app/config-shape.ts'
import { makeCertificate } from '../support/certificate.ts'
import { Folder } from '../support/folder.ts'

const secret = 'planted-secret-4711'
const project = { DP2MQTT_TUYA_ACCESS_ID: 'id', DP2MQTT_TUYA_ACCESS_SECRET: secret }

/** Loads a file with this text, and these variables. */
function load(yaml: string, env: Readonly<Record<string, string>> = {}) {
  using folder = new Folder()
  const file = folder.file('dp2mqtt.yaml')
  writeFileSync(file, yaml)
  return loadConfig({ file, directory: folder.path, env })
}

function faultsOf(yaml: string, env: Readonly<Record<string, string>> = {}): readonly ConfigFault[] {
  try {
    load(yaml, env)
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.faults
    throw thrown
  }
  return []
}

const tuya = `tuya: { accessId: a, accessSecret: ${secret} }\n`

describe('reading', () => {
  it('fills every default of the schema', () => {
    const { config } = load(tuya)
    for (const { path, schema } of leaves(readConfigSchema())) {
      if (path.startsWith('tuya.')) continue
      const value = path
        .split('.')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], config)
      if (!path.startsWith('broker.tls.')) expect(value, path).toEqual(schema.default)
    }
  })

  it('runs the demo when nothing says which cloud and broker to use', () => {
    expect(loadConfig({ directory: '/nonexistent', env: {} }).demo).toBe(true)
    expect(loadConfig({ directory: '/nonexistent', env: { DP2MQTT_BROKER_PORT: '1884' } }).demo).toBe(true)
    expect(load(tuya).demo).toBe(false)
  })

  it('takes dp2mqtt.yaml of the working directory, and a named file instead', () => {
    using folder = new Folder()
    writeFileSync(folder.file('dp2mqtt.yaml'), `${tuya}mqtt: { instance: here }\n`)
    writeFileSync(folder.file('other.yaml'), `${tuya}mqtt: { instance: there }\n`)
    expect(loadConfig({ directory: folder.path, env: {} }).config.mqtt.instance).toBe('here')
    const file = folder.file('other.yaml')
    expect(loadConfig({ file, directory: folder.path, env: {} }).config.mqtt.instance).toBe('there')
  })

  it('lets the environment win over the file, key by key and by type', () => {
    const { config } = load(`${tuya}mqtt: { instance: file, base: kept }\n`, {
      DP2MQTT_MQTT_INSTANCE: 'env',
      DP2MQTT_TUYA_HOMES: '1, 2',
      DP2MQTT_BUDGET_CLOUD_CALLS_PER_DAY: '500',
      DP2MQTT_PUBLISH_VIEWS: 'false',
      DP2MQTT_OVERRIDES: '{"p1":{"cur_voltage":{"scale":1}}}',
      DP2MQTT_MQTT_URL: 'mqtt://broker.example',
    })
    expect(config.mqtt).toMatchObject({ instance: 'env', base: 'kept', url: 'mqtt://broker.example' })
    expect(config.tuya?.homes).toEqual(['1', '2'])
    expect(config.budget.cloudCallsPerDay).toBe(500)
    expect(config.publish.views).toBe(false)
    expect(config.overrides).toEqual({ p1: { cur_voltage: { scale: 1 } } })
  })

  it('names the variable of a key by its path in upper snake case', () => {
    expect(variableOf('tuya.accessSecret')).toBe('DP2MQTT_TUYA_ACCESS_SECRET')
    expect(variableOf('budget.cloudCallsPerDay')).toBe('DP2MQTT_BUDGET_CLOUD_CALLS_PER_DAY')
  })
})

describe('secrets', () => {
  it('wraps every secret before anything can print it', () => {
    const { config, secrets } = load(`${tuya}broker: { users: [{ name: u, password: ${secret}-2 }] }\n`, {
      DP2MQTT_MQTT_PASSWORD: `${secret}-3`,
    })
    expect(secrets.map((one) => one.reveal())).toEqual(
      expect.arrayContaining([secret, `${secret}-2`, `${secret}-3`]),
    )
    for (const printed of [
      JSON.stringify(config),
      inspect(config, { depth: 9 }),
      `${config.tuya?.accessSecret}`,
    ]) {
      expect(printed).not.toContain(secret)
    }
    expect(config.tuya?.accessSecret?.reveal()).toBe(secret)
  })

  it('reads a secret from a file, in the file and in the environment', () => {
    using folder = new Folder()
    writeFileSync(folder.file('s'), `${secret}\n`, { mode: 0o600 })
    const byKey = load(`tuya: { accessId: a, accessSecretFile: ${folder.file('s')} }\n`)
    const byVariable = load('tuya: { accessId: a }\n', { DP2MQTT_TUYA_ACCESS_SECRET_FILE: folder.file('s') })
    for (const { config, warnings } of [byKey, byVariable]) {
      expect(config.tuya?.accessSecret?.reveal()).toBe(secret)
      expect(warnings).toEqual([])
    }
  })

  it('warns of a secret file that everyone may read, and refuses an empty or missing one', () => {
    using folder = new Folder()
    writeFileSync(folder.file('open'), secret)
    chmodSync(folder.file('open'), 0o644)
    writeFileSync(folder.file('empty'), '\n', { mode: 0o600 })
    const warned = load(`tuya: { accessId: a, accessSecretFile: ${folder.file('open')} }\n`)
    expect(warned.warnings.join()).toContain(folder.file('open'))
    for (const name of ['empty', 'missing']) {
      const faults = faultsOf(`tuya: { accessId: a, accessSecretFile: ${folder.file(name)} }\n`)
      expect(faults[0]?.path).toBe('tuya.accessSecretFile')
    }
  })

  it('takes credentials out of the broker URL, so that it may be shown', () => {
    const { config, secrets } = load(
      `${tuya}mqtt: { url: "mqtt://user:p%40ss-${secret}@broker.example:1883" }\n`,
    )
    expect(config.mqtt.url).toBe('mqtt://broker.example:1883')
    expect(config.mqtt.username).toBe('user')
    expect(config.mqtt.password?.reveal()).toBe(`p@ss-${secret}`)
    expect(secrets).toHaveLength(2)
  })

  it('knows the files of certificates by their content, and refuses what is none', () => {
    using folder = new Folder()
    const file = folder.file('ca.pem')
    const of = (text: string) => {
      writeFileSync(file, text)
      return load(`${tuya}mqtt: { tls: { ca: ${file} } }`).files.get('mqtt.tls.ca')
    }
    const { certPem } = makeCertificate()
    const first = of(certPem)
    expect([first, of(`${certPem}\n`) === first]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), false])
    for (const text of ['', 'no certificate', '-----BEGIN CERTIFICATE-----\nxxxx\n-----END CERTIFICATE-----'])
      expect(() => of(text), text).toThrow('mqtt.tls.ca')
    expect(faultsOf(`${tuya}mqtt: { tls: { ca: ${file}, key: ${file}, cert: /nowhere } }`)).toMatchObject([
      { path: 'mqtt.tls.ca' },
      { path: 'mqtt.tls.cert', message: '/nowhere cannot be read (ENOENT).' },
      { path: 'mqtt.tls.key' },
    ])
  })

  it('refuses a secret that is given twice', () => {
    expect(faultsOf(`tuya: { accessId: a, accessSecret: x, accessSecretFile: /x }\n`)[0]?.path).toBe(
      'tuya.accessSecret',
    )
  })
})

describe('faults', () => {
  it('lists every fault at once, each with its path and a hint', () => {
    const faults = faultsOf(
      `tuya: { accesId: a }\nmqtt: { bsae: x, protocolVersion: 3 }\nbudget: { cloudCallsPerDay: 0 }\n`,
      {
        DP2MQTT_MQTT_PASWORD: 'x',
      },
    )
    expect(faults.map(({ path }) => path).sort()).toEqual(
      [
        'DP2MQTT_MQTT_PASWORD',
        'budget.cloudCallsPerDay',
        'mqtt.bsae',
        'mqtt.protocolVersion',
        'tuya.accesId',
        'tuya.accessId',
      ].sort(),
    )
    expect(faults.find(({ path }) => path === 'tuya.accesId')?.hint).toContain('accessId')
    expect(faults.find(({ path }) => path === 'DP2MQTT_MQTT_PASWORD')?.hint).toContain(
      'DP2MQTT_MQTT_PASSWORD',
    )
    for (const { hint } of faults) expect(hint).not.toBe('')
  })

  it('takes path prefixes for requests of one’s own, and nothing looser', () => {
    const raw = (value: string) => faultsOf(`${tuya}operations: { raw: ${value} }\n`)
    for (const fine of ['false', '[]', '[/v2.0/cloud/thing/, /v1.0/devices]']) expect(raw(fine)).toEqual([])
    expect(raw('true')).toMatchObject([{ path: 'operations.raw', hint: expect.stringContaining('/v2.0/') }])
    for (const loose of ['/', '""', '/v1.0/../', '"https://x/v1.0/"', '/v1.0/%2e', '"/v1.0/*"'])
      expect(raw(`[/v1.0/, ${loose}]`), loose).toMatchObject([{ path: 'operations.raw.1' }])
  })

  it('takes classes and single operations as allowed, and says what it does not know', () => {
    const allow = (...names: string[]) => faultsOf(`${tuya}operations: { allow: [${names.join(', ')}] }\n`)
    expect(allow('config', 'lock', 'scene-delete', 'device-factory-infos')).toEqual([])
    expect(allow('config', 'destructiv')).toMatchObject([
      { path: 'operations.allow.1', hint: expect.stringContaining('destructive') },
    ])
    expect(allow('scene-delet')).toMatchObject([{ hint: expect.stringContaining('scene-delete') }])
    for (const name of ['never', 'token-get', 'app-login']) {
      expect(allow(name)).toMatchObject([
        { path: 'operations.allow.0', message: expect.stringContaining('never called over MQTT') },
      ])
    }
  })

  it('never quotes a secret, also not from a file that is no YAML', () => {
    const texts = [
      `tuya: { accessId: a, accessSecret: "${secret}" \n  broken: [`,
      `tuya:\n  accessSecret: ${secret}\n\taccessId: tab`,
      `tuya: { accessId: 5, accessSecret: { nested: ${secret} } }`,
      `tuya: { accessId: a, accessSecret: [${secret}] }`,
    ]
    for (const text of texts) {
      const faults = faultsOf(text)
      expect(faults.length, text).toBeGreaterThan(0)
      expect(JSON.stringify(faults)).not.toContain(secret)
    }
  })

  it('says what is missing when there is a broker but no cloud project', () => {
    expect(faultsOf('mqtt: { url: "mqtt://broker.example" }\n').map(({ path }) => path)).toEqual(['tuya'])
    expect(faultsOf('tuya: { accessId: a }\n').map(({ path }) => path)).toEqual(['tuya.accessSecret'])
  })

  it('attack 24: refuses to listen off loopback without users, and without TLS unless that is said', () => {
    const open = faultsOf(`${tuya}broker: { host: 0.0.0.0 }\n`).map(({ path }) => path)
    expect(open).toEqual(['broker.users', 'broker.tls'])
    const users = 'users: [{ name: a, password: b }]'
    expect(faultsOf(`${tuya}broker: { host: 192.168.1.2, ${users} }\n`).map(({ path }) => path)).toEqual([
      'broker.tls',
    ])
    expect(faultsOf(`${tuya}broker: { host: 192.168.1.2, ${users}, allowPlaintext: true }\n`)).toEqual([])
    expect(faultsOf(`${tuya}broker: { host: "::1" }\n`)).toEqual([])
  })

  it('refuses plain http to another machine, two users of one name, and a user without password', () => {
    const at = (yaml: string) => faultsOf(tuya + yaml).map(({ path }) => path)
    expect(
      faultsOf('tuya: { accessId: a, accessSecret: b, endpoint: "http://openapi.example" }\n')[0]?.path,
    ).toBe('tuya.endpoint')
    expect(faultsOf('tuya: { accessId: a, accessSecret: b, endpoint: "http://127.0.0.1:9" }\n')).toEqual([])
    expect(at('broker: { users: [{ name: a, password: x }, { name: a, password: y }] }\n')).toEqual([
      'broker.users.1.name',
    ])
    expect(at('broker: { users: [{ name: a }] }\n')).toEqual(['broker.users.0.password'])
    expect(at('mqtt: { base: tuya/cabin, oldBase: tuya }\n')).toEqual(['mqtt.oldBase'])
  })

  it('refuses the tree of tuya-mqtt within our own or around it, where it is on', () => {
    const at = (yaml: string) => faultsOf(tuya + yaml).map(({ path }) => path)
    expect(at('tuyaMqtt: { enabled: true, base: tuya }\n')).toEqual(['tuyaMqtt.base'])
    expect(at('tuyaMqtt: { enabled: true, base: tuya/old }\n')).toEqual(['tuyaMqtt.base'])
    expect(at('tuyaMqtt: { enabled: true, base: tuya }\nmqtt: { base: tuya/cabin }\n')).toEqual([
      'tuyaMqtt.base',
    ])
    expect(at('tuyaMqtt: { enabled: true, base: tuya }\nmqtt: { base: dp2mqtt }\n')).toEqual([])
    expect(at('tuyaMqtt: { base: tuya }\n')).toEqual([])
    expect(at('tuyaMqtt: { enabled: true }\n')).toEqual([])
  })

  it('the page has one password at most, and a hash is one', () => {
    const at = (http: string) => faultsOf(`${tuya}http: ${http}\n`).map(({ path }) => path)
    const hash = `scrypt$16384$8$1$${'A'.repeat(22)}==$${'A'.repeat(43)}=`
    expect(at('{ password: word }')).toEqual([])
    expect(at(`{ passwordHash: '${hash}' }`)).toEqual([])
    expect(at('{ passwordHash: word }')).toEqual(['http.passwordHash'])
    expect(at(`{ password: word, passwordHash: '${hash}' }`)).toEqual(['http.passwordHash'])
  })

  it('refuses a queue over plain ws to another machine, and the Open Hub of nobody', () => {
    const at = (queue: string, more = '') =>
      faultsOf(`tuya: { accessId: a, accessSecret: b${more} }\nqueue: { ${queue} }\n`).map(({ path }) => path)
    expect(at('url: "ws://queue.example:8285/"')).toEqual(['queue.url'])
    expect(at('url: "ws://192.168.1.2:8285/"')).toEqual(['queue.url'])
    expect(at('url: "ws://127.0.0.1:8285/"')).toEqual([])
    expect(at('url: "ws://[::1]:8285/"')).toEqual([])
    expect(at('url: "wss://queue.example:8285/"')).toEqual([])
    expect(at('url: "WS://queue.example:8285/"')).toEqual(['queue.url'])
    expect(at('url: "https://queue.example/"')).toEqual(['queue.url'])
    expect(at('channel: openhub')).toEqual(['tuya.uid'])
    expect(at('channel: openhub', ', uid: u1')).toEqual([])
    expect(at('channel: mqtt')).toEqual(['queue.channel'])
  })

  it('survives files that are no configuration at all', () => {
    const texts = [
      '- a\n- b\n',
      'just text',
      '"',
      'a: &x [*x]',
      '{a: 1, a: 2}',
      'x: '.repeat(50_000),
      '['.repeat(5_000),
      '__proto__: { a: 1 }',
    ]
    for (const text of texts) expect(faultsOf(text).length, text.slice(0, 20)).toBeGreaterThan(0)
  })
})

/** A value that the schema of a key cannot take, for each way in which it could be wrong. */
function wrongValues(schema: ReturnType<typeof readConfigSchema>): unknown[] {
  const types = [schema.type ?? []].flat()
  const wrong: unknown[] = [{ surprise: 1 }]
  if (!types.includes('array')) wrong.push([[]])
  if (!types.includes('number') && !types.includes('integer')) wrong.push(3.25)
  if (!types.includes('boolean')) wrong.push(true)
  if (!types.includes('string')) wrong.push('not this')
  if (schema.enum) wrong.push('no-such-word')
  if (schema.minimum !== undefined) wrong.push(schema.minimum - 1)
  if (schema.maximum !== undefined) wrong.push(schema.maximum + 1)
  if (schema.pattern) wrong.push('§§ no §§')
  return wrong
}

it('P8: every invalid value of every key is refused with the path of that key', () => {
  let variants = 0
  for (const { path, schema } of leaves(readConfigSchema())) {
    if (path === 'overrides' || path === 'route.devices') continue
    for (const value of wrongValues(schema)) {
      const base = path.startsWith('tuya.') ? {} : { tuya: { accessId: 'a', accessSecret: 'b' } }
      const faults = faultsOf(JSON.stringify({ ...base, ...nested(path.split('.'), value) }))
      expect(
        faults.some((fault) => fault.path.startsWith(path)),
        `${path} = ${JSON.stringify(value)} gave ${JSON.stringify(faults)}`,
      ).toBe(true)
      variants++
    }
  }
  expect(variants).toBeGreaterThan(200)
})

function nested([first = '', ...rest]: readonly string[], value: unknown): object {
  return { [first]: rest.reduceRight((inner, key) => ({ [key]: inner }), value) }
}

it('variables of nobody are refused, those of other programs are none of our business', () => {
  expect(faultsOf(tuya, { DP2MQTT_NOSUCH: '1' })[0]?.path).toBe('DP2MQTT_NOSUCH')
  expect(faultsOf(tuya, { PATH: '/bin', OTHER: 'x' })).toEqual([])
  expect(loadConfig({ directory: '/nonexistent', env: project }).config.tuya?.accessId).toBe('id')
})
