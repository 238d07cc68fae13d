import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { brokerLimits } from '../../../src/mqtt/broker/limits.ts'
import { memoryStore } from '../../../src/mqtt/broker/retained.ts'
import type { Incoming } from '../../../src/mqtt/message.ts'
import { BrokerBench, roundTrip } from '../../support/broker.ts'
import { connectPacket } from '../../support/raw-client.ts'
import { until } from '../../support/until.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

it('R-E1 to R-E5: the figures are those of the rules', () => {
  expect(brokerLimits).toEqual({
    connections: 256,
    connectionsPerAddress: 32,
    connectTimeoutMs: 5_000,
    drainTimeoutMs: 5_000,
    silentMs: 300_000,
    topicLevels: 16,
    packetBytesBeforeConnect: 4_096,
    packetBytes: 262_144,
    publishBurst: 200,
    inflightInbound: 100,
    filtersPerClient: 10_000,
    deniedAMinute: 10,
    bannedMs: 60_000,
    retainedTopics: 20_000,
    retainedBytes: 67_108_864,
  })
})

describe('R-E2: packets', () => {
  it('a first packet above 4 KiB ends the connection', async () => {
    await using bench = await BrokerBench.open()
    const client = await bench.raw()
    client.send(connectPacket({ clientId: 'x'.repeat(4_100) }))
    await client.closes()
    expect(bench.broker.refused['packet-size']).toBe(1)
    expect(client.received).toEqual([])
  })

  it('a connected client may send 256 KiB and not a byte more', async () => {
    await using bench = await BrokerBench.open()
    const { seen } = await bench.reader('big')
    const client = await bench.rawConnected()
    const overhead = 2 + 'big'.length
    const payload = Buffer.alloc(brokerLimits.packetBytes - overhead, 'x')
    client.send({ cmd: 'publish', topic: 'big', payload, qos: 0, retain: false, dup: false })
    await until(() => seen.length === 1)
    const larger = Buffer.concat([payload, Buffer.from('x')])
    client.send({ cmd: 'publish', topic: 'big', payload: larger, qos: 0, retain: false, dup: false })
    await client.closes()
    expect(bench.broker.refused['packet-size']).toBe(1)
    expect(seen).toHaveLength(1)
  })

  it('a client may send as much as soon as it can have its CONNACK', async () => {
    await using bench = await BrokerBench.open()
    const { seen } = await bench.reader('big')
    const payload = Buffer.alloc(9_000, 'x')
    bench.broker.aedes.once('connackSent', (_packet, client) => {
      const { _parser } = client as unknown as { _parser: { parse(bytes: Buffer): void } }
      _parser.parse(generate({ cmd: 'publish', topic: 'big', payload, qos: 0, retain: false, dup: false }))
    })
    await bench.rawConnected()
    await until(() => seen.length === 1)
    expect(bench.broker.refused['packet-size']).toBe(0)
  })

  it('the same when CONNECT and the first publish come in one piece', async () => {
    await using bench = await BrokerBench.open()
    const { seen } = await bench.reader('big')
    const client = await bench.raw()
    const payload = Buffer.alloc(9_000, 'x')
    client.sendBytes(
      Buffer.concat([
        generate(connectPacket({ clientId: 'hasty' })),
        generate({ cmd: 'publish', topic: 'big', payload, qos: 0, retain: false, dup: false }),
      ]),
    )
    await until(() => seen.length === 1)
    expect(bench.broker.refused['packet-size']).toBe(0)
  })

  it('a length that never ends is no length', async () => {
    await using bench = await BrokerBench.open()
    const client = await bench.raw()
    client.sendBytes(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
    await client.closes()
    expect(bench.broker.connections).toBe(0)
  })
})

describe('R-E2: patience', () => {
  it('who does not say CONNECT in time is cut off, also when the bytes trickle', async () => {
    await using bench = await BrokerBench.open({ limits: { connectTimeoutMs: 150 } })
    const silent = await bench.raw()
    const trickling = await bench.raw()
    const bytes = Buffer.from([0x10, 0x7f, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0])
    let sent = 0
    const trickle = setInterval(() => trickling.sendBytes(bytes.subarray(sent++ % 12, (sent % 12) + 1)), 20)
    const quick = await bench.rawConnected()
    await silent.closes()
    await trickling.closes()
    clearInterval(trickle)
    quick.send({ cmd: 'pingreq' })
    await until(() => quick.of('pingresp').length === 1)
  })

  it('a client that says nothing for 300 s is cut off, keepalive 0 included', async () => {
    const clock = new VirtualClock()
    await using bench = await BrokerBench.open({ clock })
    const silent = await bench.rawConnected({ keepalive: 0 })
    const talking = await bench.rawConnected({ keepalive: 0 })
    await clock.advance(200_000)
    talking.send({ cmd: 'pingreq' })
    await until(() => talking.of('pingresp').length === 1)
    await clock.advance(95_000)
    expect(silent.closed).toBe(false)
    await clock.advance(6_000)
    await silent.closes()
    expect(talking.closed).toBe(false)
    expect(bench.broker.refused.silent).toBe(1)
  })

  it('half a packet is silence too', async () => {
    const clock = new VirtualClock()
    await using bench = await BrokerBench.open({ clock })
    const client = await bench.rawConnected({ keepalive: 0 })
    client.sendBytes(Buffer.from([0x30, 0x7f, 0, 1]))
    await roundTrip(await bench.client())
    for (let i = 0; i < 31; i++) {
      client.sendBytes(Buffer.from('x'))
      await clock.advance(10_000)
    }
    await client.closes()
  })
})

describe('R-E2: publishes', () => {
  it('after a burst of 200 there are 50 a second, in order, and none is lost', async () => {
    const clock = new VirtualClock()
    await using bench = await BrokerBench.open({ clock })
    const { client: reader, seen } = await bench.reader('fast')
    const writer = await bench.client()
    for (let i = 0; i < 600; i++) writer.publish('fast', String(i))
    await until(() => seen.length >= 200)
    await roundTrip(reader)
    expect(seen).toHaveLength(200)
    await clock.advance(1_000)
    await until(() => seen.length >= 250)
    await roundTrip(reader)
    expect(seen).toHaveLength(250)
    expect(bench.broker.refused.rate).toBeGreaterThan(0)
    await clock.advance(7_000)
    await until(() => seen.length === 600)
    expect(seen.map(({ payload }) => Number(payload))).toEqual(Array.from({ length: 600 }, (_, i) => i))
  })

  it('who is too fast slows down nobody else', async () => {
    await using bench = await BrokerBench.open({ clock: new VirtualClock() })
    const { seen } = await bench.reader('calm')
    const fast = await bench.client()
    const calm = await bench.client()
    for (let i = 0; i < 300; i++) fast.publish('fast', String(i))
    await until(() => bench.broker.refused.rate > 0)
    await calm.publishAsync('calm', 'still here', { qos: 1 })
    await until(() => seen.length === 1)
  })

  it('what a client had sent before it left is let through', async () => {
    await using bench = await BrokerBench.open({ clock: new VirtualClock() })
    const { seen } = await bench.reader('fast')
    const writer = await bench.rawConnected()
    const one = (i: number) =>
      ({ cmd: 'publish', topic: 'fast', payload: String(i), qos: 0, retain: false, dup: false }) as const
    for (let i = 0; i < 230; i++) writer.send(one(i))
    await until(() => seen.length === 200)
    writer.socket.end()
    await until(() => seen.length === 230)
  })

  it('topics have at most 16 levels and 512 bytes', async () => {
    await using bench = await BrokerBench.open()
    const { client, seen } = await bench.reader('#')
    const writer = await bench.client()
    const deepest = Array(16).fill('a').join('/')
    await writer.publishAsync(deepest, 'deep', { qos: 1 })
    await writer.publishAsync('l'.repeat(512), 'long', { qos: 1 })
    await writer.publishAsync('l'.repeat(513), 'too long', { qos: 1, retain: true })
    const { client: late, seen: stored } = await bench.reader('#')
    await roundTrip(writer, client, late)
    expect(seen.map(({ payload }) => payload)).toEqual(['deep', 'long'])
    expect(stored).toEqual([])
    expect(bench.broker.retained.topics).toBe(0)
    const tooDeep = await bench.rawConnected()
    tooDeep.send({
      cmd: 'publish',
      topic: `${deepest}/a`,
      payload: 'x',
      qos: 0,
      retain: false,
      dup: false,
    })
    await tooDeep.closes()
  })

  it('a client has at most so many filters; one that it gave up counts no more', async () => {
    await using bench = await BrokerBench.open({ limits: { filtersPerClient: 2 } })
    const client = await bench.rawConnected()
    let messageId = 0
    const ask = async (topic: string) => {
      client.send({ cmd: 'subscribe', messageId: ++messageId, subscriptions: [{ topic, qos: 0 }] })
      return (await until(() => client.of('suback').find((ack) => ack.messageId === messageId))).granted[0]
    }
    expect([await ask('a'), await ask('b'), await ask('c'), await ask('a')]).toEqual([0, 0, 128, 0])
    client.send({ cmd: 'unsubscribe', messageId: ++messageId, unsubscriptions: ['a'] })
    await until(() => client.of('unsuback').length === 1)
    expect(await ask('c')).toBe(0)
  })
})

describe('R-E2: retained messages', () => {
  it('beyond the cap new topics are dropped and counted, known ones go on, and a cleared one makes room', async () => {
    await using bench = await BrokerBench.open({ limits: { retainedTopics: 2 } })
    const { client: live, seen } = await bench.reader('r/#')
    const writer = await bench.client()
    const retain = (topic: string, payload: string) =>
      writer.publishAsync(topic, payload, { qos: 1, retain: true })
    await retain('r/1', 'a')
    await retain('r/2', 'b')
    await retain('r/3', 'c')
    await retain('r/1', 'A')
    await roundTrip(writer, live)
    expect(seen).toHaveLength(4)
    expect(bench.broker.retained.counts.dropped).toBe(1)
    const { seen: stored } = await bench.reader('r/#')
    await until(() => stored.length === 2)
    expect(stored.map(({ payload }) => payload).sort()).toEqual(['A', 'b'])
    await retain('r/2', '')
    await retain('r/3', 'c')
    await roundTrip(writer)
    const { seen: then } = await bench.reader('r/#')
    await until(() => then.length === 2)
    expect(then.map(({ payload }) => payload).sort()).toEqual(['A', 'c'])
  })

  it('the bridge hears that its own message was not kept', async () => {
    await using bench = await BrokerBench.open({ limits: { retainedTopics: 1 } })
    const link = await bench.link()
    const publish = (topic: string) =>
      new Promise((resolve) => link.publish({ topic, payload: 'x', qos: 1, retain: true }, resolve))
    expect(await publish('r/1')).toBeUndefined()
    expect(await publish('r/2')).toMatchObject({ reason: 'quota' })
  })

  it('retained commands are never stored, and the bridge sees their flag although 3.1.1 hides it', async () => {
    await using bench = await BrokerBench.open()
    const heard: Incoming[] = []
    const link = await bench.link((message) => heard.push(message))
    await link.subscribe('tuya/cmd/#', { qos: 2 })
    const { seen } = await bench.reader('tuya/cmd/#')
    const writer = await bench.client({ protocolVersion: 4 })
    await writer.publishAsync('tuya/cmd/device/bf1', '{"switch_1":true}', { qos: 1, retain: true })
    await until(() => heard.length === 1 && seen.length === 1)
    expect(heard[0]).toMatchObject({ topic: 'tuya/cmd/device/bf1', retain: true })
    expect(seen[0]?.retain).toBe(false)
    const { client: late, seen: stored } = await bench.reader('tuya/cmd/#')
    await roundTrip(late)
    expect(stored).toEqual([])
    expect(bench.broker.retained.topics).toBe(0)
  })
})

describe('R-E3: sessions', () => {
  it('a session that was asked for ends with its connection: nothing waits for its client', async () => {
    await using bench = await BrokerBench.open()
    const sleeper = await bench.client({ clientId: 'sleeper', clean: false })
    await sleeper.subscribeAsync('news', { qos: 1 })
    await sleeper.endAsync()
    const writer = await bench.client()
    await writer.publishAsync('news', 'while asleep', { qos: 1 })
    const back = await bench.rawConnected({ clientId: 'sleeper', clean: false })
    expect(back.of('connack')[0]).toMatchObject({ returnCode: 0, sessionPresent: false })
    back.send({ cmd: 'pingreq' })
    await until(() => back.of('pingresp').length === 1)
    expect(back.of('publish')).toEqual([])
  })
})

describe('A21: order of delivery', () => {
  it('nothing is lost when a later message overtakes one that waits for the store', async () => {
    const store = memoryStore()
    const keep = store.storeRetained.bind(store)
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    store.storeRetained = async (packet) => {
      if (packet.topic === 'order/slow') await held
      await keep(packet)
    }
    await using bench = await BrokerBench.open({ persistence: store })
    const { seen } = await bench.reader('order/#')
    const link = await bench.link()
    const writer = await bench.client()
    writer.publish('order/slow', 'from a client', { qos: 1, retain: true })
    link.publish({ topic: 'order/slow', payload: 'from the bridge', qos: 1, retain: true }, () => {})
    await roundTrip(writer)
    for (let i = 0; i < 20; i++)
      link.publish({ topic: 'order/quick', payload: `${i}`, qos: 1, retain: false }, () => {})
    await until(() => seen.length === 20)
    release()
    await until(() => seen.length === 22)
    expect(
      seen
        .slice(20)
        .map(({ payload }) => payload)
        .sort(),
    ).toEqual(['from a client', 'from the bridge'])
  })

  it('a thousand messages of the bridge arrive in their order', async () => {
    await using bench = await BrokerBench.open()
    const { seen } = await bench.reader('order/#')
    const link = await bench.link()
    for (let i = 0; i < 1_000; i++) {
      link.publish({ topic: `order/${i % 7}`, payload: `${i}`, qos: 1, retain: i % 3 === 0 }, () => {})
    }
    await until(() => seen.length === 1_000)
    for (let topic = 0; topic < 7; topic++) {
      const numbers = seen
        .filter((one) => one.topic === `order/${topic}`)
        .map(({ payload }) => Number(payload))
      // Kept ones wait for the store, so order is promised among equals alone.
      for (const kept of [true, false]) {
        const same = numbers.filter((number) => (number % 3 === 0) === kept)
        expect(same).toEqual([...same].sort((a, b) => a - b))
      }
    }
  })
})
