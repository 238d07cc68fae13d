import { describe, expect, it } from 'vitest'
import { holderOf } from '../../../src/mqtt/broker/privates.ts'
import { BrokerBench, roundTrip } from '../../support/broker.ts'
import { as, users } from '../../support/guests.ts'
import { until } from '../../support/until.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

describe('R-E4: publishes without rights', () => {
  it('one is acknowledged, dropped and counted, and the client stays', async () => {
    await using bench = await BrokerBench.open({ users })
    const { client: anna, seen } = await bench.reader('tuya/#', as('anna'))
    const dora = await bench.client(as('dora'))
    await dora.publishAsync('tuya/cmd/device/bf1', 'true', { qos: 1, retain: true })
    await dora.publishAsync('tuya/state/device/bf1', 'lies', { qos: 1, retain: true })
    await roundTrip(dora, anna)
    expect(seen).toEqual([])
    expect(bench.broker.refused.publish).toBe(2)
    expect(bench.broker.retained.topics).toBe(0)
    expect(dora.connected).toBe(true)
  })

  it('more than ten a minute cut the client off for 60 s', async () => {
    const clock = new VirtualClock()
    await using bench = await BrokerBench.open({ users, clock })
    const dora = await bench.client(as('dora'))
    for (let i = 0; i < 10; i++) await dora.publishAsync('tuya/cmd/x', String(i), { qos: 1 })
    expect(dora.connected).toBe(true)
    dora.publish('tuya/cmd/x', 'one too many', { qos: 1 })
    await until(() => !dora.connected)
    expect(await bench.refusal(as('dora'))).toBe(5)
    expect(await bench.refusal(as('carl'))).toBe(0)
    await clock.advance(59_000)
    expect(await bench.refusal(as('dora'))).toBe(5)
    await clock.advance(1_001)
    expect(await bench.refusal(as('dora'))).toBe(0)
  })

  it('ten a minute go on for ever', async () => {
    const clock = new VirtualClock()
    await using bench = await BrokerBench.open({ users, clock })
    const dora = await bench.client(as('dora'))
    for (let minute = 0; minute < 3; minute++) {
      for (let i = 0; i < 10; i++) await dora.publishAsync('tuya/cmd/x', String(i), { qos: 1 })
      await clock.advance(60_000)
    }
    expect(dora.connected).toBe(true)
    expect(bench.broker.refused.publish).toBe(30)
  })
})

describe('R-E5: rights to read', () => {
  const granted = async (bench: BrokerBench, name: 'anna' | 'carl' | 'dora', ...filters: string[]) => {
    const client = await bench.rawConnected({ username: name, password: Buffer.from(as(name).password) })
    const subscriptions = filters.map((topic) => ({ topic, qos: 0 as const }))
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions })
    const ack = await until(() => client.of('suback')[0])
    return ack.granted.map((code) => code !== 128)
  }

  it('a filter is granted when what the user may read contains all of it', async () => {
    await using bench = await BrokerBench.open({ users })
    expect(
      await granted(
        bench,
        'dora',
        'tuya/state/#',
        'tuya/state/+/bf1',
        'tuya/bridge/health',
        'tuya/reply/dora/1',
        'tuya/#',
        'tuya/+/device/bf1',
        '#',
        '+/+',
        'tuya/result/#',
        'tuya/reply/carl/#',
        'tuya/reply/+/1',
        'tuya/bridge/#',
      ),
    ).toEqual([true, true, true, true, false, false, false, false, false, false, false, false])
    expect(await granted(bench, 'carl', 'tuya/result/#', 'tuya/cmd/#')).toEqual([true, false])
    expect(await granted(bench, 'anna', 'tuya/#', '#')).toEqual([true, false])
  })

  it('$SYS is for administrators', async () => {
    await using bench = await BrokerBench.open({ users })
    expect(await granted(bench, 'anna', '$SYS/#', '$dp2mqtt/#', '$share/g/tuya/#')).toEqual([
      true,
      false,
      false,
    ])
    expect(await granted(bench, 'carl', '$SYS/#')).toEqual([false])
    expect(await granted(bench, 'dora', '$SYS/+/new/clients')).toEqual([false])
  })

  it('what reaches a client is judged again by its own topic', async () => {
    await using bench = await BrokerBench.open({ users })
    await bench.client({ ...as('dora'), clientId: 'dora-1' })
    const { aedes } = bench.broker
    const client = holderOf(aedes, 'dora-1') as never
    const forward = (topic: string) => aedes.authorizeForward(client, { topic } as never)
    expect(forward('tuya/state/device/bf1')).toMatchObject({ topic: 'tuya/state/device/bf1' })
    expect(forward('tuya/result/device/bf1')).toBeNull()
    expect(forward('$dp2mqtt/dropped')).toBeNull()
  })

  it('each role may write what its work needs', async () => {
    await using bench = await BrokerBench.open({ users })
    const { client: observer, seen } = await bench.reader('tuya/#', as('anna'))
    const topics = [
      'cmd/device/bf1',
      'cmd/scene/s1/trigger',
      'cmd/op/device-get',
      'cmd/bridge/ping',
      'state/device/bf1',
      'meta/device/bf1',
      'event/device/bf1/report',
      'result/device/bf1',
      'bridge/state',
    ]
    const written: Record<string, string[]> = {}
    for (const name of ['anna', 'carl', 'dora'] as const) {
      const client = await bench.client(as(name))
      seen.length = 0
      for (const topic of topics) await client.publishAsync(`tuya/${topic}`, name, { qos: 1 })
      await roundTrip(client, observer)
      written[name] = seen.map(({ topic }) => topic.slice('tuya/'.length))
    }
    expect(written).toEqual({ anna: topics.slice(0, 4), carl: topics.slice(0, 2), dora: [] })
  })
})

