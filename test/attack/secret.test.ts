import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/app/config.ts'
import { memoryDisk } from '../../src/app/demo.ts'
import { Secret } from '../../src/util/secret.ts'
import { canaries, expectNoCanary } from '../support/canary.ts'
import { Folder } from '../support/folder.ts'
import { House } from '../support/house.ts'
import { freePort, Program } from '../support/process.ts'
import { until } from '../support/until.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

it('attack 20: after a run through every error that we know, no secret stands in log, topics, pages or snapshot', async () => {
  const disk = memoryDisk()
  const saved: string[] = []
  const write = disk.write.bind(disk)
  const user = (name: string, role: string) => ({
    name,
    role,
    password: new Secret(canaries.mqttPassword),
    read: [],
    write: [],
  })
  await using house = await (
    await House.open({
      disk: {
        ...disk,
        write: (path, data) => {
          saved.push(data)
          return write(path, data)
        },
      },
      config: {
        broker: { users: [user('anna', 'administrator'), user('dora', 'dashboard')] },
        commands: { clearRetained: true },
        bridge: { remoteAdmin: true },
      } as never,
    })
  ).ready()
  const as = (username: string, password: string = canaries.mqttPassword) => ({ username, password })
  const client = await house.client(as('anna'))
  client.on('message', (topic, payload, { retain }) =>
    house.seen.push({ topic, payload: payload.toString(), retain }),
  )
  await client.subscribeAsync(['tuya/#', '$SYS/#'], { qos: 1 })

  const { faults, world } = house.simulator
  let asked = 0
  const ask = (topic: string, payload: string | object) => {
    asked++
    return house.publish(
      client,
      `cmd/${topic}`,
      typeof payload === 'string' ? payload : JSON.stringify(payload),
    )
  }
  const answered = () =>
    until(
      () => house.seen.filter(({ topic }) => topic.startsWith('tuya/result/')).length >= asked,
      20_000,
      'the answers',
    )

  // What is refused before it is called, and what the cloud answers in full.
  await ask(`device/${lamp}/dp/work_mode`, 'x')
  await ask(`device/${lamp}`, { dp: { bright_value_v2: 'x' }, id: 'a-1' })
  await ask('device/x/y', '{')
  await ask('op/device-get', { params: { device_id: lamp, unknown: 1 } })
  await ask('op/token-get', { params: { grant_type: 1 } })
  await ask('op/device-get', { params: { device_id: lamp } })
  await ask('op/associated-devices', { params: { size: 20 } })
  await ask('op/home-devices', { params: { home_id: 3182004 } })
  await ask('bridge/resync', { scope: 'home', id: '3182004' })
  await ask('bridge/log_level', { level: 'trace', minutes: 1 })
  await ask('bridge/republish', '1')
  await answered()

  // Everything that the cloud can say or do; those at the end close the way to it.
  const troubles = [2001, 2008, 7_777_777, 28_841_105, 1106].map((code) => `error=*:${code}`)
  troubles.push(
    'garbage=truncated',
    'garbage=html',
    'garbage=gzip',
    'garbage=number',
    'redirect=http://127.0.0.1:9/',
  )
  troubles.push(
    'http=401',
    'http=502',
    'reset=1',
    'error=*:500',
    'error=*:1013',
    'error=*:1199',
    'error=*:1010',
  )
  troubles.push('error=*:1004', 'error=*:28841004')
  const commands = [{ code: 'switch_1', value: true }]
  for (const [i, trouble] of troubles.entries()) {
    faults.set(trouble)
    const device_id = [...world.devices.keys()][i % world.devices.size]
    await ask('op/device-get', { params: { device_id } })
    await ask('op/device-commands', { params: { device_id, commands } })
    await answered()
    faults.clear('error', 'garbage', 'redirect', 'http', 'reset')
  }
  const codes = new Set(house.simulator.journal.entries('request').map(({ detail }) => detail['code']))
  for (const code of [2001, 2008, 7_777_777, 28_841_105, 1106]) expect(codes).toContain(code)
  expect(house.simulator.journal.entries('request', 'fault').length).toBeGreaterThan(4)
  world.rename(lamp, 'Renamed')
  world.setOnline(lamp, false)

  // And what strangers can do to the broker and the pages.
  for (const options of [as('anna', 'guess'), as('eve', canaries.accessSecret), {}])
    await house.client(options).catch(() => {})
  const dora = await house.client(as('dora')).catch(() => undefined)
  for (let i = 0; i < 12 && dora?.connected; i++) dora.publish('tuya/cmd/bridge/ping', '1', { qos: 1 })
  for (const path of ['/nothing', '/metrics', '/readyz'])
    await fetch(house.httpUrl + path, { method: 'POST' }).catch(() => {})
  await house.quiet()
  await house.bridge[Symbol.asyncDispose]()

  expect(house.logLines.length).toBeGreaterThan(10)
  expect(house.seen.length).toBeGreaterThan(200)
  expect(saved.length).toBeGreaterThan(0)
  expectNoCanary(saved, 'the snapshot')
  // The house looks through the rest at its end.
}, 60_000)

