import { connect } from 'node:net'
import packets from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { memoryStore, RetainedStore } from '../../src/mqtt/broker/retained.ts'
import { seededRandom } from '../../src/util/random.ts'
import { BrokerBench, roundTrip } from '../support/broker.ts'
import { as, granted, rawAs, stillServes, users } from '../support/guests.ts'
import { connectPacket } from '../support/raw-client.ts'
import { until } from '../support/until.ts'

describe('attack 8: sockets that cost memory', () => {
  const mebibyte = 1024 * 1024

  it('a CONNECT that announces 256 MB is cut at its first chunk, and memory stays', async () => {
    await using bench = await BrokerBench.open()
    const chunk = Buffer.alloc(mebibyte)
    // Remaining length 268,435,455: the largest that the protocol knows.
    const announcement = Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])
    const before = process.memoryUsage().rss
    for (let round = 0; round < 5; round++) {
      const clients = await Promise.all(Array.from({ length: 20 }, () => bench.raw()))
      for (const client of clients) {
        client.sendBytes(announcement)
        for (let i = 0; i < 2; i++) client.sendBytes(chunk)
      }
      for (const client of clients) await client.closes()
    }
    expect(bench.broker.refused['packet-size']).toBe(100)
    // 200 MiB were offered.
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * mebibyte)
    await stillServes(bench)
  })

  it('of 10,000 silent sockets 32 stand in the door, and those not for long', async () => {
    await using bench = await BrokerBench.open({ limits: { connectTimeoutMs: 400 } })
    const friend = await bench.client()
    let closed = 0
    for (let round = 0; round < 40; round++) {
      const sockets = Array.from({ length: 250 }, () => {
        const socket = connect(bench.broker.port, '127.0.0.1')
        socket.on('error', () => {})
        socket.on('close', () => closed++)
        return socket.resume()
      })
      await until(() => closed >= (round + 1) * 250 - 32, 20_000, 'the refusals')
      expect(bench.broker.connections).toBeLessThanOrEqual(32)
      expect(sockets).toHaveLength(250)
    }
    await until(() => closed === 10_000, 20_000, 'the end of the silent ones')
    expect(friend.connected).toBe(true)
    expect(bench.broker.connections).toBe(1)
    await stillServes(bench)
  }, 60_000)

  it('a CONNECT of a byte now and then does not hold its place', async () => {
    await using bench = await BrokerBench.open({ limits: { connectTimeoutMs: 200 } })
    const client = await bench.raw()
    const bytes = packets.generate(connectPacket())
    let next = 0
    const drip = setInterval(() => client.sendBytes(bytes.subarray(next, ++next)), 60)
    await client.closes()
    clearInterval(drip)
    expect(client.of('connack')).toEqual([])
  })
})

it('attack 9: messages of QoS 2 that nobody completes end the connection at a hundred, whatever their ids', async () => {
  await using bench = await BrokerBench.open({ publishesPerSecond: 1_000_000 })
  const client = await bench.rawConnected()
  for (let messageId = 1; messageId <= 65_535 && !client.closed; messageId++) {
    client.send({ cmd: 'publish', topic: 'x', payload: 'x', qos: 2, messageId, dup: false, retain: false })
    if (messageId % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await client.closes()
  expect(client.of('pubrec').length).toBeLessThanOrEqual(100)
  await stillServes(bench)
})

/** A retained PUBLISH of QoS 1 whose topic is anything. */
function publishBytes(topic: string): Buffer {
  const name = Buffer.from(topic)
  const length: number[] = []
  for (let left = 2 + name.length + 2 + 1; left > 0; left >>= 7)
    length.push((left & 127) | (left > 127 ? 128 : 0))
  return Buffer.concat([
    Buffer.from([0x33, ...length, name.length >> 8, name.length & 255]),
    name,
    Buffer.from([0, 7, 0x78]),
  ])
}

describe('attack 10: topics', () => {
  it.each([
    ['101 levels', 'a/'.repeat(100)],
    ['65,535 bytes', 'x'.repeat(65_535)],
    ['a NUL', 'a\0b'],
    ['nothing', ''],
    ['wildcards', 'a/+/#'],
    ['a dollar', '$SYS/broker/x'],
    ['60,000 levels', '/'.repeat(60_000)],
  ])('of %s reach nobody and end nothing', async (_what, topic) => {
    await using bench = await BrokerBench.open()
    const heard: string[] = []
    const link = await bench.link((message) => heard.push(message.topic))
    await link.subscribe('#', { qos: 1 })
    const client = await bench.rawConnected()
    client.sendBytes(publishBytes(topic))
    await until(() => client.closed || client.of('puback').length > 0)
    await stillServes(bench)
    expect(heard.filter((one) => one !== 'tuya/cmd/op/alive' && !one.startsWith('$'))).toEqual([])
    expect(bench.broker.retained.topics).toBe(0)
  })

  it('and filters of that kind are refused or end their connection', async () => {
    await using bench = await BrokerBench.open()
    for (const topic of ['a/'.repeat(100), 'x'.repeat(60_000), 'a#', '#/a', 'a+/b', '+a']) {
      const client = await bench.rawConnected()
      client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] })
      await until(() => client.closed || client.of('suback').length > 0)
      expect(client.of('suback')[0]?.granted ?? [128]).toEqual([128])
    }
    await stillServes(bench)
  })
})

