import assert from 'node:assert/strict'
import mqtt, { type MqttClient } from 'mqtt'
import type { Court } from '../court.ts'
import { askFrom } from './ask.ts'
import { type BrokerPlace, Mosquitto, passwordOf, type Role } from './broker.ts'
import { Observer } from './observer.ts'
import { lamp } from './point.ts'
import { named, Rig, type Version, versions } from './rig.ts'

const notAuthorized = 0x87

interface Rights {
  /** Second levels, or whole topics below the base, that a subscriber to everything sees. */
  readonly sees: readonly RegExp[]
  readonly writes: readonly string[]
  readonly mayNot: readonly string[]
}

const shown = [/^(state|meta)\//, /^bridge\/(state|info|health)$/]
const commands = [
  `cmd/device/${lamp}/dp/bright_value_v2`,
  'cmd/scene/53IYSXI3gEn2w3Oc/trigger',
  'cmd/automation/x/enabled',
]
const special = ['cmd/op/device-status', 'cmd/bridge/ping', 'cmd/named/device/desk_lamp/dp/switch_led']
/** What nobody but the bridge may say. */
const forged = [
  `state/device/${lamp}/dp/switch_led`,
  'bridge/state',
  `result/device/${lamp}`,
  'meta/index/devices',
  'reply/else',
]

const rights: Readonly<Record<Exclude<Role, 'bridge'>, Rights>> = {
  dashboard: { sees: shown, writes: [], mayNot: [...commands, ...special, ...forged] },
  controller: { sees: [...shown, /^result\//], writes: commands, mayNot: [...special, ...forged] },
  administrator: {
    sees: [...shown, /^(result|bridge|event|cmd|reply)\//],
    writes: [...commands, ...special],
    mayNot: forged,
  },
}

/** Every role of mosquitto.acl, what it may and what it may not, from clients of both versions. */
export async function judgeRights(court: Court): Promise<void> {
  await using broker = await Mosquitto.start({ ours: {} })
  await using rig = await Rig.open({ broker: broker.place, version: 5 })
  await rig.ready()
  for (const version of versions) {
    for (const [role, may] of Object.entries(rights) as [Exclude<Role, 'bridge'>, Rights][]) {
      const at = (name: string) => `mosquitto.acl, ${role} on ${named(version)}: ${name}`
      await court.check(at('a subscription to everything shows what is allowed and nothing else'), () =>
        reads(rig, role, may, version),
      )
      await court.check(at('what it may publish arrives, what it may not is refused'), () =>
        writes(rig, role, may, version),
      )
    }
    await court.check(`mosquitto.acl on ${named(version)}: an answer to one user is seen by no other`, () =>
      answersArePrivate(rig, version),
    )
    await court.check(
      `mosquitto.acl on ${named(version)}: a Will on a forbidden topic is not delivered`,
      () => willsAreChecked(rig, version),
    )
    await court.check(`mosquitto.conf on ${named(version)}: no user and a wrong password are refused`, () =>
      strangersStayOut(broker.place, version),
    )
  }
}

/** Something happens on every branch of the tree, and a subscriber with all wildcards looks on. */
async function reads(rig: Rig, role: Role, { sees }: Rights, version: Version): Promise<void> {
  const client = await rig.client(role, version)
  const observer = new Observer(client)
  await client.subscribeAsync(['#', '$SYS/#'], { qos: 1 })
  const administrator = await rig.client('administrator', 5)
  await askFrom(administrator, 'administrator', 'cmd/bridge/ping', {})
  await administrator.publishAsync(`tuya/cmd/device/${lamp}/dp/swich_led`, 'true', { qos: 1 })
  await administrator.publishAsync(`tuya/cmd/device/${lamp}/dp/switch_led`, 'true', { qos: 1, retain: true })
  await observer.quiet()
  const topics = [...new Set(observer.seen.map(({ topic }) => topic))]
  const hidden = topics.filter((topic) => !sees.some((pattern) => pattern.test(topic.replace(/^tuya\//, ''))))
  assert.deepEqual(hidden, [])
  for (const pattern of sees.filter(({ source }) => !/event|cmd/.test(source)))
    assert.ok(
      topics.some((topic) => pattern.test(topic.replace(/^tuya\//, ''))),
      `${pattern} shows nothing`,
    )
}

async function writes(
  rig: Rig,
  role: Role,
  { writes: allowed, mayNot }: Rights,
  version: Version,
): Promise<void> {
  const client = await rig.client(role, version)
  const everything = await rig.client('bridge', 5)
  const observer = new Observer(everything)
  await everything.subscribeAsync('tuya/#', { qos: 1 })
  await observer.quiet()
  const marked = (topic: string) => `${role}-${version}-${topic.length}`
  for (const topic of [...allowed, `reply/${role}/x`]) {
    assert.equal(await publish(client, topic, marked(topic)), undefined, topic)
    await rig.until(() => observer.on(topic).some(({ payload }) => payload === marked(topic)), 3_000, topic)
  }
  for (const topic of mayNot) {
    const code = await publish(client, topic, marked(topic))
    // Over 3.1.1 there is no word for a refusal: the broker says yes and drops it.
    assert.equal(code, version === 5 ? notAuthorized : undefined, topic)
  }
  await observer.quiet()
  for (const topic of mayNot)
    assert.ok(!observer.on(topic).some(({ payload }) => payload === marked(topic)), `${topic} was delivered`)
}

/** The reason code of a refusal. */
async function publish(client: MqttClient, topic: string, payload: string): Promise<number | undefined> {
  return client.publishAsync(`tuya/${topic}`, payload, { qos: 1 }).then(
    () => undefined,
    (error: { code?: number }) => error.code,
  )
}

async function answersArePrivate(rig: Rig, version: Version): Promise<void> {
  const neighbour = await rig.client('dashboard', version)
  const observer = new Observer(neighbour)
  await neighbour.subscribeAsync(['tuya/reply/#', 'tuya/reply/controller'], { qos: 1 })
  const client = await rig.client('controller', version)
  const answer = await askFrom(client, 'controller', `cmd/device/${lamp}`, { dp: { work_mode: 'nonsense' } })
  assert.equal(answer['reason'], 'command/not-in-enum')
  await observer.quiet()
  assert.deepEqual(observer.seen, [])
}

async function willsAreChecked(rig: Rig, version: Version): Promise<void> {
  const observer = await rig.observe({ filter: 'tuya/cmd/#' })
  const topic = `tuya/cmd/device/${lamp}/dp/switch_led`
  const client = await rig.client('dashboard', version, {
    will: { topic, payload: Buffer.from('will'), qos: 1, retain: false },
  })
  client.stream.destroy()
  await observer.quiet(400)
  assert.ok(!observer.seen.some(({ payload }) => payload === 'will'), 'the Will was delivered')
}

async function strangersStayOut({ url }: BrokerPlace, version: Version): Promise<void> {
  const strangers = [
    {},
    { username: 'bridge', password: 'wrong' },
    { username: 'nobody', password: passwordOf('bridge') },
  ]
  for (const who of strangers) {
    const connecting = mqtt.connectAsync(url, { protocolVersion: version, reconnectPeriod: 0, ...who })
    await assert.rejects(connecting, /not authorized|Bad username/i)
  }
}
