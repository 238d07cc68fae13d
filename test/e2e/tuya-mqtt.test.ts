import mqtt from 'mqtt'
import { describe, expect, it } from 'vitest'
import { BrokerBench } from '../support/broker.ts'
import { House } from '../support/house.ts'
import { sharedHouse } from '../support/shared-house.ts'
import { demo } from '../support/simulator-desk.ts'
import { until } from '../support/until.ts'

const shared = sharedHouse({ config: { tuyaMqtt: { enabled: true, base: 'legacy' } } })
const soon = 20_000

/** What the broker holds below the other base now: all devices, and what came with them. */
async function held(): Promise<Map<string, string>> {
  const client = await shared.house.client()
  const topics = new Map<string, string>()
  client.on('message', (topic, payload, { retain }) => {
    if (retain) topics.set(topic, payload.toString())
  })
  await client.subscribeAsync('legacy/#')
  const { devices } = shared.house.simulator.world
  const count = (ending: string) => [...topics.keys()].filter((topic) => topic.endsWith(ending)).length
  await until(() => count('/status') === devices.size, soon, 'all devices')
  for (let size = -1; size !== topics.size; await new Promise((resolve) => setTimeout(resolve, 250)))
    size = topics.size
  client.end(true)
  return topics
}

/** Waits until the broker holds a value there. */
async function shows(topic: string, value: string): Promise<void> {
  for (const end = performance.now() + soon; ; ) {
    const found = (await held()).get(topic)
    if (found === value) return
    if (performance.now() > end) expect(found, topic).toBe(value)
  }
}

/** Publishes there; gives the one answer, which comes on our own topics. */
async function ask(topic: string, payload: string, subject = `device/${demo.lamp}`, retain = false) {
  const answers = shared.answersOn(`result/${subject}`)
  await shared.client.publishAsync(`legacy/${topic}`, payload, { qos: 1, retain })
  await until(() => answers().length > 0, soon, `an answer to ${topic}`)
  return answers()
}

const status = (code: string) => shared.status(demo.lamp).get(code)

describe('the tree of tuya-mqtt beside our own', () => {
  it('shows every device with its raw values by number', async () => {
    const topics = await held()
    for (const { id } of shared.house.simulator.world.devices.values())
      expect(topics.get(`legacy/${id}/status`), id).toMatch(/^(online|offline)$/)
    expect(topics.get(`legacy/${demo.lamp}/dps/24/state`)).toMatch(/^[0-9a-f]{12}$/)
    expect(topics.get(`legacy/${demo.lamp}/dps/22/state`)).toBe(String(status('bright_value_v2')))
    expect(JSON.parse(topics.get(`legacy/${demo.lamp}/dps/state`) ?? '')).toMatchObject({
      20: status('switch_led'),
    })
    expect(shared.house.last('bridge/info')).toMatchObject({ trees: ['native', 'tuya-mqtt'] })
  })

  it('a command by number is carried out, answered on our topics, and shown on both', async () => {
    const [answer] = await ask(`${demo.lamp}/dps/22/command`, '777')
    expect(answer).toMatchObject({ state: 'confirmed', sent: { bright_value_v2: 777 } })
    expect(status('bright_value_v2')).toBe(777)
    await shows(`legacy/${demo.lamp}/dps/22/state`, '777')
  })

  it('several go out as one write, and the options of our own commands work', async () => {
    const payload = { multiple: true, data: { 20: true, 22: 500 }, id: 'legacy-1', from: 'old' }
    const [answer] = await ask(`${demo.lamp}/dps/command`, JSON.stringify(payload))
    expect(answer).toMatchObject({
      id: 'legacy-1',
      ok: true,
      sent: { switch_led: true, bright_value_v2: 500 },
    })
    await until(() => shared.house.last('reply/old')?.['id'] === 'legacy-1', soon)
  })

  it('a colour goes in and out as the digits of the device', async () => {
    const [answer] = await ask(`${demo.lamp}/dps/24/command`, '00f003e801f4')
    expect(answer).toMatchObject({ ok: true, sent: { colour_data_v2: { h: 240, s: 1000, v: 500 } } })
    await shows(`legacy/${demo.lamp}/dps/24/state`, '00f003e801f4')
  })

  it('the power is switched by a word, and by the name of the device', async () => {
    expect(await ask('desk_lamp/command', 'off')).toMatchObject([{ ok: true, sent: { switch_led: false } }])
    await shows(`legacy/${demo.lamp}/state`, 'OFF')
    expect(await ask(`${demo.lamp}/command`, 'toggle')).toMatchObject([
      { ok: true, sent: { switch_led: true } },
    ])
    const [read] = await ask(`${demo.lamp}/command`, 'get-states')
    expect(read).toMatchObject({ ok: true, by: 'cloud', result: { id: demo.lamp } })
  })

  it('what cannot be is refused with its reason, and nothing moves', async () => {
    const before = shared.house.simulator.journal.entries('command', demo.lamp).length
    expect(await ask(`${demo.lamp}/dps/22/command`, '5000')).toMatchObject([
      { reason: 'command/out-of-range' },
    ])
    expect(await ask(`${demo.lamp}/dps/99/command`, '1')).toMatchObject([{ reason: 'command/unknown-dp' }])
    expect(await ask(`${demo.lamp}/dps/command`, 'on')).toMatchObject([{ reason: 'command/bad-json' }])
    expect(await ask('nobody/dps/1/command', '{}', 'device/nobody')).toMatchObject([{ ok: false }])
    expect(await ask(`${demo.lock}/dps/1/command`, '1', `device/${demo.lock}`)).toMatchObject([
      { reason: 'command/forbidden' },
    ])
    expect(shared.house.simulator.journal.entries('command', demo.lamp)).toHaveLength(before)
  })

  it('I-5: a retained command is refused, explained by its own topic, and not kept', async () => {
    const before = shared.house.simulator.journal.entries('command', demo.lamp).length
    const topic = `${demo.lamp}/dps/20/command`
    expect(await ask(topic, 'false', undefined, true)).toMatchObject([{ reason: 'command/retained' }])
    await until(() => shared.house.last('bridge/error')?.['topic'] === `legacy/${topic}`, soon)
    expect([...(await held()).keys()].filter((kept) => kept.endsWith('/command'))).toEqual([])
    expect(shared.house.simulator.journal.entries('command', demo.lamp)).toHaveLength(before)
  })

  it('a press comes once and is not kept', async () => {
    const seen: string[] = []
    const client = await shared.house.client()
    client.on('message', (topic, payload) => seen.push(`${topic} ${payload}`))
    await client.subscribeAsync('legacy/+/dps/1/state')
    const [button] = [...shared.house.simulator.world.devices.values()].filter(({ model }) =>
      model.dps.some(({ code }) => code === 'switch_mode1'),
    )
    shared.house.simulator.world.report(button?.id ?? '', { switch_mode1: 'click' })
    await until(() => seen.includes(`legacy/${button?.id}/dps/1/state click`), soon, 'the press')
    expect((await held()).get(`legacy/${button?.id}/dps/1/state`)).toBeUndefined()
  })
})