describe('R-E6: who is who', () => {
  it('a client id in use is taken over by the same user only', async () => {
    await using bench = await BrokerBench.open({ users })
    const carl = await bench.client({ ...as('carl'), clientId: 'panel' })
    expect(await bench.refusal({ ...as('anna'), clientId: 'panel' })).toBe(5)
    expect(carl.connected).toBe(true)
    expect(bench.broker.refused['client-id']).toBe(1)
    const again = await bench.client({ ...as('carl'), clientId: 'panel' })
    await until(() => !carl.connected)
    expect(again.connected).toBe(true)
  })

  it('who was refused under a client id does not disturb its holder’s messages', async () => {
    await using bench = await BrokerBench.open({ users })
    const { seen } = await bench.reader('tuya/cmd/#', as('anna'))
    const holder = await bench.rawConnected({
      clientId: 'panel',
      username: 'carl',
      password: Buffer.from('c-password'),
    })
    const once = {
      cmd: 'publish',
      topic: 'tuya/cmd/device/bf1',
      payload: 'toggle',
      qos: 2,
      messageId: 7,
      retain: false,
    } as const
    holder.send({ ...once, dup: false })
    await until(() => holder.of('pubrec').length === 1)
    expect(await bench.refusal({ clientId: 'panel', username: 'mallory', password: 'guess' })).toBe(5)
    // A repetition of a message that the broker has: taken once, whatever strangers do meanwhile.
    holder.send({ ...once, dup: true })
    await until(() => holder.of('pubrec').length === 2)
    holder.send({ cmd: 'pubrel', messageId: 7 })
    await until(() => holder.of('pubcomp').length === 1)
    expect(seen).toHaveLength(1)
  })

  it('without users everyone has every right below the dollar', async () => {
    await using bench = await BrokerBench.open()
    const { seen } = await bench.reader(['#', '+/+/+'])
    const writer = await bench.client()
    await writer.publishAsync('tuya/cmd/x', 'once', { qos: 1 })
    await until(() => seen.length > 0)
    await roundTrip(writer)
    expect(seen, 'overlapping filters').toHaveLength(1)
    const raw = await bench.rawConnected()
    raw.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '$SYS/#', qos: 0 }] })
    expect((await until(() => raw.of('suback')[0])).granted).toEqual([128])
  })

  it('a will is judged like any message of its client', async () => {
    await using bench = await BrokerBench.open({ users })
    const { client: anna, seen } = await bench.reader('tuya/#', as('anna'))
    const will = (topic: string) => ({ topic, payload: Buffer.from('gone'), qos: 0 as const, retain: false })
    const carl = { username: 'carl', password: Buffer.from('c-password') }
    const denied = await bench.rawConnected({ ...carl, will: will('tuya/state/device/bf1') })
    const allowed = await bench.rawConnected({ ...carl, will: will('tuya/reply/carl/will') })
    denied.socket.destroy()
    allowed.socket.destroy()
    await until(() => seen.length > 0)
    await roundTrip(anna)
    expect(seen.map(({ topic }) => topic)).toEqual(['tuya/reply/carl/will'])
    expect(bench.broker.refused.publish).toBe(1)
  })
})
