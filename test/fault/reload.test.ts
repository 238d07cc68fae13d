import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { canaries, expectNoCanary } from '../support/canary.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { Folder } from '../support/folder.ts'
import { becomesReady, install, startCloud } from '../support/installation.ts'
import { Program } from '../support/process.ts'
import { until } from '../support/until.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const lampView = `tuya/state/device/${lamp}/view/colour_data_v2/hsv`

/** A program with a broker and a cloud of the test's own, and all its settings in a file. */
async function installation(
  script: ConstructorParameters<typeof FakeBroker>[0] = {},
  faults: readonly string[] = [],
) {
  const folder = new Folder()
  const broker = await FakeBroker.open(script)
  const cloud = await startCloud({ faults: ['throttle=1000', ...faults] })
  const { http } = await install()
  writeFileSync(folder.file('secret'), `${canaries.accessSecret}\n`, { mode: 0o600 })
  writeFileSync(folder.file('password'), canaries.mqttPassword, { mode: 0o600 })
  const write = (more = '') =>
    writeFileSync(
      folder.file('dp2mqtt.yaml'),
      `tuya:
  accessId: ${cloud.address.cloud.accessId}
  accessSecretFile: ${folder.file('secret')}
  endpoint: ${cloud.address.cloud.endpoint}
mqtt: { url: '${broker.url}', username: bridge, passwordFile: ${folder.file('password')} }
http: { port: ${http} }
state: { directory: ${folder.file('state')} }
budget: { cloudCallsPerDay: 100000 }
bridge: { remoteAdmin: true }
${more}`,
    )
  return {
    folder,
    broker,
    cloud,
    http,
    write,
    async [Symbol.asyncDispose]() {
      await cloud[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

/** What would show that a link was made again. */
function traces({ broker, cloud }: Awaited<ReturnType<typeof installation>>) {
  return {
    connects: broker.connects.length,
    tokens: cloud.journal.entries('request', 'token-get').length,
  }
}

it('P9: a bad reload keeps the old configuration, a good one puts the new in force; no link is touched', async () => {
  await using at = await installation()
  const { broker, folder, http, write } = at
  write()
  await using program = new Program({ cwd: folder.path })
  await becomesReady(http)
  await until(() => broker.stored.has(lampView), 20_000, 'the view')
  const before = traces(at)
  const kept = new Map(broker.stored)

  write('publish: { views: maybe }\nlog: { level: loud }\nnames: mirorr\npublsh: {}')
  program.child.kill('SIGHUP')
  await until(() => broker.on('tuya/bridge/error').length > 0, 20_000, 'the error')
  const error = JSON.parse(broker.on('tuya/bridge/error')[0] as string)
  expect(error).toMatchObject({
    reason: 'bridge/config',
    message: 'The configuration has 4 faults; the one of before stays in force.',
  })
  expect(error.details.map(({ path }: { path: string }) => path).sort()).toEqual([
    'log.level',
    'names',
    'publish.views',
    'publsh',
  ])
  for (const path of ['publish.views', 'log.level', 'names', 'publsh']) expect(program.err).toContain(path)
  await works(broker, 'bad')
  expect(broker.stored.get(lampView)).toBe(kept.get(lampView))
  expect(traces(at)).toEqual(before)

  write(`publish: { views: false }\nlog: { level: debug }\nstate: { directory: ${folder.file('other')} }`)
  const faulty = program.err.length
  program.child.kill('SIGHUP')
  // A key that is there twice is a fault too.
  await until(() => program.err.slice(faulty).includes('DUPLICATE_KEY'), 20_000, 'the fault')
  expect(broker.stored.has(lampView)).toBe(true)

  write('publish: { views: false }\nlog: { level: debug }\nlan: { enabled: false }')
  program.child.kill('SIGHUP')
  await program.says('the configuration was read anew')
  await until(() => !broker.stored.has(lampView), 20_000, 'the end of the view')
  expect(program.err).toContain('"live":["log.level","publish.views"]')
  expect(program.err).toContain('"restart":["lan.enabled"]')
  const quiet = program.err.length
  await works(broker, 'good')
  await until(() => program.err.slice(quiet).includes('"level":20'), 20_000, 'a line of debug')
  expect(traces(at)).toEqual(before)
  expect(program.child.exitCode).toBeNull()
  expect((await program.end()).code).toBe(0)
  expectNoCanary([program.out, program.err], 'the log')
}, 120_000)

it('P9: secrets are rotated while commands are on their way: each has its one answer, and no secret is told', async () => {
  const told = { password: canaries.mqttPassword as string }
  const connack = ({ password }: { password?: Buffer }) => (password?.toString() === told.password ? 0 : 0x86)
  await using at = await installation({ connack } as never, ['latency=400'])
  const { broker, cloud, folder, http, write } = at
  write()
  await using program = new Program({ cwd: folder.path })
  await becomesReady(http)
  const finals = () =>
    [...broker.on(`tuya/result/device/${lamp}`), ...broker.on('tuya/result/op/device-status')]
      .map((text) => JSON.parse(text) as { id: string; state: string; reason?: string })
      .filter(({ id }) => id?.startsWith('c'))
  let sent = 0
  const isUp = () =>
    broker.connects.length === ups && broker.subscribed.some(({ topic }) => topic === 'tuya/cmd/#')
  let ups = broker.connects.length
  const send = () => {
    const id = `c${sent++}`
    if (sent % 3 > 0)
      broker.say(`tuya/cmd/device/${lamp}`, JSON.stringify({ dp: { bright_value_v2: 100 + sent }, id }))
    else broker.say('tuya/cmd/op/device-status', JSON.stringify({ params: { device_id: lamp }, id }))
  }
  const burst = async (count: number) => {
    for (let i = 0; i < count; i++) {
      send()
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
  }
  expect(isUp()).toBe(true)

  // The cloud's secret: the project takes the new one from now on, the file has it, and calls are under way.
  const secret = 'canary-rotated-secret-51d0'
  const burstOfSecret = burst(60)
  await new Promise((resolve) => setTimeout(resolve, 200))
  writeFileSync(folder.file('secret'), secret, { mode: 0o600 })
  Object.assign(cloud.world.project, { accessSecret: secret })
  program.child.kill('SIGHUP')
  await program.says('"link":["tuya.accessSecret"]')
  await burstOfSecret
  await until(() => finals().length === sent, 30_000, `${sent} answers`)
  expect(broker.connects).toHaveLength(ups)

  // The broker's password: the connection is another one, and what was accepted before is answered on it.
  const answered = finals().length
  send()
  send()
  // What is not read yet when the connection ends was never accepted; the cloud takes its time for what was.
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(finals()).toHaveLength(answered)
  const password = 'canary-rotated-password-8e'
  told.password = password
  writeFileSync(folder.file('password'), password, { mode: 0o600 })
  program.child.kill('SIGHUP')
  await program.says('"link":["mqtt.password"]')
  await until(() => broker.connects.length > ups, 20_000, 'the new connection')
  await becomesReady(http)
  await until(() => finals().length === sent, 30_000, `${sent} answers`)
  ups = broker.connects.length
  await burst(10)
  await until(() => finals().length === sent, 30_000, `${sent} answers`)
  expect(new Set(finals().map(({ id }) => id)).size).toBe(sent)
  const wrong = finals().filter(({ state }) => state !== 'confirmed' && state !== 'superseded')
  expect(wrong).toEqual([])
  expect(broker.connects.at(-1)?.password?.toString()).toBe(password)
  expect((await program.end()).code).toBe(0)
  expectNoCanary([program.out, program.err], 'the log', [...Object.values(canaries), secret, password])
  const texts = broker.published.map(({ topic, payload }) => `${topic} ${payload}`)
  expectNoCanary(texts, 'a topic', [...Object.values(canaries), secret, password])
}, 120_000)

it('another broker: everything is said there, and the one that is left says that nobody is online', async () => {
  await using at = await installation()
  const { broker, cloud, folder, http, write } = at
  await using other = await FakeBroker.open()
  write()
  await using program = new Program({ cwd: folder.path })
  await becomesReady(http)
  const topics = [...broker.stored.keys()].filter((topic) => topic.includes('/device/'))
  const tokens = cloud.journal.entries('request', 'token-get').length
  const before = readFileSync(folder.file('dp2mqtt.yaml'), 'utf8')
  writeFileSync(folder.file('dp2mqtt.yaml'), before.replace(broker.url, other.url))
  // What an earlier bridge left there goes, as at a start.
  other.say('tuya/state/device/bfgone/availability', 'online', { retain: true, qos: 1 })
  other.say(lampView, 'old', { retain: true, qos: 1 })
  program.child.kill('SIGHUP')
  await program.says('"link":["mqtt.url"]')
  await until(
    () => topics.every((topic) => other.stored.has(topic)),
    20_000,
    'everything on the other broker',
  )
  expect(other.stored.get('tuya/bridge/state')).toBe('online')
  expect(other.stored.get(lampView)).not.toBe('old')
  await until(() => broker.stored.get('tuya/bridge/state') === 'offline', 20_000, 'the Will')
  await works(other, 'moved')
  expect(cloud.journal.entries('request', 'token-get')).toHaveLength(tokens)
  expect((await program.end()).code).toBe(0)
}, 120_000)

it('what waits for a restart is in force after it; a configuration with a fault is not', async () => {
  await using at = await installation()
  const { broker, folder, http, write } = at
  write()
  await using program = new Program({ cwd: folder.path })
  await becomesReady(http)
  const runs = () => new Set(broker.on('tuya/bridge/info').map((text) => JSON.parse(text).run))
  const restart = async (instance: string) => {
    const before = runs().size
    broker.say('tuya/cmd/bridge/restart', '1')
    await until(() => runs().size > before, 30_000, 'the next run')
    await becomesReady(http)
    expect(JSON.parse(broker.on('tuya/bridge/info').at(-1) ?? '{}')).toMatchObject({ instance })
  }
  const text = readFileSync(folder.file('dp2mqtt.yaml'), 'utf8')
  writeFileSync(
    folder.file('dp2mqtt.yaml'),
    text.replace('username: bridge', 'username: bridge, instance: other'),
  )
  program.child.kill('SIGHUP')
  await program.says('"restart":["mqtt.instance"]')
  await works(broker, 'before')
  expect(broker.connects.at(-1)?.clientId).toBe('dp2mqtt-main')
  await restart('other')
  expect(broker.connects.at(-1)?.clientId).toBe('dp2mqtt-other')
  writeFileSync(folder.file('dp2mqtt.yaml'), 'nonsense: 1')
  await restart('other')
  expect(program.err).toContain('nonsense')
  await works(broker, 'after')
  expect((await program.end()).code).toBe(0)
}, 120_000)

/** A command is carried out. */
async function works(broker: FakeBroker, id: string): Promise<void> {
  broker.say(`tuya/cmd/device/${lamp}`, JSON.stringify({ dp: { switch_led: true }, id }))
  const answer = () => broker.on(`tuya/result/device/${lamp}`).find((text) => text.includes(`"id":"${id}"`))
  expect(JSON.parse(await until(answer, 20_000, 'an answer'))).toMatchObject({ state: 'confirmed' })
}
