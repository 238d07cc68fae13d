import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeBroker } from '../support/fake-broker.ts'
import { QueueLoad } from '../support/queue-load.ts'
import { demo } from '../support/simulator-desk.ts'
import { smallWorld } from '../support/small-world.ts'
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
    world: smallWorld(),
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

/** An event about the same device that is no number. */
function publish(bizCode: string, bizData: object): void {
  const ts = house.time.clock.now()
  house.simulator.queue.publish({
    protocol: 43,
    bizCode,
    key: demo.lamp,
    body: { devId: demo.lamp, bizCode, bizData, ts },
  })
}

const large = (bytes: number) => publish('large', { text: 'x'.repeat(bytes) })

const deadLetters = () =>
  broker
    .on('tuya/bridge/deadletter')
    .map((payload) => JSON.parse(payload) as { reason: string; bytes: number })

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
  if (load.state > 0)
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

/** Tens of thousands of messages, on a machine that may be busy with others. */
const long = { timeout: 900_000 }

// 500 events a second around each restart, not in the pauses between them.
it(
  'B1: twenty clean restarts under load: publishing again in 5 s, no event lost or out of order',
  long,
  async () => {
    await open()
    const againMs: number[] = []
    for (let i = 0; i < 20; i++) {
      await house.time.pass(15_000)
      await talk(500, 500)
      await broker.stop()
      await talk(500, 1_000)
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
  },
)

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

// What it weighs is shown where the bridge is a process of its own.
it(
  'B3: no broker for a minute: 0 acks, the queue closed after 10 s, and everything arrives',
  long,
  async () => {
    await open()
    await talk(1_000, 1_000)
    await drained()
    const before = load.acks
    await broker.stop()
    await house.time.until(() => links().mqtt.state === 'down', 30_000, 'noticing')
    let closedAfterMs: number | undefined
    let passed = 0
    let most = 0
    await talk(1_000, 60_000, () => {
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
  },
)

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

describe('B11: the broker’s limits lie below ours', () => {
  /** The event and its copy; the catalogue of operations is larger than the limit too. */
  const isOfLarge = ({ bytes }: { readonly bytes: number }) => bytes > 20_000 && bytes < 21_000

  it('a message of the queue that is too large for it is a dead letter, once, and the others flow', async () => {
    broker.script.properties = { maximumPacketSize: 8_000 }
    await open({ config: { mqtt: { url: broker.url, protocolVersion: 5 } } as never })
    await talk(50, 1_000)
    large(20_000)
    await talk(50, 1_000)
    const tookMs = await drained()
    expect(tookMs).toBeLessThanOrEqual(1_000)
    expectWhole()
    expect(broker.violations).toEqual([])
    expect(
      deadLetters()
        .filter(isOfLarge)
        .map(({ reason }) => reason),
    ).toEqual(['packet-size', 'packet-size'])
    expect(broker.connects.filter(({ clientId }) => !clientId.endsWith('-scan'))).toHaveLength(1)
  })

  it('a limit that it does not announce: hung up at, the large one dies and is acknowledged, nothing is lost', async () => {
    await open()
    broker.script.puback = ({ payload }) => (payload.length > 8_000 ? 'hang-up' : 0)
    large(20_000)
    await talk(10, 60_000)
    await drained()
    expectWhole()
    expect(deadLetters().filter(isOfLarge)).toMatchObject([{ reason: 'poison' }, { reason: 'poison' }])
  })
})

it('B12: an event at which the broker hangs up dies in 60 s; the others wait 15 s at most', async () => {
  await open()
  broker.script.puback = ({ topic }) => (topic.endsWith('/event/queue/poison') ? 'hang-up' : 0)
  await talk(20, 1_000)
  publish('poison', {})
  const from = house.time.clock.monotonic()
  const waits: { readonly n: number; readonly at: number }[] = []
  let longest = 0
  let diedAfterMs: number | undefined
  await talk(20, 60_000, () => {
    const now = house.time.clock.monotonic()
    const seen = new Set(load.seen(broker.published.slice(-500)))
    for (const wait of waits) if (!seen.has(wait.n)) longest = Math.max(longest, now - wait.at)
    waits.splice(0, waits.length, ...waits.filter(({ n }) => !seen.has(n)), { n: load.events - 1, at: now })
    if (deadLetters().length > 0) diedAfterMs ??= now - from
  })
  await drained()
  expect(diedAfterMs).toBeLessThanOrEqual(60_000)
  expect(longest).toBeLessThanOrEqual(15_000)
  expectWhole()
  expect(deadLetters()).toMatchObject([{ reason: 'poison' }])
})

it('B14: the broker flaps, 3 s up and 3 s down, twenty times: no loss, few duplicates', async () => {
  await open()
  const before = broker.connects.length
  for (let i = 0; i < 20; i++) {
    await talk(20, 3_000)
    await broker.stop()
    await talk(20, 3_000)
    await broker.start()
  }
  await drained()
  expectWhole()
  const connects = broker.connects.slice(before).filter(({ clientId }) => !clientId.endsWith('-scan'))
  expect(connects.length).toBeLessThanOrEqual(40)
  // Each time what was in flight may come twice.
  expect(load.seen(broker.published).length - load.events).toBeLessThanOrEqual(20 * 64)
})

it.each([
  [1, 500],
  [10, 2_000],
])('B15: Receive Maximum %s holds for what comes from the queue', async (receiveMaximum, events) => {
  broker.script.properties = { receiveMaximum }
  await open({ config: { mqtt: { url: broker.url, protocolVersion: 5 } } as never })
  load.event(events)
  await drained(600_000)
  broker.cut()
  load.event(100)
  await drained(600_000)
  expectWhole()
  expect(broker.violations).toEqual([])
})

describe('B16: an outage that is longer than the queue remembers', () => {
  it('the house is read again, and one gap says from when to when', async () => {
    await open()
    load.report()
    await drained()
    await broker.stop()
    await house.time.until(() => links().queue.state === 'down', 30_000, 'the end of the queue')
    const signs = house.simulator.journal.entries('queue').filter(({ subject }) => subject !== 'close')
    const lastMs = signs.at(-1)?.timeMs ?? 0
    load.event(50)
    for (let i = 0; i < 5; i++) load.report()
    // Nobody has to answer anybody meanwhile.
    await house.time.clock.advance(2.02 * 3_600_000)
    await broker.start()
    await house.time.until(() => links().queue.state === 'up', 120_000, 'the queue')
    const backMs = house.time.clock.now()
    await drained()
    const gaps = broker.on('tuya/event/bridge/gap').map((payload) => JSON.parse(payload))
    expect(gaps).toHaveLength(1)
    const { fromMs, toMs } = gaps[0].data
    expect(Math.abs(fromMs - lastMs)).toBeLessThanOrEqual(5_000)
    expect(Math.abs(toMs - backMs)).toBeLessThanOrEqual(5_000)
    // The queue has forgotten what was told: the state was read.
    expect(load.missing(broker.published)).toHaveLength(50)
    expect(said('cur_power')).toBe(load.state / 10)
  })
})

it('an outbox without room: what finds none comes again, and nothing is lost', async () => {
  const caps = { states: 500, stateBytes: 64 * 1024 * 1024, events: 8, eventBytes: 64 * 1024 }
  await open({ outboxCaps: caps })
  for (let i = 0; i < 5; i++) {
    load.event(60)
    load.report()
    await house.time.pass(2_000)
  }
  await drained(600_000)
  expectWhole()
  expect(house.bridge.health.counts['queueShed']).toBeGreaterThan(0)
  expect(load.seen(broker.published)).toEqual(inOrder(load.events))
})
