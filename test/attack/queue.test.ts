import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Published } from '../../src/simulator/queue/service.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { demo } from '../support/simulator-desk.ts'
import { smallWorld } from '../support/small-world.ts'
import { VirtualHouse, type VirtualHouseOptions } from '../support/virtual-house.ts'

let broker: FakeBroker
let house: VirtualHouse

beforeEach(async () => {
  broker = await FakeBroker.open()
})
afterEach(async () => {
  await house[Symbol.asyncDispose]()
  await broker.stop()
})

async function open(queue: object = {}, options: Partial<VirtualHouseOptions> = {}): Promise<void> {
  house = await VirtualHouse.open({
    listens: true,
    brokerUrl: broker.url,
    world: smallWorld(),
    ...options,
    queue,
  })
  house.time.progress = () => broker.published.length
}

const lamp = `tuya/state/device/${demo.lamp}`
const acks = () => house.simulator.journal.entries('queue', 'ack').length
const deadLetters = () =>
  broker.on('tuya/bridge/deadletter').map((payload) => JSON.parse(payload) as { reason: string })

/** What is said of the house; the bridge's own words aside. */
const told = () => broker.published.filter(({ topic }) => !topic.startsWith('tuya/bridge/')).length

/** A report that the lamp is on, or off: what it is not. */
function forged(wishes: Published): void {
  const t = house.time.clock.now() + 1_000
  const value = !house.simulator.world.device(demo.lamp).status.get('switch_led')
  const status = [{ code: 'switch_led', t, '20': String(value), value }]
  const body = { dataId: `forged-${t}`, devId: demo.lamp, productKey: 'forged', status }
  house.simulator.queue.publish({ protocol: 4, bizCode: null, key: demo.lamp, body }, wishes)
}

const genuine = (brightness: number) =>
  house.simulator.world.report(demo.lamp, { bright_value_v2: brightness })

describe('attack 17: a forged message of the queue, with the right envelope', () => {
  it.each(['ecb', 'gcm'] as const)(
    'and the wrong key (%s), after a genuine one: refused, told, and nothing follows from it',
    async (cipher) => {
      await open()
      genuine(300)
      await house.time.pass(1_000)
      const [before, state] = [told(), broker.stored.get(lamp)]
      for (let i = 0; i < 3; i++) forged({ cipher, damage: 'key' })
      await house.time.pass(1_000)
      expect(deadLetters()).toHaveLength(3)
      expect([told(), broker.stored.get(lamp)]).toEqual([before, state])
      genuine(301)
      await house.time.pass(1_000)
      expect(broker.stored.get(`${lamp}/dp/bright_value_v2`)).toBe('301')
      expect(broker.on(`${lamp}/dp/switch_led`)).toHaveLength(1)
    },
  )

  it('and the wrong key, before any genuine one: held, not acknowledged, and nothing follows from it', async () => {
    await open()
    const before = told()
    for (let i = 0; i < 3; i++) forged({ damage: 'key' })
    await house.time.pass(9_000)
    expect([told(), acks(), deadLetters().length]).toEqual([before, 0, 0])
    genuine(302)
    await house.time.pass(1_000)
    expect(deadLetters()).toHaveLength(3)
    expect(broker.stored.get(`${lamp}/dp/bright_value_v2`)).toBe('302')
    expect(broker.on(`${lamp}/dp/switch_led`)).toHaveLength(1)
  })

  it('and a tag that fits with nothing, or no cipher that is known: refused', async () => {
    await open()
    genuine(303)
    await house.time.pass(1_000)
    const before = told()
    forged({ damage: 'tag' })
    forged({ damage: 'cipher' })
    forged({ damage: 'body-json' })
    await house.time.pass(1_000)
    expect(deadLetters()).toHaveLength(3)
    expect(told()).toBe(before)
  })

  it('and a wrong signature: counted, and refused where signatures are required', async () => {
    await open({ requireSign: true })
    genuine(304)
    await house.time.pass(1_000)
    const before = told()
    forged({ damage: 'sign' })
    await house.time.pass(1_000)
    expect(deadLetters()).toMatchObject([{ reason: 'queue/sign' }])
    expect(told()).toBe(before)
  })

  it('it cannot name topics, devices or homes of its own choice', async () => {
    await open()
    const topics = new Set(broker.stored.keys())
    for (const id of ['../../cmd/x', '+', '#', '__proto__', 'constructor', 'a/b', '$SYS', '\u0000', '']) {
      const body = { devId: id, productKey: 'p', status: [{ code: id, t: Date.now(), value: 1 }] }
      house.simulator.queue.publish({ protocol: 4, bizCode: null, key: 'x', body })
      const bizData = { devId: id, homeId: id, sceneId: id, name: id }
      for (const bizCode of ['online', 'delete', id || 'x'])
        house.simulator.queue.publish({
          protocol: 20,
          bizCode,
          key: 'x',
          body: { devId: id, bizCode, bizData, ts: 1 },
        })
    }
    await house.time.pass(20_000)
    expect(house.simulator.queue.backlog()).toBe(0)
    expect(broker.violations).toEqual([])
    const fresh = [...broker.stored.keys()].filter((topic) => !topics.has(topic))
    expect(
      fresh.filter((topic) => !/^tuya\/last\/(queue\/[\w%.-]+|device\/[\w-]+\/\w+)$/.test(topic)),
    ).toEqual([])
    expect(({} as Record<string, unknown>)['devId']).toBeUndefined()
    expect(house.bridge.health.links.queue.state).toBe('up')
  })
})