it('what an earlier run left in the tree of tuya-mqtt goes, commands that were stored there too', async () => {
  await using bench = await BrokerBench.open()
  const url = `mqtt://127.0.0.1:${bench.broker.port}`
  const client = await mqtt.connectAsync(url, { protocolVersion: 4 })
  const left = [
    'legacy/bf00000000000000gone00/status',
    `legacy/${demo.lamp}/dps/250/state`,
    `legacy/${demo.lamp}/dps/20/command`,
  ]
  const [foreign, kept] = ['legacy/somebody/elses/topic', `legacy/${demo.lamp}/dps/22/state`]
  for (const topic of [...left, foreign, kept])
    await client.publishAsync(topic, '1', { qos: 1, retain: true })
  await using house = await House.open({
    config: { mqtt: { url }, tuyaMqtt: { enabled: true, base: 'legacy' } },
  })
  await house.ready()
  const holds = (topic: string) => [...bench.broker.retained.matching(topic)].length > 0
  await until(() => !left.some(holds), soon, 'what was left being gone')
  expect([foreign, kept].map(holds)).toEqual([true, true])
  expect(house.simulator.journal.entries('command', demo.lamp)).toEqual([])
  client.end(true)
})

it('switched off at a restart the tree of tuya-mqtt leaves nothing of an earlier run, and nothing of others goes', async () => {
  await using bench = await BrokerBench.open()
  const url = `mqtt://127.0.0.1:${bench.broker.port}`
  const client = await bench.client()
  const left = [`legacy/${demo.lamp}/status`, `legacy/${demo.lamp}/dps/20/state`]
  const foreign = 'legacy/somebody/elses/topic'
  const info = JSON.stringify({ instance: 'main', trees: ['native', 'tuya-mqtt'] })
  await client.publishAsync('tuya/bridge/info', info, { qos: 1, retain: true })
  for (const topic of [...left, foreign]) await client.publishAsync(topic, '1', { qos: 1, retain: true })
  await using house = await House.open({
    config: { mqtt: { url }, tuyaMqtt: { enabled: false, base: 'legacy' } },
  })
  await house.ready()
  const holds = (topic: string) => [...bench.broker.retained.matching(topic)].length > 0
  await until(() => !left.some(holds), soon, 'what was left being gone')
  expect(holds(foreign)).toBe(true)
})
