import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeBroker } from '../support/fake-broker.ts'
import { QueueLoad } from '../support/queue-load.ts'
import { demo } from '../support/simulator-desk.ts'
import { VirtualHouse, type VirtualHouseOptions } from '../support/virtual-house.ts'

// The whole bridge between the simulated queue and a scripted broker, on a compressed clock and real sockets.

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
    brokerUrl: broker.url,
    // What waited in the queue is told as an event, however old it is.
    config: { events: { stale: 'both' }, ...config } as never,
    ...others,
  })
  house.time.progress = () => broker.published.length
  load = new QueueLoad(house.simulator, () => house.time.clock.now())
  house.simulator.journal.clear()
}

const said = (code: string) => {
  const payload = broker.retained.get(`tuya/state/device/${demo.plug}/dp/${code}`)?.payload
  return payload === undefined ? undefined : Number(payload)
}
const document = () =>
  JSON.parse(broker.retained.get(`tuya/state/device/${demo.plug}`)?.payload.toString() ?? '{}') as {
    readonly dp?: Readonly<Record<string, unknown>>
  }

const links = () => house.bridge.health.links
const inOrder = (count: number) => Array.from({ length: count }, (_, n) => n)

/** Events and reports go on at this rate for this long. */
async function talk(perSecond: number, ms: number, watch: () => void = () => {}): Promise<void> {
  const tickMs = 100
  for (let due = 0, left = ms; left > 0; left -= tickMs) {
    due += (perSecond * tickMs) / 1_000
    const now = Math.floor(due)
    due -= now
    if (now > 0) load.report()
    load.event(Math.max(0, now - 1))
    await house.time.pass(tickMs)
    watch()
  }
}

/** Everything that was offered has its acknowledgement. */
async function drained(withinMs = 120_000): Promise<number> {
  const took = await house.time.until(() => house.simulator.queue.backlog() === 0, withinMs, 'an empty queue')
  await house.hears()
  // What is said again after a reconnect is said at a pace.
  const isSaid = () => said('cur_power') === load.state / 10
  if (load.state > 0) await house.time.until(isSaid, 10_000, 'the last state')
  return took
}

/** Nothing is lost, everything is acknowledged, the last state stands, the counters add up. */
function expectWhole(): void {
  expect(load.missing(broker.published)).toEqual([])
  expect(house.simulator.queue.backlog()).toBe(0)
  expect([said('cur_power'), document()?.dp?.['cur_power']]).toEqual([load.state / 10, load.state / 10])
  const {
    queueReceived = 0,
    queueSettled = 0,
    queueDuplicate = 0,
    queueStale = 0,
  } = house.bridge.health.counts
  const { queueDead = 0, queueShed = 0, queuePending = 0 } = house.bridge.health.counts
  expect(queueSettled + queueDuplicate + queueStale + queueDead + queueShed + queuePending).toBe(
    queueReceived,
  )
}

// 200 events a second around each restart instead of 500 all the time.
it('B1: twenty clean restarts under load: publishing again in 5 s, no event lost or out of order', async () => {
  await open()
  const againMs: number[] = []
  for (let i = 0; i < 20; i++) {
    await house.time.pass(30_000)
    await talk(200, 500)
    await broker.stop()
    await talk(200, 1_000)
    await broker.start()
    const before = broker.published.length
    const isSeen = () => load.seen(broker.published.slice(before)).length > 0
    againMs.push(await house.time.until(isSeen, 30_000, 'publishing again'))
  }
  await drained()
  expectWhole()
  againMs.sort((a, b) => a - b)
  expect(againMs[18]).toBeLessThanOrEqual(5_000)
  expect([...new Set(load.seen(broker.published))]).toEqual(inOrder(load.events))
})

it('B2: the broker is killed and has lost everything: it is rebuilt, with what happened meanwhile', async () => {
  await open()
  await talk(50, 1_000)
  await drained()
  const before = broker.stored
  await broker.kill()
  await talk(50, 2_000)
  await broker.start()
  const ms = await house.time.until(() => links().mqtt.state === 'up', 30_000, 'the connection')
  const isThere = () => [...before.keys()].every((topic) => broker.retained.has(topic))
  expect(ms + (await house.time.until(isThere, 20_000, 'every topic'))).toBeLessThanOrEqual(10_000)
  await drained()
  expectWhole()
  const after = broker.stored
  expect([...after.keys()].filter((topic) => !before.has(topic))).toEqual([])
  const moves = ['tuya/bridge/', 'tuya/last/', `tuya/state/device/${demo.plug}`]
  const isSteady = (topic: string) => !moves.some((start) => topic.startsWith(start))
  expect([...after].filter(([topic, text]) => isSteady(topic) && text !== before.get(topic))).toEqual([])
})

