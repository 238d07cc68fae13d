import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import { homeAssistantTopics, homie4Topics, homie5Topics } from '../../src/mqtt/convention-topics.ts'
import { topics, tuyaMqttTopics } from '../../src/mqtt/topic.ts'
import type { Topic } from '../../src/mqtt/topic-entry.ts'
import { Child } from '../child.ts'
import type { Court, Judge } from '../court.ts'
import { installNodePackages } from '../install.ts'
import { askFrom } from '../mosquitto/ask.ts'
import type { Seen } from '../mosquitto/observer.ts'
import { DemoHouse } from '../node-red/house.ts'
import { program } from '../simulator.ts'

type Env = Readonly<Record<string, string>>

/** Whatever is said in the words of others. */
const treesOfOthers: Env = {
  DP2MQTT_PUBLISH_HOMEASSISTANT: 'true',
  DP2MQTT_PUBLISH_HOMIE4: 'true',
  DP2MQTT_PUBLISH_HOMIE5: 'true',
  DP2MQTT_TUYA_MQTT_ENABLED: 'true',
}

/** Installations of different kinds, by their settings. */
const installations: Readonly<Record<string, Env>> = {
  'the demo': {},
  'a broker over TLS with everything on': {
    DP2MQTT_MQTT_URL: 'mqtts://broker.example:8883',
    DP2MQTT_MQTT_USERNAME: 'bridge',
    DP2MQTT_MQTT_BASE: 'house/tuya',
    DP2MQTT_NAMES: 'mirror',
    DP2MQTT_MEMBERS: 'full',
    DP2MQTT_OPERATIONS_ALLOW: 'config,firmware,personal,lock,destructive',
    ...treesOfOthers,
    DP2MQTT_PUBLISH_HOMEASSISTANT_PREFIX: 'discovery/house',
    DP2MQTT_PUBLISH_HOMIE_DOMAIN: 'convention',
    DP2MQTT_TUYA_MQTT_BASE: 'old/tuya',
  },
  'a broker over WebSockets with as little as can be': {
    DP2MQTT_MQTT_URL: 'ws://127.0.0.1:9001/mqtt',
    DP2MQTT_MQTT_PROTOCOL_VERSION: '4',
    DP2MQTT_NAMES: 'off',
    DP2MQTT_PUBLISH_SCALARS: 'false',
    DP2MQTT_PUBLISH_VIEWS: 'false',
    DP2MQTT_PUBLISH_REPORTS: 'false',
    DP2MQTT_PUBLISH_LAST: 'false',
  },
}

interface Diagnostic {
  readonly code: string | number
  readonly severity: number
  readonly message: string
  readonly path: readonly (string | number)[]
}

interface Parsed {
  readonly document?: {
    channels(): { all(): readonly { address(): string | null }[] }
    operations(): { all(): readonly unknown[] }
  }
  readonly diagnostics: readonly Diagnostic[]
}

/** Errors and warnings; what is left are remarks, such as that there is a newer version of the format. */
const matters = ({ severity }: Diagnostic): boolean => severity <= 1

export const asyncapi: Judge = {
  name: 'asyncapi',
  about: 'the official @asyncapi/parser 3.6.3 reads what `dp2mqtt export asyncapi` writes',
  lacks: () => undefined,
  prepare: installNodePackages,
  hear: async (court) => {
    const parse = parser()
    for (const [name, env] of Object.entries(installations)) {
      for (const format of ['yaml', 'json'])
        await court.check(`${name}, ${format}: no error, no warning`, async () => {
          const { document, diagnostics } = await parse(await exported(env, '--format', format))
          assert.deepEqual(diagnostics.filter(matters), [])
          const channels = document?.channels().all() ?? []
          assert.ok(channels.length > 50 && document?.operations().all().length)
          return `${channels.length} channels`
        })
    }
    await court.check('the parser tells a document that was tampered with', async () => {
      const text = await exported({}, '--format', 'yaml')
      for (const wrong of [
        text.replace('action: send', 'action: shout'),
        text.replace('#/channels/bridgeState', '#/channels/nowhere'),
      ])
        assert.ok((await parse(wrong)).diagnostics.some(matters))
    })
    await messagesOfTheDemo(court)
  },
}

function parser(): (text: string) => Promise<Parsed> {
  const load = createRequire(new URL('../package.json', import.meta.url))
  const { Parser } = load('@asyncapi/parser') as {
    Parser: new () => { parse(text: string): Promise<Parsed> }
  }
  return (text) => new Parser().parse(text)
}