describe('attack 11: retained messages', () => {
  it('of 100 MB in all, what is above 64 MiB is dropped and counted', async () => {
    await using bench = await BrokerBench.open({ publishesPerSecond: 1_000_000 })
    const client = await bench.client()
    const payload = Buffer.alloc(250 * 1024, 'x')
    for (let i = 0; i < 420; i++) await client.publishAsync(`big/${i}`, payload, { qos: 1, retain: true })
    await roundTrip(client)
    const { retained } = bench.broker
    expect(retained.counts.bytes).toBeLessThanOrEqual(64 * 1024 * 1024)
    expect(retained.topics).toBe(262)
    expect(retained.counts.dropped).toBe(420 - 262)
    await stillServes(bench)
  })

  it('one of 100 MB is cut at its announcement', async () => {
    await using bench = await BrokerBench.open()
    const client = await bench.rawConnected()
    client.sendBytes(Buffer.from([0x31, 0x80, 0x80, 0x80, 0x32]))
    await client.closes()
    expect(bench.broker.refused['packet-size']).toBe(1)
  })

  it('of a million topics 20,000 are kept', async () => {
    const retained = new RetainedStore(() => false, undefined, memoryStore())
    const payload = Buffer.from('x')
    for (let i = 0; i < 1_000_000; i++) {
      const kept = retained.store.storeRetained({ topic: `t/${i}`, payload })
      if (i % 10_000 === 0) await kept
    }
    await new Promise((resolve) => setImmediate(resolve))
    expect(retained.topics).toBe(20_000)
    expect(retained.counts.dropped).toBe(980_000)
  })
})

it('attack 12: a subscriber that never reads is cut off and holds nobody up', async () => {
  await using bench = await BrokerBench.open({ limits: { drainTimeoutMs: 2_000 } })
  const lazy = await bench.rawConnected()
  expect(await granted(lazy, '#')).toEqual([1])
  lazy.socket.pause()
  const { seen } = await bench.reader('load')
  const link = await bench.link()
  const payload = 'x'.repeat(64 * 1024)
  for (let i = 0; i < 400; i++) {
    link.publish({ topic: 'load', payload, qos: 1, retain: false }, () => {})
    // Whoever reads gets to it.
    if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await until(() => seen.length === 400, 20_000, 'the others reading on')
  await until(() => bench.broker.connections === 1, 20_000, 'the cut')
  lazy.socket.resume()
  await lazy.closes()
})

describe('attack 13: what is no MQTT, or not in its order', () => {
  const publish = packets.generate({
    cmd: 'publish',
    topic: 'tuya/cmd/bridge/ping',
    payload: '1',
    qos: 0,
    retain: false,
    dup: false,
  })

  async function listening(bench: BrokerBench): Promise<string[]> {
    const heard: string[] = []
    const link = await bench.link(({ topic }) => heard.push(topic))
    await link.subscribe('tuya/#', { qos: 1 })
    return heard
  }

  it('PUBLISH before CONNECT does nothing', async () => {
    await using bench = await BrokerBench.open()
    const heard = await listening(bench)
    const client = await bench.raw()
    client.sendBytes(publish)
    await client.closes()
    expect(heard).toEqual([])
  })

  it('PUBLISH right behind a CONNECT that is refused does nothing either', async () => {
    await using bench = await BrokerBench.open({ users })
    const heard = await listening(bench)
    const client = await bench.raw()
    const bad = packets.generate(connectPacket({ username: 'anna', password: Buffer.from('guess') }))
    client.sendBytes(Buffer.concat([bad, publish, publish]))
    await client.closes()
    expect(heard).toEqual([])
  })

  it('a second CONNECT ends the connection', async () => {
    await using bench = await BrokerBench.open({ users })
    const client = await bench.rawConnected(rawAs('dora'))
    client.send(connectPacket({ ...rawAs('anna') }))
    await client.closes()
  })

  it('all sixteen types with random flags and bodies: the broker lives, and nothing is published', async () => {
    await using bench = await BrokerBench.open({ users, limits: { deniedAMinute: 1_000_000 } })
    const heard = await listening(bench)
    const friend = await bench.client(as('anna'))
    const random = seededRandom(13)
    const bytes = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
    for (let i = 0; i < 96; i++) {
      const type = i % 16
      const flags = random() < 0.5 ? 0 : Math.floor(random() * 16)
      const body = bytes(Math.floor(random() * 40))
      const packet = Buffer.concat([Buffer.from([(type << 4) | flags, body.length]), body])
      const client = i % 2 === 0 ? await bench.raw() : await bench.rawConnected(rawAs('dora'))
      client.sendBytes(packet)
      client.sendBytes(bytes(5))
      // What is half a packet now will never be a whole one.
      await roundTrip(friend)
      client.socket.destroy()
    }
    await stillServes(bench, as('anna'))
    expect(heard.filter((topic) => topic !== 'tuya/cmd/op/alive')).toEqual([])
  }, 60_000)
})

it('attack 14: inherited names as client id, user, topic and password are names like any other', async () => {
  await using bench = await BrokerBench.open({ users })
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']
  for (const name of names) {
    expect(await bench.refusal({ username: name, password: name })).not.toBe(0)
    // Five wrong guesses would close the address: each name has a broker of its own.
    await using open = await BrokerBench.open()
    const { client, seen } = await open.reader(`${name}/#`, { clientId: name, username: name })
    await client.publishAsync(`${name}/${name}`, name, { qos: 2, retain: true })
    await until(() => seen.length > 0)
    expect(seen[0]).toMatchObject({ topic: `${name}/${name}`, payload: name })
    await client.unsubscribeAsync(`${name}/#`)
  }
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})
