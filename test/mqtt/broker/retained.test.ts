import { describe, expect, it } from 'vitest'
import { memoryStore, RetainedStore } from '../../../src/mqtt/broker/retained.ts'
import { BrokerBench, roundTrip } from '../../support/broker.ts'
import { until } from '../../support/until.ts'

function store(caps = { retainedTopics: 3, retainedBytes: 100 }) {
  const retained = new RetainedStore((topic) => topic.startsWith('tuya/cmd/'), caps, memoryStore())
  const keep = (topic: string, payload: string) =>
    retained.store.storeRetained({ topic, payload: Buffer.from(payload) })
  const topics = (filter = '#') => [...retained.matching(filter)].map(({ topic }) => topic)
  return { retained, keep, topics }
}

describe('R-E2: the cap on what is retained', () => {
  it('counts topics and bytes, old values of a topic not twice', async () => {
    const { retained, keep } = store()
    await keep('a', '12345')
    await keep('a', '123')
    await keep('b', '1')
    expect(retained.topics).toBe(2)
    expect(retained.counts).toEqual({ bytes: 6, dropped: 0 })
    await keep('a', '')
    await keep('unknown', '')
    expect(retained.topics).toBe(1)
    expect(retained.counts).toEqual({ bytes: 2, dropped: 0 })
  })

  it('drops what would pass either cap and keeps what was there', async () => {
    const { retained, keep, topics } = store()
    for (const topic of ['a', 'b', 'c', 'd']) await keep(topic, '1')
    expect(topics()).toEqual(['a', 'b', 'c'])
    await keep('a', 'x'.repeat(100))
    expect([...retained.matching('a')][0]?.payload.toString()).toBe('1')
    expect(retained.counts.dropped).toBe(2)
  })

  it('a retained message holds its own bytes and nothing that was read beside them', async () => {
    const { retained } = store()
    const chunk = Buffer.alloc(64 * 1024, 'x')
    await retained.store.storeRetained({ topic: 'a', payload: chunk.subarray(0, 10) })
    const [{ payload } = { payload: '' }] = retained.matching('a')
    expect((payload as Buffer).buffer.byteLength).toBe(10)
  })
})

it('who asks for a topic by its name gets it, and nobody looks through all others for it', async () => {
  const inner = memoryStore()
  const sought: string[] = []
  const replay = inner.createRetainedStreamCombi.bind(inner)
  inner.createRetainedStreamCombi = (filters) => {
    sought.push(...filters)
    return replay(filters)
  }
  const { store: guarded } = new RetainedStore(() => false, undefined, inner)
  for (const topic of ['a', 'b/c', 'b/d', 'e'])
    await guarded.storeRetained({ topic, payload: Buffer.from(topic) })
  const given = async (...filters: string[]) =>
    (await guarded.createRetainedStreamCombi(filters).toArray()).map(({ payload }) => String(payload))
  expect(await given('a', 'e', 'nobody')).toEqual(['a', 'e'])
  expect(sought).toEqual([])
  expect(await given('a', 'b/+')).toEqual(['a', 'b/c', 'b/d'])
  expect(sought).toEqual(['b/+'])
})

it('commands are never kept', async () => {
  const { keep, topics } = store()
  await keep('tuya/cmd/device/bf1', 'true')
  await keep('tuya/state/device/bf1', '{}')
  expect(topics()).toEqual(['tuya/state/device/bf1'])
})

it('gives what a filter matches', async () => {
  const { keep, topics } = store()
  for (const topic of ['a/b', 'a/b/c', '$x/b']) await keep(topic, '1')
  expect(topics('a/+')).toEqual(['a/b'])
  expect(topics('a/#')).toEqual(['a/b', 'a/b/c'])
  expect(topics('#')).toEqual(['a/b', 'a/b/c'])
})

it('a message that the store refused is not counted, and what was there before still is', async () => {
  const store = memoryStore()
  const keep = store.storeRetained.bind(store)
  store.storeRetained = (packet) =>
    packet.payload.toString() === 'bad' ? Promise.reject(new Error('disk')) : keep(packet)
  const retained = new RetainedStore(() => false, undefined, store)
  const publish = (payload: string) =>
    retained.store.storeRetained({ topic: 'a', payload: Buffer.from(payload) })
  await expect(publish('bad')).rejects.toThrow('disk')
  expect([retained.topics, retained.counts.bytes]).toEqual([0, 0])
  await publish('good')
  await expect(publish('bad')).rejects.toThrow('disk')
  expect([...retained.matching('a')].map(({ payload }) => payload.toString())).toEqual(['good'])
  expect(retained.counts.bytes).toBe('a'.length + 'good'.length)
})

it('many that come at once pass the cap no more than one after the other', async () => {
  const { retained, keep } = store()
  await Promise.all(Array.from({ length: 50 }, (_, i) => keep(`t/${i}`, 'x')))
  expect(retained.topics).toBe(3)
})

it('I-2: a value that changes while somebody subscribes is the last that he hears, not the one before it', async () => {
  await using bench = await BrokerBench.open()
  const link = await bench.link()
  const topics = Array.from({ length: 500 }, (_, i) => `t/${i}`)
  const say = (topic: string, payload: string) =>
    new Promise((resolve) => link.publish({ topic, payload, qos: 1, retain: true }, resolve))
  await Promise.all(topics.map((topic) => say(topic, 'old')))
  const client = await bench.client()
  const now = new Map<string, string>()
  let replayed = 0
  client.on('message', (topic, payload, { retain }) => {
    now.set(topic, payload.toString())
    if (retain) replayed++
  })
  client.subscribe('t/#', { qos: 1 })
  await until(() => replayed > 0)
  for (const [i, topic] of topics.entries()) {
    void say(topic, 'new')
    // In the middle of the replay, some at a time.
    if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await until(() => replayed === topics.length, 20_000, 'the end of the replay')
  await roundTrip(client)
  expect([...now.values()].filter((value) => value !== 'new')).toEqual([])
})
