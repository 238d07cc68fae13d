import { existsSync, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import mqtt, { type MqttClient } from 'mqtt'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/mqtt/broker/retained.ts'
import type { BrokerLink } from '../../src/mqtt/link.ts'
import { Outbox } from '../../src/mqtt/outbox.ts'
import { Pump } from '../../src/mqtt/pump.ts'
import { Simulator } from '../../src/simulator/simulator.ts'
import { builtinModels } from '../../src/simulator/world-file.ts'
import { BrokerBench } from '../support/broker.ts'
import { canaries, expectNoCanary } from '../support/canary.ts'
import { Folder } from '../support/folder.ts'
import { canaryWorld } from '../support/house.ts'
import { freePort, Program } from '../support/process.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

it('E1: a frozen subscriber is cut at 5 s and delays nobody: the others’ p99 stays below 250 ms', async () => {
  await using bench = await BrokerBench.open()
  const frozen = await bench.rawConnected()
  frozen.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '#', qos: 1 }] })
  await until(() => frozen.of('suback').length === 1)
  frozen.socket.pause()
  const delays: number[] = []
  const reader = await bench.client()
  reader.on('message', (_topic, payload) =>
    delays.push(performance.now() - Number(payload.toString('utf8', 0, 20))),
  )
  await reader.subscribeAsync('load', { qos: 1 })
  const link = await bench.link()
  const settled: number[] = []
  const filling = 'x'.repeat(10 * 1024 - 20)
  const startedAt = performance.now()
  let cutAt: number | undefined
  for (let sent = 0; sent < 3_000; ) {
    // Frozen from about here on, when the sockets' own buffers are full.
    for (let i = 0; i < 10; i++, sent++) {
      const now = performance.now()
      const payload = String(now).padEnd(20, ' ') + filling
      link.publish({ topic: 'load', payload, qos: 1, retain: false }, () =>
        settled.push(performance.now() - now),
      )
    }
    if (bench.broker.connections === 1) cutAt ??= performance.now()
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
  await until(() => delays.length === 3_000)
  expect(quantile(delays, 0.99)).toBeLessThan(250)
  expect(settled).toHaveLength(3_000)
  expect(quantile(settled, 0.99)).toBeLessThan(250)
  cutAt ??= await until(() => bench.broker.connections === 1 && performance.now(), 10_000, 'the cut')
  expect(cutAt - startedAt).toBeGreaterThan(4_000)
  expect(cutAt - startedAt).toBeLessThan(7_000)
})

