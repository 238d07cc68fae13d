import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClientConnector } from '../../src/mqtt/client-link.ts'
import { type Found, scan } from '../../src/mqtt/scan.ts'
import { TopicTree } from '../../src/mqtt/topic.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { ScriptedConnector } from '../support/scripted-link.ts'
import { CompressedTime } from '../support/time.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

let broker: FakeBroker
const tree = new TopicTree('tuya')

beforeEach(async () => {
  broker = await FakeBroker.open()
})

afterEach(async () => {
  await broker.stop()
})

async function look(
  filters: readonly string[] = [tree.everything],
  wanted: (topic: string) => boolean = () => false,
  signal = new AbortController().signal,
): Promise<{ found: Found; ms: number }> {
  const time = new CompressedTime()
  const connector = new ClientConnector(
    {
      url: broker.url,
      clientId: 'dp2mqtt-main',
      username: null,
      password: null,
      protocolVersion: null,
      tls: { insecure: false },
    },
    time.clock,
  )
  let found: Found | undefined
  let failed: unknown
  scan({ connector, tree, clock: time.clock, token: 'token', signal }, filters, wanted).then(
    (result) => {
      found = result
    },
    (thrown) => {
      failed = thrown
    },
  )
  const ms = await time.until(() => found || failed, 10_000, 'the end of the scan')
  if (failed) throw failed
  return { found: found as Found, ms }
}

function store(...topics: string[]): void {
  for (const topic of topics) broker.say(topic, `on ${topic}`, { retain: true, qos: 1 })
}

it('finds what is ours, what is stored below cmd, and counts what is somebody else’s', async () => {
  store('tuya/state/device/a', 'tuya/bridge/state', 'tuya/cmd/device/a/dp/x', 'tuya/cmd/what/ever')
  store('tuya/foreign', 'tuya/state/device/a/b/c', 'elsewhere')
  const { found } = await look()
  expect([...found.topics].sort()).toEqual(['tuya/bridge/state', 'tuya/state/device/a'])
  expect([...found.commands].sort()).toEqual(['tuya/cmd/device/a/dp/x', 'tuya/cmd/what/ever'])
  expect(found.foreign).toBe(2)
  expect(found.payloads.size).toBe(0)
})

it('keeps the payloads that are asked for, and none beyond what we publish ourselves', async () => {
  store('tuya/state/device/a', 'tuya/state/device/b')
  broker.say('tuya/state/device/c', 'x'.repeat(128 * 1024 + 1), { retain: true })
  const { found } = await look(undefined, (topic) => !topic.endsWith('/b'))
  expect(Object.fromEntries(found.payloads)).toEqual({ 'tuya/state/device/a': 'on tuya/state/device/a' })
  expect(found.topics.size).toBe(3)
})

it('reads at QoS 0, on a connection of its own that says goodbye', async () => {
  await look()
  expect(broker.connects.map(({ clientId }) => clientId)).toEqual(['dp2mqtt-main-scan'])
  expect(broker.subscribed.map(({ topic, qos }) => [topic, qos])).toEqual([['tuya/#', 0]])
  await until(() => broker.connected === 0)
})

it('asks for single topics and its own marker alone', async () => {
  store('tuya/bridge/state', 'tuya/state/device/a')
  const { found } = await look(['tuya/bridge/info', 'tuya/bridge/state'])
  expect(broker.subscribed.map(({ topic }) => topic)).toEqual([
    'tuya/bridge/probe',
    'tuya/bridge/info',
    'tuya/bridge/state',
  ])
  expect([...found.topics]).toEqual(['tuya/bridge/state'])
})

it('ends soon after its marker came back', async () => {
  store(...Array.from({ length: 2_000 }, (_, i) => `tuya/state/device/d${i}`))
  const { found, ms } = await look()
  expect(found.topics.size).toBe(2_000)
  expect(ms).toBeLessThan(2_000)
})

it('ends 5 s after the last message where the marker does not come back, with what it has', async () => {
  store('tuya/state/device/a')
  broker.script.accepts = () => false
  const { found, ms } = await look()
  expect([...found.topics]).toEqual(['tuya/state/device/a'])
  expect(ms).toBeLessThanOrEqual(5_600)
})

it('does not take live messages for stored ones', async () => {
  broker.script.accepts = () => false
  const looking = look()
  await until(() => broker.subscribed.length > 0)
  broker.say('tuya/state/device/live', 'x')
  broker.say('tuya/state/device/gone', '', { retain: true })
  expect((await looking).found.topics.size).toBe(0)
})

it('I-7: keeps at most 400,000 topics', async () => {
  const connector = new ScriptedConnector()
  connector.prepare = (link) => {
    link.subscribes = async () => {
      for (let i = 0; i < 410_000; i++) link.hear(`tuya/state/device/d${i}`, 'x', true)
    }
  }
  const clock = new VirtualClock()
  const { signal } = new AbortController()
  const scanning = scan({ connector, tree, clock, token: 'token', signal }, [tree.everything], () => false)
  await clock.advance(5_000)
  const { topics } = await scanning
  expect(topics.size).toBe(400_000)
  expect(connector.last.closed).toBe(true)
  expect(clock.waiting).toBe(0)
})

describe('fails', () => {
  it('when the connection breaks: half a picture would be taken for the whole', async () => {
    broker.script.accepts = () => false
    const looking = look()
    await until(() => broker.subscribed.length > 0)
    broker.cut()
    await expect(looking).rejects.toMatchObject({ end: 'closed' })
  })

  it('when the subscription is refused', async () => {
    broker.script.suback = () => 0x87
    await expect(look()).rejects.toMatchObject({ end: 'rights' })
    await until(() => broker.connected === 0)
  })

  it('when it is broken off', async () => {
    broker.script.accepts = () => false
    const life = new AbortController()
    const looking = look(undefined, undefined, life.signal)
    await until(() => broker.subscribed.length > 0)
    life.abort()
    await expect(looking).rejects.toThrow()
    await until(() => broker.connected === 0)
  })
})