describe('attack 21: secrets that lie about', () => {
  const yaml = `tuya:\n  accessId: abc\n  accessSecret: ${canaries.accessSecret}\n`

  it('a configuration that everyone may read is told of when secrets stand in it', () => {
    using folder = new Folder()
    const file = folder.file('dp2mqtt.yaml')
    writeFileSync(file, yaml, { mode: 0o600 })
    const load = () => loadConfig({ file, directory: folder.path, env: {} }).warnings
    expect(load()).toEqual([])
    chmodSync(file, 0o644)
    expect(load()).toEqual([expect.stringContaining('chmod 600')])
    expectNoCanary(load(), 'the warning')
    writeFileSync(file, 'tuya:\n  accessId: abc\n  accessSecretFile: secret\n')
    writeFileSync(folder.file('secret'), canaries.accessSecret, { mode: 0o600 })
    const named = () =>
      loadConfig({
        file,
        directory: folder.path,
        env: { DP2MQTT_TUYA_ACCESS_SECRET_FILE: folder.file('secret') },
      }).warnings
    expect(named()).toEqual([])
    chmodSync(folder.file('secret'), 0o604)
    expect(named()).toEqual([expect.stringContaining(folder.file('secret'))])
    writeFileSync(file, `${yaml}mqtt:\n  url: mqtt://me:${canaries.localKey.replace(/\W/g, '')}@127.0.0.1\n`)
    expect(load()).toHaveLength(1)
  })

  it('neither the arguments of the process nor what it says of itself hold one', async () => {
    using folder = new Folder()
    const [broker, http] = [await freePort(), await freePort()]
    writeFileSync(folder.file('dp2mqtt.yaml'), yaml, { mode: 0o644 })
    await using program = new Program({
      cwd: folder.path,
      env: {
        DP2MQTT_BROKER_PORT: String(broker),
        DP2MQTT_HTTP_PORT: String(http),
        DP2MQTT_TUYA_ENDPOINT: 'http://127.0.0.1:9',
        DP2MQTT_MQTT_PASSWORD: canaries.mqttPassword,
        DP2MQTT_LOG_LEVEL: 'trace',
      },
    })
    await program.says('the bridge runs')
    await program.says('chmod 600')
    const pages = await Promise.all(
      ['/readyz', '/metrics'].map((page) =>
        fetch(`http://127.0.0.1:${http}${page}`).then((reply) => reply.text()),
      ),
    )
    expectNoCanary(pages, 'a page')
    expectNoCanary(program.child.spawnargs, 'the arguments')
    expectNoCanary([program.out, program.err], 'the output')
    expectNoCanary([safeRead(`/proc/${program.child.pid}/cmdline`)], 'the list of processes')
  })

  it('no command takes a secret as an argument', async () => {
    await using hash = new Program({ args: ['hash', canaries.mqttPassword] })
    expect((await hash.exited).code).not.toBe(0)
    expectNoCanary([hash.out, hash.err], 'the output')
    const folder = new URL('../../src/cli/', import.meta.url)
    const words = readdirSync(folder).flatMap((name) => {
      const source = readFileSync(new URL(name, folder), 'utf8')
      return [...source.matchAll(/\.(?:option|requiredOption|argument)\('([^']+)'/g)].map(
        ([, word = '']) => word,
      )
    })
    expect(words.length).toBeGreaterThan(5)
    expect(words.filter((word) => /secret|password|token|key/i.test(word))).toEqual([])
  })
})

/** Where the system tells such things. */
function safeRead(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
