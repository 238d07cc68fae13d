import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DiscoveryDocument } from '../../src/integration/homeassistant/document.ts'
import { BrokerBench } from '../support/broker.ts'
import { discoveryFaults } from '../support/discovery-rules.ts'
import { readHomie4 } from '../support/homie4-reader.ts'
import { canaryWorld, House } from '../support/house.ts'
import { until } from '../support/until.ts'

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'
const curtain = 'bf04ac8e91f37d62b5te8r'
const plug = 'bf5b8310dfe2a947c3jy2h'

let house: House
/** What is retained on the broker, by topic. */
const retained = new Map<string, string>()
let say: (topic: string, payload: string) => Promise<unknown>

beforeAll(async () => {
  const operations = { allow: ['config', 'destructive'] }
  const config = { publish: { homeassistant: true, homie4: true, homie5: true }, operations }
  house = await (await House.open({ world: canaryWorld(), config: config as never })).ready()
  const client = await house.client()
  client.on('message', (topic, payload) => {
    // What is only asked for is retained nowhere.
    if (topic.endsWith('/set')) return
    if (payload.byteLength === 0) retained.delete(topic)
    else retained.set(topic, payload.toString())
  })
  await client.subscribeAsync('#', { qos: 0 })
  say = (topic, payload) => client.publishAsync(topic, payload, { qos: 1 })
  await until(() => documents().size >= 24 && retained.get('homie/5/tuya-main/$state') === 'ready')
})

afterAll(() => house[Symbol.asyncDispose]())

function documents(): Map<string, DiscoveryDocument> {
  const found = [...retained].filter(([topic]) => topic.startsWith('homeassistant/device/'))
  return new Map(found.map(([topic, text]) => [topic, JSON.parse(text)]))
}

function component(device: string, key: string): Readonly<Record<string, string>> {
  const document = documents().get(`homeassistant/device/tuya_main_${device}/config`)
  const found = document?.components[key]
  if (!found) throw new Error(`no ${key} of ${device}`)
  return found as unknown as Readonly<Record<string, string>>
}

function status(device: string, code: string): unknown {
  return house.simulator.world.device(device).status.get(code)
}

describe('discovery for Home Assistant', () => {
  it('every document of the demo’s world is without fault', () => {
    for (const [topic, document] of documents()) expect(discoveryFaults(topic, document)).toEqual([])
  })

  it('every state topic that a document names is there, but for what only happens', async () => {
    await until(() => missing().length === 0, 20_000, `${missing()}`)
  })

  function missing() {
    return [...documents().values()].flatMap(({ components }) =>
      Object.values(components).flatMap(
        ({ platform, state_topic: topic, enabled_by_default: shown = true }) =>
          platform === 'event' || !shown || topic === undefined || retained.has(String(topic)) ? [] : [topic],
      ),
    )
  }

  it('a command of its light moves the simulated lamp, and the state comes back', async () => {
    const { command_topic = '', state_topic = '' } = component(lamp, 'light')
    await say(command_topic, '{"state":"ON","brightness":255,"color":{"h":120,"s":50}}')
    await until(() => status(lamp, 'work_mode') === 'colour')
    expect(JSON.parse(String(status(lamp, 'colour_data_v2')))).toEqual({ h: 120, s: 500, v: 1000 })
    await until(() => JSON.parse(retained.get(state_topic) ?? '{}').color_mode === 'hs')
    expect(JSON.parse(retained.get(state_topic) ?? '')).toMatchObject({
      state: 'ON',
      brightness: 255,
      color: { h: 120, s: 50 },
    })
    await say(command_topic, 'OFF')
    await until(() => status(lamp, 'switch_led') === false)
  })

  it('a cover goes to its place, a socket is switched', async () => {
    await say(component(curtain, 'cover')['set_position_topic'] ?? '', '25')
    await say(component(plug, 'switch_1')['command_topic'] ?? '', 'false')
    await until(() => status(curtain, 'percent_control') === 25 && status(plug, 'switch_1') === false)
  })

  it('a command to an entity is answered like any other', async () => {
    const results: string[] = []
    const client = await house.observe(`tuya/result/device/${lamp}`)
    client.on('message', (_, payload) => results.push(payload.toString()))
    await say(`tuya/cmd/device/${lamp}/entity/light`, 'purple')
    await say(`tuya/cmd/device/${lamp}/entity/kettle`, 'ON')
    await until(() => results.length >= 2)
    expect(results.map((text) => JSON.parse(text).reason)).toEqual([
      'command/bad-value',
      'command/unknown-entity',
    ])
  })

  it('the keys of entities stand in the documents of a device', () => {
    expect(JSON.parse(retained.get(`tuya/meta/device/${lamp}`) ?? '{}').entities).toEqual(['light'])
    expect(JSON.parse(retained.get(`tuya/meta/device/${lamp}/spec`) ?? '{}').dp.work_mode.entity).toBe(
      'light',
    )
  })

  it('the trees are told in the information of the bridge', () => {
    expect(JSON.parse(retained.get('tuya/bridge/info') ?? '{}').trees).toEqual([
      'native',
      'homeassistant',
      'homie5',
      'homie4',
    ])
  })
})

