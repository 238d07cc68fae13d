import { connect } from 'node:net'
import type { IClientOptions } from 'mqtt'
import packets from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { memoryStore, RetainedStore } from '../../src/mqtt/broker/retained.ts'
import { seededRandom } from '../../src/util/random.ts'
import { Secret } from '../../src/util/secret.ts'
import { BrokerBench, roundTrip } from '../support/broker.ts'
import { canaries } from '../support/canary.ts'
import { House } from '../support/house.ts'
import { connectPacket, type RawClient } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const users = [
  ['anna', 'a-password', 'administrator'],
  ['carl', 'c-password', 'controller'],
  ['dora', 'd-password', 'dashboard'],
] as const

const as = (name: 'anna' | 'carl' | 'dora') => ({ username: name, password: `${name[0]}-password` })
const rawAs = (name: 'anna' | 'carl' | 'dora') => ({
  username: name,
  password: Buffer.from(`${name[0]}-password`),
})

const lamp = 'bf3c9a7d41e0b2f6aaw1vn'

/** The broker still serves whoever behaves. */
async function stillServes(bench: BrokerBench, options: IClientOptions = {}): Promise<void> {
  const { client, seen } = await bench.reader('tuya/cmd/op/#', options)
  await client.publishAsync('tuya/cmd/op/alive', 'yes', { qos: 1 })
  await until(() => seen.length === 1, 20_000, 'the broker serving others')
}

async function granted(client: RawClient, ...filters: string[]): Promise<number[]> {
  client.send({
    cmd: 'subscribe',
    messageId: 9,
    subscriptions: filters.map((topic) => ({ topic, qos: 1 as const })),
  })
  const ack = await until(() => client.of('suback')[0])
  return ack.granted as number[]
}

it('attack 1: without credentials nobody comes in', async () => {
  await using bench = await BrokerBench.open({ users })
  for (const options of [
    {},
    { username: 'anna' },
    { username: '', password: '' },
    { username: 'dp2mqtt', password: '' },
  ])
    expect(await bench.refusal(options)).toBe(5)
})

it('attack 2: of 1,000 guesses five are looked at; even the right one is refused until the minute is over', async () => {
  const clock = new VirtualClock()
  await using bench = await BrokerBench.open({ users, clock })
  const guess = async (i: number) => {
    const client = await bench.raw()
    const password = Buffer.from(i === 500 ? 'a-password' : `guess ${i}`)
    client.send(connectPacket({ username: 'anna', password }))
    await client.closes()
    return client.of('connack')[0]?.returnCode
  }
  for (let i = 0; i < 1_000; i += 20) {
    const codes = await Promise.all(Array.from({ length: 20 }, (_, n) => guess(i + n)))
    expect(codes).toEqual(Array(20).fill(5))
  }
  expect(bench.broker.refused.login).toBe(1_000)
  expect(await bench.refusal(as('anna'))).toBe(5)
  await clock.advance(60_000)
  expect(await bench.refusal(as('anna'))).toBe(0)
}, 60_000)

it('attack 3: a user without the right to command commands nothing', async () => {
  const password = new Secret(canaries.mqttPassword)
  const user = (name: string, role: string) => ({ name, role, password, read: [], write: [] })
  await using house = await (
    await House.open({
      config: { broker: { users: [user('dora', 'dashboard'), user('carl', 'controller')] } } as never,
    })
  ).ready()
  const before = house.simulator.world.device(lamp).status.get('switch_led')
  const dora = await house.client({ username: 'dora', password: canaries.mqttPassword })
  const carl = await house.client({ username: 'carl', password: canaries.mqttPassword })
  for (const topic of [`device/${lamp}/dp/switch_led`, `device/${lamp}`, 'bridge/ping', 'op/device-get'])
    await house.publish(dora, `cmd/${topic}`, 'toggle')
  for (const topic of ['op/device-commands', 'bridge/republish', 'named/device/desk_lamp/dp/switch_led'])
    await house.publish(carl, `cmd/${topic}`, 'toggle')
  await roundTrip(dora, carl)
  expect(house.simulator.journal.entries('command')).toEqual([])
  // The controller's own commands work, and prove that the others would have.
  await house.publish(carl, `cmd/device/${lamp}/dp/switch_led`, before ? 'off' : 'on')
  await until(() => house.simulator.world.device(lamp).status.get('switch_led') === !before)
  expect(house.simulator.journal.entries('command')).toHaveLength(1)
})