async function exported(env: Env, ...args: readonly string[]): Promise<string> {
  await using child = new Child(process.execPath, [program, 'export', 'asyncapi', ...args], { env })
  const { code } = await child.exited
  assert.equal(code, 0, child.err)
  return child.out
}

interface Channel {
  readonly address: string | null
  readonly messages: Readonly<Record<string, { readonly $ref: string }>>
}

const others = { ...homeAssistantTopics, ...homie5Topics, ...homie4Topics, ...tuyaMqttTopics }

/** Everything that a house says for a while, held against what its document says of the channel. */
async function messagesOfTheDemo(court: Court): Promise<void> {
  await using house = await DemoHouse.open({ settings: treesOfOthers })
  await house.observer.client.subscribeAsync('#', { qos: 1 })
  const document = JSON.parse(await house.run('export', 'asyncapi', '--format', 'json')) as {
    readonly channels: Readonly<Record<string, Channel>>
  }
  await court.check('every message of the demo fits the schema of its channel', async () => {
    const { client } = house.observer
    const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
    await askFrom(client, 'judge', `cmd/device/${lamp}`, { dp: { switch_led: true } })
    await askFrom(client, 'judge', `cmd/device/${lamp}`, { dp: { switch_led: 'perhaps' } })
    await askFrom(client, 'judge', 'cmd/op/scene-list', { params: { home_id: '3182004' } })
    await askFrom(client, 'judge', 'cmd/bridge/ping', {})
    await client.publishAsync(`tuya/cmd/device/${lamp}/ota`, 'check')
    await client.publishAsync('tuya/cmd/automation/p2aWOkEOe2RzATHL/condition/bedtime', 'true')
    await client.publishAsync('homeassistant/status', 'online')
    await client.publishAsync(`homie/5/tuya-main--${lamp}/light/switch-led/set`, 'false')
    await client.publishAsync(`homie/tuya-main-${lamp}/light/switch-led/set`, 'true')
    await client.publishAsync(`tuya-mqtt/${lamp}/command`, 'toggle')
    house.report('bf96e3a4d0c7b8f152le5u', { switch_mode1: 'click' })
    await new Promise((resolve) => setTimeout(resolve, 8_000))
    const judge = judgeOf(document)
    const seen = house.observer.seen.filter(({ payload }) => payload !== '')
    const faults = seen.flatMap((message) => judge.faults(message))
    assert.deepEqual([...new Set(faults)].slice(0, 20), [])
    assert.ok(judge.used.size > 50, `only ${[...judge.used]}`)
    const isUnused = ([name, { direction }]: [string, Topic]) =>
      // Nothing in the demo is wrong at first, and extensions are none.
      direction === 'publish' && !/^homie(Alert|4Extensions)$/.test(name) && !judge.used.has(name)
    assert.deepEqual(Object.entries<Topic>(others).filter(isUnused), [])
    return `${seen.length} messages on ${judge.used.size} of ${Object.keys({ ...topics, ...others }).length} channels`
  })
}

/** Compiles what a document says of its channels. */
function judgeOf(document: { readonly channels: Readonly<Record<string, Channel>> }): {
  readonly used: Set<string>
  readonly faults: (message: Seen) => readonly string[]
} {
  const ajv = new Ajv({ strict: false })
  const used = new Set<string>()
  const channels = Object.entries(document.channels).flatMap(([name, { address, messages }]) => {
    if (address === null) return []
    const pattern = new RegExp(`^${address.replaceAll('$', '\\$').replace(/\{\w+\}/g, '[^/]+')}$`)
    const checks = Object.values(messages).map(({ $ref }) => ajv.compile(payloadSchema(document, $ref)))
    return [{ name, pattern, checks }]
  })
  const faults = ({ topic, payload }: Seen) => {
    const channel = channels.find(({ pattern }) => pattern.test(topic))
    if (!channel) return [`${topic} has no channel`]
    used.add(channel.name)
    const readings = [payload, tolerant(payload)]
    const fits = channel.checks.some((check) => readings.some((value) => check(value)))
    return fits ? [] : [`${topic} does not fit: ${payload.slice(0, 300)}`]
  }
  return { used, faults }
}

function at(document: unknown, reference: string): Record<string, unknown> {
  return reference
    .slice(2)
    .split('/')
    .reduce(
      (node, key) => (node as Record<string, unknown>)[key] as Record<string, unknown>,
      document as Record<string, unknown>,
    )
}

function payloadSchema(document: unknown, reference: string): object {
  const payload = at(document, reference)['payload'] as Record<string, unknown>
  const { $ref } = payload
  const found = typeof $ref === 'string' ? at(document, $ref) : payload
  return (found['schema'] ?? found) as object
}

function tolerant(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