describe('Homie 5', () => {
  const property = `homie/5/tuya-main--${lamp}/light/switch-led`

  it('a written property moves the simulated lamp, is a target, and comes back', async () => {
    const before = String(status(lamp, 'switch_led'))
    await until(() => retained.get(property) === before)
    const wanted = before === 'true' ? 'false' : 'true'
    await say(`${property}/set`, wanted)
    await until(() => String(status(lamp, 'switch_led')) === wanted && retained.get(property) === wanted)
    expect(retained.get(`${property}/$target`)).toBe(wanted)
  })
})

describe('Homie 4', () => {
  const read = () => readHomie4(retained)

  it('every device of the demo’s world, and each of its homes, is one that a strict reader takes', async () => {
    const { devices, homes } = house.bridge.inventory
    await until(() => read().devices.size === devices.size + homes.size)
    await until(() => read().faults.length === 0, 20_000, `${read().faults}`)
    for (const { properties } of read().devices.values()) expect(properties.size).toBeGreaterThan(0)
  })

  it('says the same of every device as Homie 5 does', () => {
    for (const [id, { properties }] of read().devices) {
      const { nodes } = JSON.parse(
        retained.get(`homie/5/${id.replace('tuya-main-', 'tuya-main--')}/$description`) ?? '{}',
      )
      const paths = Object.entries<{ properties: object }>(nodes).flatMap(([node, one]) =>
        Object.keys(one.properties).map((property) => `${node}/${property}`),
      )
      expect([...properties.keys()]).toEqual(paths)
    }
  })

  it('runs a scene, and switches an automation, which says so', async () => {
    const base = `homie/tuya-main-home-${house.bridge.inventory.homes.keys().next().value}`
    const named = (node: string, name: string) => {
      const topic = [...retained.keys()].find(
        (one) => one.startsWith(`${base}/${node}/`) && one.endsWith('/$name') && retained.get(one) === name,
      )
      return String(topic).replace('/$name', '')
    }
    await say(`homie/tuya-main-${lamp}/light/switch-led/set`, 'true')
    await until(() => status(lamp, 'switch_led') === true)
    await say(`${named('scenes', 'Good night')}/set`, 'run')
    await until(() => status(lamp, 'switch_led') === false)
    const bedtime = named('automations', 'Bedtime')
    expect(retained.get(bedtime)).toBe('true')
    await say(`${bedtime}/set`, 'false')
    await until(() => retained.get(bedtime) === 'false')
  })

  it('a written property moves the simulated lamp and comes back, a colour too', async () => {
    const base = `homie/tuya-main-${lamp}/light`
    const wanted = retained.get(`${base}/switch-led`) === 'true' ? 'false' : 'true'
    await say(`${base}/switch-led/set`, wanted)
    await say(`${base}/colour-data-v2/set`, '300,40,70')
    await until(() => String(status(lamp, 'switch_led')) === wanted)
    await until(() => retained.get(`${base}/switch-led`) === wanted)
    await until(() => retained.get(`${base}/colour-data-v2`) === '300,40,70')
    expect(JSON.parse(String(status(lamp, 'colour_data_v2')))).toEqual({ h: 300, s: 400, v: 700 })
  })

  it('what it does not take is told and changes nothing', async () => {
    const reasons: string[] = []
    const client = await house.observe('tuya/bridge/error')
    client.on('message', (_, payload) => reasons.push(JSON.parse(payload.toString()).reason))
    await say(`homie/tuya-main-${lamp}/light/switch-led/set`, 'maybe')
    await say(`homie/tuya-main-${lamp}/light/bright-value-v2/set`, '5')
    await say('homie/somebody/light/switch-led/set', 'maybe')
    await until(() => reasons.length >= 2)
    expect(reasons.sort()).toEqual(['command/bad-value', 'command/out-of-range'])
  })
})