describe('E2: a store that fails', () => {
  type Method = (...args: unknown[]) => unknown

  /** A store whose one method fails while `on` is true, at once or by a rejected promise. */
  function failing(name: string, how: 'throws' | 'rejects') {
    const store = memoryStore()
    const methods = store as unknown as Record<string, Method>
    const inner = methods[name]?.bind(store)
    const state = { on: false, store }
    methods[name] = (...args) => {
      if (!state.on) return inner?.(...args)
      const error = new Error('injected')
      if (how === 'throws') throw error
      if (!name.endsWith('Stream') && !name.endsWith('Combi')) return Promise.reject(error)
      return name === 'outgoingEnqueueCombi'
        ? Promise.reject(error)
        : new Readable({
            objectMode: true,
            read: (): void => {
              throw error
            },
          })
    }
    return state
  }

  const methods = [
    'storeRetained',
    'subscriptionsByTopic',
    'outgoingEnqueueCombi',
    'createRetainedStreamCombi',
    'outgoingStream',
    'cleanSubscriptions',
    'cleanIncoming',
    'incomingStorePacket',
    'incomingGetPacket',
    'incomingDelPacket',
    'putWill',
    'delWill',
  ]

  /** Every way to need the store; what becomes of each is the store's business. */
  async function exercise(bench: BrokerBench): Promise<void> {
    const will = { topic: 'will', payload: Buffer.from('gone'), qos: 1 as const, retain: true }
    const client = await bench.client({ will }).catch(() => undefined)
    if (client) {
      const quietly = (promise: Promise<unknown>) => promise.catch(() => {})
      const steps = [
        client.subscribeAsync('#', { qos: 2 }),
        client.publishAsync('r', 'retained', { qos: 1, retain: true }),
        client.publishAsync('e', 'event', { qos: 1 }),
        client.publishAsync('t', 'twice', { qos: 2 }),
      ].map(quietly)
      const ended = new Promise<void>((resolve) => client.once('close', () => resolve()))
      await Promise.race([Promise.all(steps), ended])
      client.stream.destroy()
      await ended
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }

  for (const name of methods) {
    for (const how of ['throws', 'rejects'] as const) {
      it(`${name} that ${how} ends no process, is told, and all is well when it works again`, async () => {
        const state = failing(name, how)
        await using bench = await BrokerBench.open({ persistence: state.store })
        const link = await bench.link()
        let settled = 0
        state.on = true
        link.publish({ topic: 'state', payload: 'x', qos: 1, retain: true }, () => settled++)
        await exercise(bench)
        // A message whose store failed is never called delivered; one that the store has is.
        expect(settled).toBe(name === 'storeRetained' ? 0 : 1)
        // "Not there" and "cannot tell" are one answer here: the message is taken as new.
        if (name !== 'incomingGetPacket') expect(bench.troubles).toContain('broker store')
        state.on = false
        const { client, seen } = await bench.reader('after')
        await client.publishAsync('after', 'fine', { qos: 2 })
        await until(() => seen.length === 1)
        link.publish({ topic: 'state', payload: 'y', qos: 1, retain: true }, () => settled++)
        await until(() => settled === (name === 'storeRetained' ? 1 : 2))
      })
    }
  }

  it('what the store does not confirm is not settled; the link ends after 10 s, and the next one delivers it', async () => {
    const state = failing('storeRetained', 'rejects')
    await using bench = await BrokerBench.open({ persistence: state.store })
    const clock = new VirtualClock()
    const outbox = new Outbox()
    const settled: boolean[] = []
    const pumpOver = (link: BrokerLink) => {
      const pump = new Pump({ link, outbox, clock, onDead: () => settled.push(false), onSettled: () => {} })
      pump.start()
      return pump
    }
    state.on = true
    outbox.offerState({ topic: 'state', payload: 'x', qos: 1, retain: true }, (yes) => settled.push(yes))
    const link = await bench.link()
    const pump = pumpOver(link)
    await until(() => bench.troubles.length > 0)
    await clock.advance(9_000)
    expect(settled).toEqual([])
    await clock.advance(3_000)
    expect(await link.ended).toMatchObject({ end: 'silent' })
    pump.stop()
    outbox.disconnected(false)
    state.on = false
    const next = pumpOver(await bench.link())
    await until(() => settled.length === 1)
    expect(settled).toEqual([true])
    next.stop()
  })
})

describe('E3: the process is killed', () => {
  interface Document {
    readonly stale: boolean
    readonly receivedMs: number
    readonly dp: Record<string, unknown>
  }

  /** Everything retained below the base, newest last. */
  async function observe(port: number): Promise<{ client: MqttClient; now: Map<string, string> }> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 })
    const now = new Map<string, string>()
    client.on('message', (topic, payload) => now.set(topic, payload.toString()))
    await client.subscribeAsync('tuya/#', { qos: 1 })
    return { client, now }
  }

  /** The age of what would survive. */
  function savedMs(folder: Folder): number {
    const file = folder.file('snapshot.json')
    return existsSync(file) ? Number(/"savedMs":(\d+)/.exec(readFileSync(file, 'utf8'))?.[1]) : 0
  }

  async function ready(http: number): Promise<void> {
    const ask = () =>
      fetch(`http://127.0.0.1:${http}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
    for (let tries = 0; !(await ask()); tries++) {
      if (tries > 300) throw new Error('the program is not ready after 15 s')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** What is said of the devices does not change any more. */
  async function quiet(now: ReadonlyMap<string, string>): Promise<void> {
    for (let before = ''; before !== JSON.stringify([...documents(now)]); ) {
      before = JSON.stringify([...documents(now)])
      await new Promise((resolve) => setTimeout(resolve, 700))
    }
  }

  const documents = (now: ReadonlyMap<string, string>) =>
    new Map(
      [...now]
        .filter(([topic]) => /^tuya\/state\/device\/[^/]+$/.test(topic))
        .map(([topic, text]) => [topic, JSON.parse(text) as Document]),
    )

  it('what is retained is rebuilt within 10 s, stale until it is confirmed', async () => {
    using folder = new Folder()
    // Devices of which the cloud's list of values tells every point.
    const whole = canaryWorld()
    const models = builtinModels()
    const isStandard = (model: string) => models[model]?.dps.every(({ standard }) => standard !== false)
    const devices = whole.devices.filter(({ model, gateway }) => isStandard(model) && gateway === undefined)
    const world = { ...whole, devices }
    await using cloud = new Simulator({ world, alive: false, faults: ['throttle=1000'] })
    await cloud.start()
    const [port, http] = [await freePort(), await freePort()]
    const env = {
      DP2MQTT_TUYA_ENDPOINT: cloud.address.cloud.endpoint,
      DP2MQTT_TUYA_ACCESS_ID: cloud.address.cloud.accessId,
      DP2MQTT_TUYA_ACCESS_SECRET: canaries.accessSecret,
      DP2MQTT_BROKER_PORT: String(port),
      DP2MQTT_HTTP_PORT: String(http),
      DP2MQTT_STATE_DIRECTORY: folder.path,
    }
    const count = cloud.world.devices.size
    await using first = new Program({ env })
    await first.says('the bridge runs')
    const before = await observe(port)
    await ready(http)
    await quiet(before.now)
    const readMs = Math.max(...[...documents(before.now).values()].map(({ receivedMs }) => receivedMs))
    await until(() => savedMs(folder) >= readMs, 15_000, 'the snapshot')
    before.client.end(true)
    first.child.kill('SIGKILL')
    await first.exited
    // The cloud is slow enough for us to see what was saved before it is confirmed.
    cloud.faults.set('latency=2000')
    await using second = new Program({ env })
    const startedAt = performance.now()
    await second.says('the bridge runs')
    const after = await observe(port)
    await until(() => documents(after.now).size === count, 10_000, 'every document again')
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    const [was, is] = [documents(before.now), documents(after.now)]
    for (const [topic, { dp }] of was) expect(is.get(topic)?.dp, topic).toEqual(dp)
    for (const [topic, { stale, dp }] of is) expect(stale, topic).toBe(Object.keys(dp).length > 0)
    cloud.faults.clear('latency')
    await until(
      () => [...documents(after.now).values()].every(({ stale }) => !stale),
      30_000,
      'the confirmation of every value',
    )
    after.client.end(true)
    expectNoCanary([first.err, first.out, second.err, second.out], 'the program’s output')
    expectNoCanary([...before.now.values(), ...after.now.values()], 'a topic')
  }, 60_000)
})
