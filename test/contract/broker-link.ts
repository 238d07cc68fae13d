import { beforeEach, describe, expect, it } from 'vitest'
import type { BrokerConnector, BrokerLink, PublishRefused } from '../../src/mqtt/link.ts'
import type { Incoming, Outgoing } from '../../src/mqtt/message.ts'
import { BrokerBench } from '../support/broker.ts'
import { until } from '../support/until.ts'
import { settle } from '../support/virtual-clock.ts'

/** What the bridge relies on whichever way it reaches its broker. */
export function brokerLinkContract(name: string, connector: (bench: BrokerBench) => BrokerConnector): void {
  describe(`${name} as a link to the broker`, () => {
    let suffix = 0

    beforeEach(() => {
      suffix = 0
    })

    function openBench(): Promise<BrokerBench> {
      return BrokerBench.open({ publishesPerSecond: 1_000_000 })
    }

    async function open(bench: BrokerBench): Promise<{ link: BrokerLink; heard: Incoming[] }> {
      const heard: Incoming[] = []
      const link = await connector(bench).connect({
        suffix: `-${suffix++}`,
        onMessage: (message) => heard.push(message),
        signal: new AbortController().signal,
      })
      return { link, heard }
    }

    function publish(link: BrokerLink, message: Partial<Outgoing>): Promise<PublishRefused | undefined> {
      const whole = { topic: 'a/b', payload: 'x', qos: 1, retain: false, ...message } as const
      return new Promise((resolve) => link.publish(whole, resolve))
    }

    const texts = (heard: readonly Incoming[]) => heard.map(({ payload }) => Buffer.from(payload).toString())

    it('says when the broker has a message, of every quality of service', async () => {
      await using bench = await openBench()
      const { link } = await open(bench)
      for (const qos of [0, 1] as const) {
        for (const retain of [false, true]) expect(await publish(link, { qos, retain })).toBeUndefined()
      }
      await link.close()
    })

    it('brings what others publish, with topic and bytes as they were', async () => {
      await using bench = await openBench()
      const [here, there] = [await open(bench), await open(bench)]
      await here.link.subscribe('tuya/+/x/#', { qos: 1 })
      await publish(there.link, { topic: 'tuya/cmd/x/Küche 🔆', payload: '{"größe":"±1 °C"}' })
      await publish(there.link, { topic: 'tuya/cmd/y', payload: 'not asked for' })
      await publish(there.link, { topic: 'tuya/cmd/x', payload: '' })
      await until(() => here.heard.length === 2)
      expect(here.heard[0]).toMatchObject({ topic: 'tuya/cmd/x/Küche 🔆', retain: false, dup: false })
      expect(texts(here.heard)).toEqual(['{"größe":"±1 °C"}', ''])
    })

    it('brings its own messages back', async () => {
      await using bench = await openBench()
      const { link, heard } = await open(bench)
      await link.subscribe('probe', { qos: 1 })
      await publish(link, { topic: 'probe', payload: 'token' })
      await until(() => heard.length === 1)
    })

    it('brings stored messages with their flag to a new subscription, and cleared ones no more', async () => {
      await using bench = await openBench()
      const [here, there] = [await open(bench), await open(bench)]
      await publish(there.link, { topic: 'r/1', payload: 'old', retain: true })
      await publish(there.link, { topic: 'r/1', payload: 'new', retain: true, qos: 0 })
      await publish(there.link, { topic: 'r/2', payload: 'gone', retain: true })
      await publish(there.link, { topic: 'r/2', payload: '', retain: true })
      await publish(there.link, { topic: 'r/3', payload: 'not kept' })
      await here.link.subscribe('r/#', { qos: 0 })
      await publish(there.link, { topic: 'r/last', payload: 'end' })
      await until(() => here.heard.some(({ topic }) => topic === 'r/last'))
      expect(here.heard.filter(({ retain }) => retain).map(({ topic }) => topic)).toEqual(['r/1'])
      expect(texts(here.heard)).toEqual(['new', 'end'])
    })

    it('keeps the order of a topic, and tells of deliveries in the order of publishing', async () => {
      await using bench = await openBench()
      const [here, there] = [await open(bench), await open(bench)]
      await here.link.subscribe('order', { qos: 1 })
      const numbers = Array.from({ length: 300 }, (_, i) => i)
      const told: number[] = []
      for (const i of numbers) {
        there.link.publish({ topic: 'order', payload: `${i}`, qos: 1, retain: false }, () => told.push(i))
      }
      await until(() => here.heard.length === numbers.length && told.length === numbers.length)
      expect(texts(here.heard).map(Number)).toEqual(numbers)
      expect(told).toEqual(numbers)
    })

    it('a subscription that is made again replaces the first', async () => {
      await using bench = await openBench()
      const { link, heard } = await open(bench)
      await link.subscribe('again', { qos: 0 })
      await link.subscribe('again', { qos: 1 })
      await settle()
      await publish(link, { topic: 'again', payload: 'once' })
      await publish(link, { topic: 'again', payload: 'end' })
      await until(() => texts(heard).includes('end'))
      expect(texts(heard)).toEqual(['once', 'end'])
    })

    it('who publishes from its own callback does not disturb the order', async () => {
      await using bench = await openBench()
      const { link, heard } = await open(bench)
      await link.subscribe('chain', { qos: 1 })
      let n = 0
      const next = () => {
        if (n < 50) link.publish({ topic: 'chain', payload: `${n++}`, qos: 1, retain: n % 2 === 0 }, next)
      }
      next()
      await until(() => heard.length === 50)
      expect(texts(heard).map(Number)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    })

    it('destroyed, it says why, is silent in both directions, and may be destroyed again', async () => {
      await using bench = await openBench()
      const [here, there] = [await open(bench), await open(bench)]
      await here.link.subscribe('a/#', { qos: 1 })
      let told = 0
      here.link.publish({ topic: 'b', payload: 'in flight', qos: 1, retain: true }, () => told++)
      here.link.destroy('silent')
      here.link.destroy('stopped')
      here.link.publish({ topic: 'b', payload: 'too late', qos: 1, retain: false }, () => told++)
      expect(await here.link.ended).toMatchObject({ end: 'silent' })
      await publish(there.link, { topic: 'a/b' })
      await there.link.subscribe('b', { qos: 1 })
      await publish(there.link, { topic: 'b', payload: 'end' })
      await until(() => texts(there.heard).includes('end'))
      expect(here.heard).toEqual([])
      expect(texts(there.heard)).not.toContain('too late')
      expect(told).toBe(0)
      expect(here.link.unsentBytes).toBe(0)
    })

    it('closed, it has delivered what it was given', async () => {
      await using bench = await openBench()
      const [here, there] = [await open(bench), await open(bench)]
      await there.link.subscribe('bye', { qos: 1 })
      await publish(here.link, { topic: 'bye', payload: 'offline', retain: true })
      await here.link.close()
      await here.link.ended
      await until(() => there.heard.length === 1)
      await here.link.close()
    })

    it('tells limits that the bridge can work with', async () => {
      await using bench = await openBench()
      const { link } = await open(bench)
      expect(link.limits.receiveMaximum).toBeGreaterThanOrEqual(64)
      expect(link.limits.maximumPacketSize).toBeGreaterThanOrEqual(128 * 1024 + 1_024)
      expect(link.limits).toMatchObject({ protocol: 'MQTT 3.1.1', retainAvailable: true, maximumQos: 2 })
    })
  })
}