describe('what is switched on and off while the bridge runs', () => {
  it('a correction changes what is found, at once', async () => {
    const product = house.bridge.inventory.device(plug)?.device.product.id ?? ''
    await house.reload({ overrides: { [product]: { child_lock: { hide: true } } } } as never)
    const stub = () => Object.keys(component(plug, 'child_lock')).join()
    await until(() => stub() === 'platform')
  })

  it('the trees go without a trace, and the entity topics with them', async () => {
    await house.reload({ publish: { homeassistant: false, homie4: false, homie5: false } } as never)
    const left = () => [...retained.keys()].filter((topic) => /^(homeassistant|homie)\//.test(topic))
    await until(() => left().length === 0).catch(() => expect(left()).toEqual([]))
    const entities = () => [...retained.keys()].filter((topic) => /^tuya\/state\/.*\/entity\//.test(topic))
    await until(() => entities().length === 0)
    expect(retained.has(`tuya/state/device/${lamp}`)).toBe(true)
  })
})

it('a restart takes nothing of the Homie tree back that is still there, and all that is not', async () => {
  await using bench = await BrokerBench.open()
  const client = await bench.client()
  const [kept, gone] = [`homie/5/tuya-main--${lamp}/$state`, 'homie/5/tuya-main--gone/$state']
  const info = JSON.stringify({ instance: 'main', trees: ['native', 'homie5'] })
  await client.publishAsync('tuya/bridge/info', info, { qos: 1, retain: true })
  for (const topic of [kept, gone]) await client.publishAsync(topic, 'ready', { qos: 1, retain: true })
  const { seen } = await bench.reader('homie/5/+/$state')
  await using second = await House.open({
    config: { mqtt: { url: bench.url }, publish: { homie5: true } } as never,
  })
  await second.ready()
  const on = (topic: string) =>
    seen.filter((message) => message.topic === topic).map(({ payload }) => payload)
  await until(() => on(gone).includes('') && on(kept).filter((word) => word === 'ready').length === 2)
  expect(on(kept)).toEqual(['ready', 'init', 'ready'])
})

it('a restart takes nothing of Homie 4 back that is still there, and all that is not; an end says goodbye', async () => {
  await using bench = await BrokerBench.open({ publishesPerSecond: 1_000 })
  const client = await bench.client()
  const [kept, gone] = [`homie/tuya-main-${lamp}/$state`, 'homie/tuya-main-gone/$state']
  const info = JSON.stringify({ instance: 'main', trees: ['native', 'homie4'] })
  await client.publishAsync('tuya/bridge/info', info, { qos: 1, retain: true })
  for (const topic of [kept, gone, 'homie/tuya-main-gone/$homie', 'homie/other/$state'])
    await client.publishAsync(topic, 'ready', { qos: 1, retain: true })
  const { seen } = await bench.reader('homie/+/+')
  const on = (topic: string) =>
    seen.filter((message) => message.topic === topic).map(({ payload }) => payload)
  {
    await using second = await House.open({
      config: { mqtt: { url: bench.url }, publish: { homie4: true } } as never,
    })
    await second.ready()
    await until(() => on(gone).includes('') && on('homie/tuya-main-gone/$homie').includes(''))
    await until(() => on(kept).filter((word) => word === 'ready').length >= 2)
    expect(on(kept).slice(0, 3)).toEqual(['ready', 'init', 'ready'])
    expect(on('homie/other/$state')).toEqual(['ready'])
  }
  await until(() => on(kept).at(-1) === 'disconnected')
})
