import assert from 'node:assert/strict'
import type { MqttClient } from 'mqtt'
import { Child, which } from '../child.ts'
import type { Court, Judge } from '../court.ts'
import { Mosquitto, type Role } from '../mosquitto/broker.ts'
import { Observer } from '../mosquitto/observer.ts'
import { named, Rig, type Version, versions } from '../mosquitto/rig.ts'
import { program } from '../simulator.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const notAuthorized = 0x87

/** An installation that is not the example's: another base, and a second tree. */
const settings = {
  DP2MQTT_MQTT_BASE: 'house/tuya',
  DP2MQTT_TUYA_MQTT_ENABLED: 'true',
  DP2MQTT_TUYA_MQTT_BASE: 'legacy',
}

interface Rights {
  readonly sees: readonly RegExp[]
  readonly says: readonly string[]
  readonly mayNot: readonly string[]
}

const shown = [
  /^house\/tuya\/(state|meta|event|last)\//,
  /^house\/tuya\/bridge\/(state|info|health)$/,
  /^legacy\/.*(status|state)$/,
]
const commands = [
  `house/tuya/cmd/device/${lamp}/get`,
  'house/tuya/cmd/scene/53IYSXI3gEn2w3Oc/enabled',
  `legacy/${lamp}/command`,
  `legacy/${lamp}/dps/command`,
  `legacy/${lamp}/dps/250/command`,
]
const special = [
  'house/tuya/cmd/op/device-status',
  'house/tuya/cmd/bridge/ping',
  `house/tuya/cmd/named/device/desk_lamp/get`,
]
/** What nobody but the bridge may say, and what the rights of another base would allow. */
const forged = [
  `house/tuya/state/device/${lamp}`,
  'house/tuya/bridge/state',
  `legacy/${lamp}/status`,
  `legacy/${lamp}/dps/20/state`,
  `legacy/${lamp}/dps/state`,
  `tuya/cmd/device/${lamp}/get`,
  'house/cmd/device/x',
  'house/tuya/reply/else/x',
]

const rights: Readonly<Record<Exclude<Role, 'bridge'>, Rights>> = {
  dashboard: { sees: shown, says: [], mayNot: [...commands, ...special, ...forged] },
  controller: { sees: [...shown, /^house\/tuya\/result\//], says: commands, mayNot: [...special, ...forged] },
  administrator: { sees: [/^house\/tuya\//, /^legacy\//], says: [...commands, ...special], mayNot: forged },
}

export const acl: Judge = {
  name: 'acl',
  about: 'mosquitto lets in and keeps out by what `dp2mqtt export acl` writes for another base and two trees',
  lacks: () =>
    which('mosquitto') && which('mosquitto_passwd') ? undefined : 'there is no mosquitto (Debian: mosquitto)',
  hear: async (court) => {
    await court.check('the bridge’s rights stand under the name that it connects with', async () => {
      assert.match(
        await exported({ ...settings, DP2MQTT_MQTT_USERNAME: 'hub' }),
        /^user hub\ntopic readwrite house\/tuya\/#$/m,
      )
    })
    await using broker = await Mosquitto.start({ ours: { acl: await exported(settings) } })
    await using rig = await Rig.open({ broker: broker.place, version: 5, settings })
    await court.check('the bridge has all the rights that it needs', () => rig.ready())
    for (const version of versions) await judgeRoles(court, rig, version)
  },
}

async function exported(env: Readonly<Record<string, string>>): Promise<string> {
  await using child = new Child(process.execPath, [program, 'export', 'acl'], { env })
  const { code } = await child.exited
  assert.equal(code, 0, child.err)
  return child.out
}

async function judgeRoles(court: Court, rig: Rig, version: Version): Promise<void> {
  for (const [role, may] of Object.entries(rights) as [Exclude<Role, 'bridge'>, Rights][]) {
    const at = (what: string) => `${role} on ${named(version)} ${what}`
    await court.check(at('sees what is shown and nothing else'), () => sees(rig, role, may, version))
    await court.check(at('says what is allowed and is refused the rest'), () => says(rig, role, may, version))
  }
}

async function sees(rig: Rig, role: Role, { sees: allowed }: Rights, version: Version): Promise<string> {
  const observer = new Observer(await rig.client(role, version))
  await observer.client.subscribeAsync(['#', 'legacy/#', 'house/#'], { qos: 0 }).catch(() => {})
  const administrator = await rig.client('administrator', 5)
  await administrator.publishAsync(`legacy/${lamp}/command`, 'toggle', { qos: 1 })
  await observer.quiet(500)
  const topics = [...new Set(observer.seen.map(({ topic }) => topic))]
  assert.deepEqual(
    topics.filter((topic) => !allowed.some((pattern) => pattern.test(topic))),
    [],
  )
  for (const [word, pattern] of [
    ['its own tree', /^house\/tuya\/state\//],
    ['the other tree', /^legacy\//],
  ] as const)
    assert.ok(
      topics.some((topic) => pattern.test(topic)),
      `${role} sees nothing of ${word}`,
    )
  return `${topics.length} topics`
}

async function says(
  rig: Rig,
  role: Role,
  { says: allowed, mayNot }: Rights,
  version: Version,
): Promise<string> {
  const client = await rig.client(role, version)
  const everything = new Observer(await rig.client('bridge', 5))
  await everything.client.subscribeAsync(['house/#', 'legacy/#'], { qos: 1 })
  await everything.quiet()
  const word = `${role}-${version}`
  const arrived = (topic: string) =>
    everything.seen.some((seen) => seen.topic === topic && seen.payload === word)
  for (const topic of [...allowed, `house/tuya/reply/${role}/x`]) {
    assert.equal(await refusal(client, topic, word), undefined, topic)
    await rig.until(() => arrived(topic), 3_000, `${topic} arriving`)
  }
  // Over 3.1.1 there is no word for a refusal: the broker says yes and drops it.
  for (const topic of mayNot)
    assert.equal(await refusal(client, topic, word), version === 5 ? notAuthorized : undefined, topic)
  await everything.quiet()
  assert.deepEqual(mayNot.filter(arrived), [])
  return `${allowed.length + 1} allowed, ${mayNot.length} refused`
}

async function refusal(client: MqttClient, topic: string, payload: string): Promise<number | undefined> {
  return client.publishAsync(topic, payload, { qos: 1 }).then(
    () => undefined,
    (error: { code?: number }) => error.code,
  )
}
