import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isMomentary } from '../../src/domain/momentary.ts'
import { seededRandom } from '../../src/util/random.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { canaryWorld } from '../support/house.ts'
import { QueueLoad } from '../support/queue-load.ts'
import { smallWorld } from '../support/small-world.ts'
import { precision } from '../support/time.ts'
import { VirtualHouse, type VirtualHouseOptions } from '../support/virtual-house.ts'

// The whole bridge between the simulated queue and a scripted broker, on a compressed clock. What needs the queue's
// sockets is shown for the link alone.

let broker: FakeBroker
let house: VirtualHouse
let load: QueueLoad

beforeEach(async () => {
  broker = await FakeBroker.open()
})
afterEach(async () => {
  await house[Symbol.asyncDispose]()
  await broker.stop()
})

async function open(options: Partial<VirtualHouseOptions> = {}): Promise<void> {
  const { config, ...others } = options
  house = await VirtualHouse.open({
    listens: true,
    world: smallWorld(),
    brokerUrl: broker.url,
    config: { events: { stale: 'both' }, ...config } as never,
    ...others,
  })
  house.time.progress = () => broker.published.length
  load = new QueueLoad(house.simulator, () => house.time.clock.now())
  house.simulator.journal.clear()
}

const queue = () => house.bridge.health.links.queue
const counts = () => house.bridge.health.counts
const faults = () => house.simulator.faults
const deadLetters = () =>
  broker
    .on('tuya/bridge/deadletter')
    .map((payload) => JSON.parse(payload) as { link: string; reason: string })
const inOrder = (count: number) => Array.from({ length: count }, (_, n) => n)

async function drained(withinMs = 120_000): Promise<number> {
  const took = await house.time.until(() => house.simulator.queue.backlog() === 0, withinMs, 'an empty queue')
  await house.hears()
  return took
}

/** Everything was seen once, in order, and every frame has its acknowledgement. */
function expectOnce(): void {
  expect(load.seen(broker.published)).toEqual(inOrder(load.events))
  expect(load.unequal).toEqual([])
}

function expectSum(): void {
  const { queueReceived = 0, queueSettled = 0, queueDuplicate = 0, queueStale = 0 } = counts()
  const { queueDead = 0, queueShed = 0, queuePending = 0 } = counts()
  expect(queueSettled + queueDuplicate + queueStale + queueDead + queueShed + queuePending).toBe(
    queueReceived,
  )
}

it('Q1: connections that are cut after any number of frames lose nothing and tell nothing twice', async () => {
  await open()
  for (let frames = 1; frames <= 12; frames++) {
    faults().set(`queue-cut=${frames}`)
    load.event(20)
    load.report()
    await house.time.pass(200)
  }
  faults().clear('queue-cut')
  await drained()
  expect(load.seen(broker.published)).toEqual(inOrder(load.events))
  expectSum()
})

it('Q2: of duplicates each is acknowledged and none is published again', async () => {
  await open({ faults: ['queue-duplicate=0.1'] })
  for (let i = 0; i < 20; i++) {
    load.event(50)
    load.report()
    await house.time.pass(100)
  }
  await drained()
  expectOnce()
  expect(counts()['queueDuplicate']).toBeGreaterThan(50)
  expectSum()
})

// Over the whole bridge 2,000 reports instead of 20,000.
it('Q3: reports out of order over all partitions, up to five minutes late: no value ever steps back', async () => {
  await open({ faults: ['queue-swap=0.3'], world: canaryWorld() })
  const random = seededRandom(3)
  const devices = [...house.simulator.world.devices.values()].slice(0, 20)
  const points = devices.flatMap(({ id, status }) =>
    [...status].flatMap(([code, value]) =>
      typeof value === 'number' && !isMomentary(code) ? [{ id, code, value }] : [],
    ),
  )
  const spreadMs = 300_000
  await house.time.pass(spreadMs)
  const newest = new Map<string, number>()
  for (let i = 0; i < 2_000; i++) {
    const { id, code, value } = points[Math.floor(random() * points.length)] as (typeof points)[number]
    const t = house.time.clock.now() - Math.floor(random() * spreadMs)
    const key = `${id} ${code}`
    newest.set(key, Math.max(newest.get(key) ?? 0, t))
    house.simulator.queue.publish({
      protocol: 4,
      bizCode: null,
      key: id,
      body: { dataId: `q3-${i}`, devId: id, productKey: 'p', status: [{ code, t, value: value + (i % 2) }] },
    })
    if (i % 100 === 99) await house.time.pass(100)
  }
  await drained()
  const last = new Map<string, number>()
  const back: string[] = []
  for (const { topic, payload } of broker.published) {
    const [, id] = /^tuya\/state\/device\/([^/]+)$/.exec(topic) ?? []
    if (id === undefined || payload === '') continue
    const { meta } = JSON.parse(payload) as { meta: Record<string, { timeMs: number }> }
    for (const [code, { timeMs }] of Object.entries(meta)) {
      const key = `${id} ${code}`
      if (timeMs < (last.get(key) ?? 0)) back.push(`${key} ${timeMs}`)
      last.set(key, timeMs)
    }
  }
  expect(back).toEqual([])
  expect([...newest].filter(([key, t]) => (last.get(key) ?? 0) < t)).toEqual([])
  expect(newest.size).toBeGreaterThan(10)
  expectSum()
})

