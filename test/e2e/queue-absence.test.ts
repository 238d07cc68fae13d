import { afterEach, describe, expect, it } from 'vitest'
import { memoryDisk } from '../../src/app/demo.ts'
import { expectNoCanary } from '../support/canary.ts'
import { demo } from '../support/simulator-desk.ts'
import { minuteMs } from '../support/span.ts'
import { VirtualHouse, type VirtualHouseOptions } from '../support/virtual-house.ts'

let house: VirtualHouse
afterEach(() => house[Symbol.asyncDispose]())

/** A house that listens to the queue, and somebody who sees everything. */
async function open(options: VirtualHouseOptions = {}): Promise<void> {
  house = await VirtualHouse.open({ listens: true, ...options })
}

const link = () => {
  const { state, reason } = house.bridge.health.links.queue
  return reason === null ? state : `${state} ${reason}`
}
const lists = () =>
  house.simulator.journal.entries('request').filter(({ subject }) => /home-devices|devices/.test(subject))
const last = (topic: string) => house.seen.filter((one) => one.topic === `tuya/${topic}`).at(-1)?.payload
const bright = () => JSON.parse(last(`state/device/${demo.lamp}`) ?? '{}') as { dp?: Record<string, unknown> }
const page = async (path: string) =>
  (await fetch(`http://127.0.0.1:${house.bridge.ports.http}${path}`)).text()
const acked = () => house.simulator.journal.entries('queue', 'ack').length
const delivered = () => house.simulator.journal.entries('queue', 'deliver').length
const pass = (ms: number) => house.time.pass(ms)

describe('a queue that is not heard', () => {
  it('down for a minute: its values are stale and state is polled at once, until it is up again', async () => {
    await open({ config: { poll: { minSeconds: 60 } } as never })
    await house.client(['tuya/#'])
    await house.time.until(() => link() === 'up', minuteMs, 'the queue')
    house.simulator.world.report(demo.lamp, { bright_value_v2: 321 })
    await house.time.until(() => bright().dp?.['bright_value_v2'] === 321, minuteMs, 'the value')
    await pass(20 * minuteMs)
    house.simulator.faults.set('queue-handshake=503')
    house.cutQueue()
    await house.time.until(() => link().startsWith('down'), 10 * minuteMs, 'the end')
    const before = lists().length
    await pass(50_000)
    expect(lists()).toHaveLength(before)
    await pass(20_000)
    expect(lists().length).toBeGreaterThan(before)
    expect(await page('/readyz')).toContain('unavailable')
    expect(await page('/metrics')).toContain('dp2mqtt_link_up{link="queue"} 0')
    house.simulator.faults.clear('queue-handshake')
    await house.time.until(() => link() === 'up', 5 * minuteMs, 'the queue')
    const after = lists().length
    await pass(9 * minuteMs)
    expect(lists().length).toBe(after)
    expectNoCanary([await page('/readyz'), await page('/metrics')], 'a page')
  })

  it('connected and silent: found out by one look, polled, told, and believed with its next word', async () => {
    await open({ faults: ['queue-no-rule'] })
    await house.client(['tuya/#'])
    await house.time.until(() => link() === 'up', minuteMs, 'the queue')
    await pass(2_000)
    house.simulator.world.report(demo.lamp, { bright_value_v2: 123 })
    await pass(14 * minuteMs)
    expect(link()).toBe('up')
    await house.time.until(() => link() === 'degraded silent', 5 * minuteMs, 'the silence')
    await pass(2_000)
    expect(await page('/readyz')).toContain('"silent"')
    expect(await page('/metrics')).toContain('dp2mqtt_link_up{link="queue"} 0')
    const before = lists().length
    await pass(61 * minuteMs)
    expect(lists().length).toBeGreaterThan(before)
    house.simulator.faults.clear('queue-no-rule')
    house.simulator.world.report(demo.lamp, { bright_value_v2: 124 })
    await house.time.until(() => link() === 'up', minuteMs, 'the next word')
  })
})

describe('R-S4: the start', () => {
  it('with a snapshot and without a cloud listens to the queue', async () => {
    const disk = memoryDisk()
    await open({ disk })
    await house.time.until(() => link() === 'up', minuteMs, 'the queue')
    await house[Symbol.asyncDispose]()
    await open({ disk, cloudDown: true })
    await house.time.until(() => link() === 'up', minuteMs, 'the queue')
    await house.client(['tuya/#'])
    house.simulator.world.report(demo.lamp, { bright_value_v2: 77 })
    await house.time.until(() => bright().dp?.['bright_value_v2'] === 77, minuteMs, 'the value')
    expect(acked()).toBe(delivered())
  })

  it('without either waits until the house is read, and loses nothing meanwhile', async () => {
    await open({ cloudDown: true })
    await pass(5 * minuteMs)
    expect(house.simulator.journal.entries('queue', 'open')).toHaveLength(0)
    await house.client(['tuya/#'])
    house.simulator.world.report(demo.lamp, { bright_value_v2: 78 })
    house.simulator.faults.clear('http')
    await house.time.until(() => link() === 'up', 5 * minuteMs, 'the queue')
    await house.time.until(() => bright().dp?.['bright_value_v2'] === 78, minuteMs, 'the value')
  })
})

it('R-S5: what is delivered in the last moments is acknowledged, and nothing that was not', async () => {
  await open()
  const client = await house.client(['tuya/#'])
  await house.time.until(() => link() === 'up', minuteMs, 'the queue')
  const before = delivered()
  for (let i = 0; i < 20; i++) house.simulator.world.report(demo.lamp, { bright_value_v2: 100 + i })
  await house.time.clock.advance(1)
  for (let i = 0; delivered() === before && i < 5_000; i++) await house.time.clock.advance(1)
  expect(delivered()).toBeGreaterThan(before)
  const ids = (what: string) =>
    house.simulator.journal
      .entries('queue', what)
      .map(({ detail }) => (detail as { messageId: string }).messageId)
  const taken = ids('deliver')
  await house[Symbol.asyncDispose]()
  expect(client.connected).toBe(false)
  const acks = ids('ack')
  expect(acks).toEqual(expect.arrayContaining(taken))
  expect(new Set(acks).size).toBe(acks.length)
  expect(ids('deliver')).toEqual(expect.arrayContaining(acks))
})
