import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { readHomie4 } from '../../test/support/homie4-reader.ts'
import { until } from '../../test/support/until.ts'
import { Child, which } from '../child.ts'
import type { Court, Judge } from '../court.ts'
import { Demo } from '../home-assistant/demo.ts'
import { installNodePackages } from '../install.ts'
import { Mosquitto } from '../mosquitto/broker.ts'
import { program } from '../simulator.ts'
import { soon } from '../soon.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

/** What of the reader is used; it has no types of its own where it is not installed. */
interface Reader {
  ingest(message: { topic: string; payload: string; retain: boolean }): {
    readonly messages: readonly { readonly topic: string; readonly payload: Document | '' }[]
    readonly warnings: readonly string[]
  }
}

interface Document {
  readonly device: { readonly name: string }
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export const homie4: Judge = {
  name: 'homie4',
  about:
    'homie-home-assistant-discovery 1.0.6, a reader of Homie 3 to 5, finds every device of the demo’s Homie 4, and mosquitto speaks the Wills of a bridge that is killed',
  lacks: () => undefined,
  prepare: installNodePackages,
  hear: async (court) => {
    const place = await mkdtemp(join(tmpdir(), 'dp2mqtt-judge-'))
    try {
      {
        await using demo = await Demo.start(place, { homie4: true })
        await found(court, demo)
      }
      if (which('mosquitto') === undefined) court.skip('a bridge that is killed', 'there is no mosquitto')
      else await killed(court, place)
    } finally {
      await rm(place, { recursive: true, force: true })
    }
  },
}

async function found(court: Court, demo: Demo): Promise<void> {
  const told = () => new Map([...demo.retained].filter(([topic]) => topic.startsWith('homie/')))
  const documents = new Map<string, Document>()
  const warnings: string[] = []
  await court.check(
    'every device is found, with an entity for each property, in whatever order they come',
    async () => {
      await soon(async () => {
        const { devices, faults } = readHomie4(told())
        assert.deepEqual(faults, [])
        // Twenty devices and two homes.
        assert.equal(devices.size, 22)
      })
      const { HomieHaDiscoveryBridge } = createRequire(import.meta.url)('homie-home-assistant-discovery')
      const { devices } = readHomie4(told())
      for (const order of [1, -1]) {
        const reader: Reader = new HomieHaDiscoveryBridge({ enabledVersions: [4], includeStateSensor: false })
        documents.clear()
        for (const [topic, payload] of [...told()].toSorted(([a], [b]) => order * (a < b ? -1 : 1))) {
          const { messages, ...said } = reader.ingest({ topic, payload, retain: true })
          warnings.push(...said.warnings)
          for (const message of messages)
            if (message.payload !== '') documents.set(message.topic, message.payload)
        }
        assert.equal(documents.size, devices.size)
        const entities = [...documents.values()].map(({ components }) => Object.keys(components).length)
        const properties = [...devices.values()].map((device) => device.properties.size)
        const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0)
        assert.ok(sum(entities) >= sum(properties), `${sum(entities)} of ${sum(properties)}`)
      }
    },
  )
  await court.check('it had no word of warning', async () => assert.deepEqual(warnings, []))
  await court.check('its topics run a scene', async () => {
    const home = [...documents.values()].find(({ device }) => device.name === 'Home')
    const topics = Object.values(home?.components ?? {}).map((each) => String(each['command_topic']))
    // In its id a scene keeps its letters, if not their case.
    const goodNight = topics.find((topic) => topic.includes('/scenes/53iysxi3gen2w3oc-'))
    assert.ok(goodNight, `no scene among ${topics}`)
    await demo.say(`homie/tuya-main-${lamp}/light/switch-led/set`, 'true')
    await soon(async () => assert.equal(demo.point(lamp, 'switch_led'), 'true'))
    await demo.say(goodNight, 'run')
    await soon(async () => assert.equal(demo.point(lamp, 'switch_led'), 'false'))
  })
  await court.check('its topics switch and dim a lamp, and show it', async () => {
    const document = [...documents.values()].find(({ device }) => device.name === 'Desk lamp')
    const entity = (path: string) => {
      const one = Object.values(document?.components ?? {}).find(
        (each) => each['command_topic'] === `homie/tuya-main-${lamp}/${path}/set`,
      )
      assert.ok(one, `nothing commands ${path}`)
      return one as Readonly<Record<string, string>>
    }
    const power = entity('light/switch-led')
    await demo.say(power['command_topic'] ?? '', power['payload_off'] ?? '')
    await soon(async () => assert.equal(demo.point(lamp, 'switch_led'), 'false'))
    await soon(async () => assert.equal(demo.retained.get(power['state_topic'] ?? ''), 'false'))
    const brightness = entity('light/bright-value-v2')
    assert.deepEqual([brightness['min'], brightness['max']], [10, 1000])
    await demo.say(brightness['command_topic'] ?? '', '777')
    await soon(async () => assert.equal(demo.point(lamp, 'bright_value_v2'), '777'))
  })
}

/** The demo on somebody else's broker, which outlives it. */
async function killed(court: Court, place: string): Promise<void> {
  await using broker = await Mosquitto.start()
  const url = `mqtt://127.0.0.1:${broker.port}`
  const file = join(place, 'elsewhere.yaml')
  await writeFile(
    file,
    JSON.stringify({ publish: { homie4: true }, mqtt: { url }, http: { port: 0 }, log: { level: 'warn' } }),
  )
  const states = new Map<string, string>()
  const client = await mqtt.connectAsync(url)
  client.on('message', (topic, payload) => states.set(topic, payload.toString()))
  await client.subscribeAsync('homie/+/$state', { qos: 1 })
  const all = (wanted: RegExp) =>
    until(() => states.size === 22 && [...states.values()].every((state) => wanted.test(state)), 60_000)
  const ready = () => [...states.values()].filter((state) => state === 'ready').length
  const run = () => new Child(process.execPath, [program, '--config', file, 'serve', '--demo'])
  try {
    await court.check('a bridge that is killed leaves every device lost', async () => {
      await using bridge = run()
      await until(() => ready() === 21, 60_000, 'the devices')
      // The Wills are made one after the other.
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      await bridge.stop('SIGKILL')
      await all(/^lost$/)
    })
    await court.check('it is ready again after a restart, and says goodbye when it is stopped', async () => {
      await using bridge = run()
      await until(() => ready() === 21, 60_000, 'the devices')
      await bridge.stop('SIGTERM')
      await all(/^disconnected$/)
    })
  } finally {
    await client.endAsync(true)
  }
}