it('attack 4: wide filters show nothing that the user may not read', async () => {
  await using bench = await BrokerBench.open({ users })
  const dora = await bench.rawConnected(rawAs('dora'))
  const filters = [
    '#',
    '+/#',
    'tuya/+/+',
    'tuya/#',
    '+/cmd/#',
    '$share/g/#',
    '$share/g/tuya/cmd/#',
    '$SYS/#',
    '+/+/+/+',
    '/#',
  ]
  expect(await granted(dora, ...filters)).toEqual(filters.map(() => 128))
  const anna = await bench.client(as('anna'))
  const link = await bench.link()
  for (const topic of [
    'tuya/cmd/device/bf1',
    'tuya/result/device/bf1',
    'tuya/reply/carl/1',
    'tuya/bridge/catalog',
  ])
    link.publish({ topic, payload: 'private', qos: 1, retain: false }, () => {})
  await anna.publishAsync('tuya/cmd/device/bf1', 'private', { qos: 1 })
  dora.send({ cmd: 'pingreq' })
  await until(() => dora.of('pingresp').length === 1)
  expect(dora.of('publish')).toEqual([])
})

it('attack 5: what is retained on a denied topic is not read by a broader filter', async () => {
  await using bench = await BrokerBench.open({ users })
  const link = await bench.link()
  const retain = (topic: string) =>
    new Promise((resolve) => link.publish({ topic, payload: 'kept', qos: 1, retain: true }, resolve))
  await retain('tuya/state/device/bf1')
  await retain('tuya/bridge/catalog')
  await retain('neighbour/secret')
  const dora = await bench.rawConnected(rawAs('dora'))
  await granted(dora, 'tuya/state/#', 'tuya/bridge/+', '#', '+/secret', 'neighbour/#', 'tuya/bridge/catalog')
  await until(() => dora.of('publish').length > 0)
  dora.send({ cmd: 'pingreq' })
  await until(() => dora.of('pingresp').length === 1)
  expect(dora.of('publish').map(({ topic }) => topic)).toEqual(['tuya/state/device/bf1'])
})

it('attack 6: a will on a denied topic is told to nobody and kept nowhere', async () => {
  await using bench = await BrokerBench.open({ users })
  const heard: string[] = []
  const link = await bench.link(({ topic }) => heard.push(topic))
  await link.subscribe('#', { qos: 1 })
  for (const topic of [
    'tuya/cmd/device/bf1',
    'tuya/bridge/state',
    '$SYS/x',
    'neighbour/x',
    'tuya/reply/carl/x',
  ]) {
    const will = { topic, payload: Buffer.from('offline'), qos: 1 as const, retain: true }
    const dora = await bench.rawConnected({ ...rawAs('dora'), will })
    dora.socket.destroy()
  }
  await until(() => bench.broker.refused.publish === 5)
  expect(heard.filter((topic) => !topic.startsWith('$'))).toEqual([])
  expect(bench.broker.retained.topics).toBe(0)
})

it('attack 7: nobody takes the place of the bridge or of another user', async () => {
  await using bench = await BrokerBench.open({ users })
  const heard: string[] = []
  const bridge = await bench.link(({ topic }) => heard.push(topic))
  await bridge.subscribe('tuya/cmd/#', { qos: 2 })
  const anna = await bench.client({ ...as('anna'), clientId: 'panel' })
  const impostor = await bench.client({ ...as('dora'), clientId: 'dp2mqtt-main' })
  expect(await bench.refusal({ ...as('dora'), clientId: 'panel' })).toBe(5)
  expect(await bench.refusal({ username: 'anna', password: 'guess', clientId: 'panel' })).toBe(5)
  await anna.publishAsync('tuya/cmd/bridge/ping', '1', { qos: 1 })
  await until(() => heard.length === 1)
  expect(anna.connected && impostor.connected).toBe(true)
})

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
  await using bench = await BrokerBench.open({ limits: { drainTimeoutMs: 300 } })
  const lazy = await bench.rawConnected()
  expect(await granted(lazy, '#')).toEqual([1])
  lazy.socket.pause()
  const { seen } = await bench.reader('load')
  const link = await bench.link()
  const payload = 'x'.repeat(64 * 1024)
  for (let i = 0; i < 400; i++) link.publish({ topic: 'load', payload, qos: 1, retain: false }, () => {})
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