it('Q4: a queue that sends all again after 2 s: each is told once, and every frame acknowledged', async () => {
  await open({ ackTimeoutMs: 2_000 })
  broker.script.puback = ({ topic }) => (topic.startsWith('tuya/event/') ? 'later' : 0)
  load.event(40)
  await house.time.pass(7_000)
  expect(load.acks).toBe(0)
  const deliveries = house.simulator.journal.entries('queue', 'deliver')
  expect(deliveries.length).toBeGreaterThanOrEqual(3 * 40)
  expect(deliveries.every(({ detail }) => detail['redeliveryCount'] === 0)).toBe(true)
  broker.script.puback = () => 0
  broker.answer()
  await drained()
  expectOnce()
  expect(house.simulator.journal.entries('queue', 'close')).toEqual([])
  expect(counts()).toMatchObject({ queueSettled: 40, queuePending: 0, queueShed: 0 })
  expectSum()
})

describe('Q5: messages that nobody can read', () => {
  it('all poison is told and acknowledged, unknown devices are counted, the others are not delayed', async () => {
    await open({ faults: ['queue-poison=0.05', 'queue-large=0.002:1200000'] })
    const delays: number[] = []
    for (let i = 0; i < 20; i++) {
      load.event(100)
      if (i % 5 === 0) house.simulator.queue.burst(10)
      const before = house.time.clock.monotonic()
      await house.time.pass(100)
      delays.push(house.time.clock.monotonic() - before)
    }
    await drained(1_200_000)
    const seen = load.seen(broker.published)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    const dead = deadLetters().filter(({ link }) => link === 'queue')
    expect(seen.length + dead.length).toBeGreaterThanOrEqual(load.events)
    expect(dead.length).toBe((counts()['queueDead'] ?? 0) - (counts()['unknownDevice'] ?? 0))
    expect(counts()['unknownDevice']).toBeGreaterThan(30)
    expect(new Set(dead.map(({ reason }) => reason)).size).toBeGreaterThan(5)
    expectSum()
  })
})

describe('Q6: the wrong key', () => {
  it('at one message a minute: left after 10 s, nothing acknowledged, told; a message that fits mends it', async () => {
    await open({ faults: ['queue-wrong-key=1'] })
    for (let i = 0; i < 4; i++) {
      load.event()
      await house.time.pass(11_000)
      expect(queue().state).toBe('down')
      await house.time.pass(49_000)
    }
    expect(load.acks).toBe(0)
    expect(queue()).toMatchObject({ reason: 'key-mismatch' })
    expect(deadLetters()).toEqual([])
    faults().clear('queue-wrong-key')
    load.event(10)
    // A wrong key is tried every five minutes.
    await drained(330_000)
    expect(load.seen(broker.published)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    expect(deadLetters().map(({ link }) => link)).toEqual(['queue', 'queue', 'queue', 'queue'])
    expect(queue()).toMatchObject({ state: 'up', reason: null })
    expectSum()
  })

  it('that was changed while messages flowed: after twenty it is the key, and no more are given up', async () => {
    await open()
    load.event()
    await drained()
    faults().set('queue-wrong-key=1')
    load.event(100)
    await house.time.pass(30_000)
    expect(load.acks - 1).toBeLessThanOrEqual(20)
    expect(queue()).toMatchObject({ state: 'down', reason: 'key-mismatch' })
    expectSum()
  })
})

it('Q7: half-open: found within 40 s, and nothing is lost', async () => {
  await open()
  faults().set('queue-half-open=5')
  load.event(20)
  await house.time.pass(1_000)
  faults().clear('queue-half-open')
  const ms = await house.time.until(() => queue().state === 'down', 60_000, 'noticing')
  expect(ms).toBeLessThanOrEqual(40_000 * precision)
  await drained()
  expect(load.seen(broker.published)).toEqual(inOrder(20))
  expectSum()
})

it('Q8: two hundred refused connections: it still tries, is connected soon after it may, and tells the gap', async () => {
  await open()
  faults().set('queue-handshake=503:200')
  faults().set('queue-cut=0')
  load.event()
  await house.time.until(() => queue().state === 'down', 120_000, 'the loss')
  faults().clear('queue-cut')
  const refused = () => house.simulator.journal.entries('queue', 'refuse').length
  while (refused() < 200) await house.time.clock.advance(1_000)
  load.event(99)
  const ms = await house.time.until(() => queue().state === 'up', 120_000, 'the connection')
  expect(ms).toBeLessThanOrEqual(60_000)
  await drained()
  // The first one was forgotten by the queue after two hours.
  expect(load.missing(broker.published)).toEqual([0])
  expect(broker.on('tuya/event/bridge/gap')).toHaveLength(1)
  expect(deadLetters()).toEqual([])
})

// With memory, and at 5,000 a second, it is shown where the bridge is a process of its own.
it('Q9: a storm: nothing is lost or told twice, and little is kept meanwhile', async () => {
  await open()
  load.event(2_000)
  let most = 0
  const isDone = () => {
    most = Math.max(most, counts()['queuePending'] ?? 0)
    return house.simulator.queue.backlog() === 0
  }
  await house.time.until(isDone, 120_000, 'an empty queue')
  await house.hears()
  expect(most).toBeLessThanOrEqual(1_500)
  expectOnce()
  expectSum()
})

it('Q10: a message of several MiB is refused unread, and what follows it arrives', async () => {
  await open()
  load.event(5)
  await drained()
  faults().set('queue-large=1:3000000')
  load.event()
  faults().clear('queue-large')
  load.event(5)
  await drained()
  expect(deadLetters()).toMatchObject([{ link: 'queue', reason: 'queue/too-large' }])
  expect(load.missing(broker.published)).toEqual([5])
  expectSum()
})