// 200 events a second; with 1,000 and their memory it is shown where the bridge is a process of its own.
it('B3: no broker for a minute: 0 acks, the queue closed after 10 s, and everything arrives', async () => {
  await open()
  await talk(200, 1_000)
  await drained()
  const before = load.acks
  await broker.stop()
  await house.time.until(() => links().mqtt.state === 'down', 30_000, 'noticing')
  let closedAfterMs: number | undefined
  let passed = 0
  let most = 0
  await talk(200, 60_000, () => {
    passed += 100
    most = Math.max(most, house.bridge.health.queues['outbox'] ?? 0)
    if (links().queue.state === 'down') closedAfterMs ??= passed
  })
  expect(load.acks - before).toBe(0)
  expect(closedAfterMs).toBeLessThanOrEqual(11_000)
  expect(most).toBeLessThanOrEqual(600)
  await broker.start()
  const upMs = await house.time.until(() => links().mqtt.state === 'up', 30_000, 'the connection')
  expect(upMs).toBeLessThanOrEqual(6_000)
  expect(await drained()).toBeLessThanOrEqual(10_000)
  expectWhole()
  expect(load.seen(broker.published)).toEqual(inOrder(load.events))
})

it('B4: half-open: what the broker never answered is not acknowledged, and arrives on the next connection', async () => {
  await open()
  await house.time.pass(10_000)
  broker.blackhole()
  const before = load.acks
  await talk(50, 9_000)
  expect(load.acks).toBe(before)
  await house.time.until(() => broker.connects.length > 2, 20_000, 'a new connection')
  await drained()
  expectWhole()
})

it('B7: pongs and no PUBACK: nothing is acknowledged, the queue is left, and comes back', async () => {
  await open()
  broker.script.puback = () => 'silence'
  broker.script.accepts = () => false
  const before = load.acks
  await talk(20, 11_000)
  expect(links().mqtt).toMatchObject({ state: 'down', reason: 'silent' })
  await house.time.pass(60_000)
  expect(load.acks).toBe(before)
  expect(links().queue).toMatchObject({ state: 'down', reason: 'broker-down' })
  broker.script.puback = () => 0
  broker.script.accepts = () => true
  broker.published.length = 0
  await drained()
  expectWhole()
})

it('B8: a broker that refuses at first: the queue is not opened before it allows, and then soon', async () => {
  broker.script.connack = () => 3
  const opening = open()
  void opening.catch(() => {})
  while (broker.connects.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
  broker.script.connack = () => 0
  await opening
  expect(links().queue.state).toBe('up')
  load.event()
  await drained()
  expect(load.missing(broker.published)).toEqual([])
})

describe('B10: the access list denies', () => {
  it('everything: nothing is acknowledged; with the rights everything arrives', async () => {
    await open()
    broker.script.accepts = () => false
    const lost = load.acks
    // Until the canary is missed the broker takes what it throws away: nobody can know.
    await house.time.until(() => links().mqtt.reason === 'rights', 60_000, 'noticing')
    await house.time.pass(11_000)
    expect(load.acks).toBe(lost)
    await talk(20, 20_000)
    expect(load.acks).toBe(lost)
    broker.script.accepts = () => true
    await drained()
    expectWhole()
  })

  it('MQTT 5, the events: they are dead letters and acknowledged, states go on', async () => {
    await open({ config: { mqtt: { url: broker.url, protocolVersion: 5 } } as never })
    broker.script.puback = ({ topic }) => (topic.startsWith('tuya/event/') ? 0x87 : 0)
    await talk(20, 2_000)
    await drained()
    expect(house.simulator.queue.backlog()).toBe(0)
    expect(said('cur_power')).toBe(load.state / 10)
    expect(house.bridge.health.counts['queueDead']).toBeGreaterThan(20)
    expect(broker.connects.filter(({ clientId }) => !clientId.endsWith('-scan'))).toHaveLength(1)
  })
})
