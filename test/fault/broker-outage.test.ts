import { describe, expect, it } from 'vitest'
import { speakingBench } from '../support/broker-bench.ts'
import { BrokerProcess } from '../support/broker-process.ts'
import { freeze, loseEverything, outage, restarts, talk } from '../support/broker-scenarios.ts'
import type { FakeBroker } from '../support/fake-broker.ts'
import { CompressedTime, precision } from '../support/time.ts'

// Our own timers are compressed: a minute passes in a fraction of a second, over real sockets.

const bench = speakingBench()
const mebi = 1024 * 1024

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? 0
}

/** The numbers of the events that the broker has, in the order of their first arrival. */
function eventsOn(fake: FakeBroker): number[] {
  return [...new Set(fake.on('tuya/event/bridge/gap').map((payload) => JSON.parse(payload).n as number))]
}

// 500 events a second for three seconds around each restart, not in the pauses between them.
it('B1: twenty clean restarts: publishing again in 5 s, and no event is lost or out of order', async () => {
  const bridge = bench.speak().start()
  bridge.furnish(5, 5)
  await bridge.quiet()
  const { againMs, offered, delivered } = await restarts(bridge, bench.broker, { times: 20, perSecond: 500 })
  expect(againMs).toHaveLength(20)
  expect(percentile(againMs, 0.95)).toBeLessThanOrEqual(5_000)
  expect(offered).toBeGreaterThan(30_000)
  expect(delivered).toBe(offered)
  expect(eventsOn(bench.broker)).toEqual(Array.from({ length: offered }, (_, n) => n))
  expect(bench.broker.stored).toEqual(bridge.truth)
})

describe('B2: the broker is killed and has lost what it retained', () => {
  it('2,000 topics are rebuilt exactly, in 10 s', async () => {
    await using child = await BrokerProcess.open()
    const bridge = bench.speak({ time: new CompressedTime({ elsewhere: true }) }, child.url).start()
    bridge.furnish(100, 16)
    await bridge.quiet(60_000)
    const { ms, topics, wrong } = await loseEverything(bridge, child)
    expect(topics).toBeGreaterThan(2_000)
    expect(wrong).toEqual([])
    expect(ms).toBeLessThanOrEqual(10_000)
    await bridge.stop()
  })

  it('what was removed meanwhile does not come back', async () => {
    const bridge = bench.speak().start()
    bridge.furnish(10, 3)
    await bridge.quiet()
    await bench.broker.stop()
    await bridge.time.pass(1_000)
    bridge.inventory.removeDevice('device3')
    await bench.broker.start()
    await bridge.quiet()
    expect([...bench.broker.stored.keys()].filter((topic) => topic.includes('device3'))).toEqual([])
    expect(bench.broker.stored).toEqual(bridge.truth)
  })
})

// The events fill the outbox no further than the caps allow.
it('B3: no broker for a minute: nothing is acknowledged, little is kept, and everything arrives', async () => {
  const bridge = bench.speak().start()
  bridge.furnish(20, 5)
  await bridge.quiet()
  const { acksDuring, most, offered, upMs, convergedMs, wrong } = await outage(bridge, bench.broker, {
    ms: 60_000,
    perSecond: 1_000,
  })
  expect(acksDuring).toBe(0)
  expect(most.messages).toBeLessThanOrEqual(10_000)
  expect(most.bytes).toBeLessThanOrEqual(4 * mebi)
  expect(most.rssBytes).toBeLessThanOrEqual(32 * mebi)
  expect(upMs).toBeLessThanOrEqual(5_000 + 1_000)
  expect(convergedMs).toBeLessThanOrEqual(10_000)
  expect(wrong).toEqual([])
  expect(offered).toBe(60_000)
  expect(bridge.delivered).toBe(offered)
  expect(eventsOn(bench.broker)).toEqual(Array.from({ length: offered }, (_, n) => n))
})

describe('B4: half-open', () => {
  // The library finds a silent broker after 22.5 s by itself, in real time; here our own canary does.
  it('an idle connection is recycled in 25 s', async () => {
    const bridge = bench.speak().start()
    await bridge.quiet()
    await bridge.time.pass(16_000)
    bench.broker.blackhole()
    const ms = await bridge.time.until(() => !bridge.isUp, 30_000, 'recycling')
    expect(ms).toBeLessThanOrEqual(25_000 * precision)
    expect(bridge.reason).toBe('silent')
    await bridge.up()
  })

  it('one with traffic in 10 s; what was under way arrives on the next', async () => {
    const bridge = bench.speak().start()
    await bridge.quiet()
    bench.broker.blackhole()
    const start = bridge.time.clock.monotonic()
    const said = await talk(bridge, 20, 9_000)
    await bridge.time.until(() => !bridge.isUp, 2_000, 'recycling')
    expect(bridge.time.clock.monotonic() - start).toBeLessThanOrEqual(10_000 * precision)
    expect(said.some(({ delivered }) => delivered)).toBe(false)
    await bridge.quiet()
    expect(said.every(({ delivered }) => delivered)).toBe(true)
  })
})

it('B5: a broker that stands still for 30 s is given up in 10 s, fills no memory, and is said everything', async () => {
  await using child = await BrokerProcess.open()
  const bridge = bench.speak({ time: new CompressedTime({ elsewhere: true }) }, child.url).start()
  bridge.furnish(40, 2)
  await bridge.quiet(60_000)
  const { recycledMs, mostUnsent, convergedMs, wrong } = await freeze(bridge, child, 30_000)
  expect(recycledMs).toBeLessThanOrEqual(10_000 * precision)
  expect(mostUnsent).toBeLessThanOrEqual(4 * 1024 * 1024)
  expect(convergedMs).toBeLessThanOrEqual(10_000)
  expect(wrong).toEqual([])
  await bridge.stop()
})
