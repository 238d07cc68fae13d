import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BrokerAddress, ClientConnector } from '../../src/mqtt/client-link.ts'
import type { BrokerLink, ConnectOptions, PublishRefused } from '../../src/mqtt/link.ts'
import type { Incoming, Outgoing } from '../../src/mqtt/message.ts'
import { Secret } from '../../src/util/secret.ts'
import { FakeBroker } from '../support/fake-broker.ts'
import { CompressedTime } from '../support/time.ts'
import { until } from '../support/until.ts'

let broker: FakeBroker
let heard: Incoming[]
const life = new AbortController()

beforeEach(async () => {
  broker = await FakeBroker.open()
  heard = []
})

afterEach(async () => {
  await broker.stop()
})

function address(changes: Partial<BrokerAddress> = {}): BrokerAddress {
  return {
    url: broker.url,
    clientId: 'dp2mqtt-main',
    username: null,
    password: null,
    protocolVersion: null,
    tls: { insecure: false },
    ...changes,
  }
}

function options(changes: Partial<ConnectOptions> = {}): ConnectOptions {
  return { suffix: '', onMessage: (message) => heard.push(message), signal: life.signal, ...changes }
}

function connect(
  changes: Partial<BrokerAddress> = {},
  how: Partial<ConnectOptions> = {},
): Promise<BrokerLink> {
  return new ClientConnector(address(changes)).connect(options(how))
}

/** The answer to one publish. */
function publish(link: BrokerLink, message: Partial<Outgoing>): Promise<PublishRefused | undefined> {
  const whole: Outgoing = { topic: 'tuya/x', payload: 'x', qos: 1, retain: false, ...message }
  return new Promise((resolve) => link.publish(whole, resolve))
}

/** First bytes of packets. */
const [puback, pubrec, pubcomp] = [0x40, 0x50, 0x70]
const versions = () => broker.connects.map(({ protocolVersion }) => protocolVersion)

/** CONNACK as servers of 3.1.1 send it. */
const oldConnack = (code: number) => Buffer.from([0x20, 2, 0, code])

describe('connecting', () => {
  it('asks for MQTT 5, a clean start and no session, with keepalive 15 s', async () => {
    const link = await connect({ username: 'bridge', password: new Secret('pass') }, { suffix: '-scan' })
    expect(broker.connects[0]).toMatchObject({
      protocolVersion: 5,
      clientId: 'dp2mqtt-main-scan',
      clean: true,
      keepalive: 15,
      username: 'bridge',
      password: Buffer.from('pass'),
      properties: { sessionExpiryInterval: 0 },
    })
    expect(broker.connects[0]?.will).toBeUndefined()
    await link.close()
  })

  it('leaves a retained Will of QoS 1, which a cut connection brings out and a goodbye does not', async () => {
    const will = { topic: 'tuya/bridge/state', payload: 'offline' }
    const polite = await connect({}, { will })
    expect(broker.connects[0]?.will).toMatchObject({
      ...will,
      payload: Buffer.from('offline'),
      qos: 1,
      retain: true,
    })
    await polite.close()
    await until(() => broker.connected === 0)
    expect(broker.stored.size).toBe(0)
    const cut = await connect({}, { will })
    cut.destroy('silent')
    await until(() => broker.stored.get('tuya/bridge/state') === 'offline')
  })

  it.each([
    ['code 1, as servers of 3.1.1 send it', () => oldConnack(1)],
    ['code 1 in a packet of MQTT 5', () => 1],
    ['code 0x84', () => 0x84],
  ])('falls back to 3.1.1 for good when the server refuses MQTT 5 with %s', async (_how, refusal) => {
    broker.script.connack = ({ protocolVersion }) => (protocolVersion === 5 ? refusal() : 0)
    const connector = new ClientConnector(address())
    for (let i = 0; i < 2; i++) {
      const link = await connector.connect(options())
      expect(link.limits.protocol).toBe('MQTT 3.1.1')
      await link.close()
    }
    expect(versions()).toEqual([5, 4, 4])
    expect(broker.connects[1]).toMatchObject({ clean: true, keepalive: 15 })
    expect(broker.connects[1]).not.toHaveProperty('properties')
  })

  it('falls back when the server hangs up at CONNECT, but asks for MQTT 5 again the next time', async () => {
    broker.script.connack = ({ protocolVersion }) => (protocolVersion === 5 ? 'hang-up' : 0)
    const connector = new ClientConnector(address())
    const link = await connector.connect(options())
    expect(link.limits.protocol).toBe('MQTT 3.1.1')
    await link.close()
    broker.script.connack = () => 0
    const better = await connector.connect(options())
    expect(better.limits.protocol).toBe('MQTT 5')
    await better.close()
    expect(versions()).toEqual([5, 4, 5])
  })

  it('speaks the version that is configured and no other', async () => {
    broker.script.connack = () => 0x84
    await expect(connect({ protocolVersion: 5 })).rejects.toMatchObject({ end: 'version' })
    broker.script.connack = () => 1
    await expect(connect({ protocolVersion: 4 })).rejects.toMatchObject({ end: 'version' })
    expect(versions()).toEqual([5, 4])
  })

  it.each([
    [5, 0x86, 'credentials'],
    [5, 0x87, 'credentials'],
    [5, 0x8a, 'credentials'],
    [5, 0x88, 'unreachable'],
    [5, 0x85, 'refused'],
    [5, 0x97, 'refused'],
    [4, 2, 'refused'],
    [4, 3, 'unreachable'],
    [4, 4, 'credentials'],
    [4, 5, 'credentials'],
  ] as const)('MQTT %s: refusal %s means %s', async (protocolVersion, code, end) => {
    broker.script.connack = () => code
    await expect(connect({ protocolVersion })).rejects.toMatchObject({ name: 'LinkError', end })
  })

  it('gives up after 10 s without CONNACK', async () => {
    broker.script.connack = () => 'silence'
    const time = new CompressedTime({ stepMs: 500 })
    let end: unknown
    new ClientConnector(address(), time.clock).connect(options()).catch((thrown) => {
      end = thrown
    })
    expect(await time.until(() => end, 11_000, 'giving up')).toBe(10_000)
    expect(end).toMatchObject({ end: 'timeout' })
    await until(() => broker.connected === 0)
  })

  it('says that nobody listens', async () => {
    await broker.stop()
    await expect(connect()).rejects.toMatchObject({ end: 'unreachable' })
  })

  it.each([
    ['garbage', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a packet that no server sends', Buffer.from([0x82, 3, 0, 1, 0])],
    ['reserved flags', Buffer.from([0x2f, 2, 0, 0])],
  ])('ends at %s instead of CONNACK', async (_what, bytes) => {
    broker.script.connack = () => bytes
    await expect(connect({ protocolVersion: 4 })).rejects.toMatchObject({ end: 'protocol' })
    await until(() => broker.connected === 0)
  })

  it('is broken off by its signal, also when that came before', async () => {
    broker.script.connack = () => 'silence'
    const one = new AbortController()
    const connecting = connect({}, { signal: one.signal })
    await until(() => broker.connects.length === 1)
    one.abort()
    await expect(connecting).rejects.toMatchObject({ end: 'stopped' })
    await expect(connect({}, { signal: one.signal })).rejects.toThrow()
    expect(broker.connects).toHaveLength(1)
  })

  it('shows its address without user and password', () => {
    expect(new ClientConnector(address({ url: 'mqtts://me:secret@broker.lan:8883' })).address).toBe(
      'mqtts://broker.lan:8883',
    )
  })

  it('learns the limits of the server', async () => {
    broker.script.properties = {
      receiveMaximum: 7,
      maximumPacketSize: 5_000,
      retainAvailable: false,
      maximumQoS: 1,
    }
    const link = await connect()
    expect(link.limits).toEqual({
      protocol: 'MQTT 5',
      receiveMaximum: 7,
      maximumPacketSize: 5_000,
      retainAvailable: false,
      maximumQos: 1,
    })
    await link.close()
  })
})

describe('publishing', () => {
  it('sets every property on MQTT 5', async () => {
    const link = await connect()
    await publish(link, {
      properties: {
        contentType: 'application/json',
        expirySeconds: 60,
        correlationData: Buffer.from([1, 2]),
        user: { bridge: 'main', path: 'lan' },
      },
    })
    expect(broker.published[0]?.properties).toEqual({
      contentType: 'application/json',
      payloadFormatIndicator: true,
      messageExpiryInterval: 60,
      correlationData: Buffer.from([1, 2]),
      userProperties: { bridge: 'main', path: 'lan' },
    })
    await link.close()
  })

  it('sets none on 3.1.1', async () => {
    const link = await connect({ protocolVersion: 4 })
    await publish(link, { properties: { contentType: 'text/plain', expirySeconds: 60 } })
    expect(broker.published[0]).toMatchObject({ topic: 'tuya/x', payload: 'x', properties: undefined })
    expect(broker.violations).toEqual([])
    await link.close()
  })

  it.each([
    [0x10, undefined],
    [0x87, 'not-authorized'],
    [0x97, 'quota'],
    [0x80, 'other'],
    [0x99, 'other'],
  ] as const)('PUBACK with code %s: %s, and the connection goes on', async (code, reason) => {
    broker.script.puback = ({ topic }) => (topic === 'tuya/x' ? code : 0)
    const link = await connect()
    expect((await publish(link, {}))?.reason).toBe(reason)
    expect(await publish(link, { topic: 'tuya/y' })).toBeUndefined()
    await link.close()
  })

  it('PUBACK with a code that the library takes for an error ends the connection', async () => {
    broker.script.puback = () => 0x95
    const link = await connect()
    link.publish({ topic: 'tuya/x', payload: 'x', qos: 1, retain: false }, () => {})
    expect((await link.ended).end).toBe('protocol')
  })

  it('a topic that no packet has room for is refused, and the connection goes on', async () => {
    const link = await connect()
    expect((await publish(link, { topic: 'x'.repeat(70_000) }))?.reason).toBe('invalid')
    expect(await publish(link, { topic: 'tuya/y' })).toBeUndefined()
    await link.close()
  })

  it('an answer that nobody waits for, or of another kind, changes nothing', async () => {
    const link = await connect()
    for (const first of [puback, pubrec, pubcomp]) broker.sendBytes(Buffer.from([first, 2, 0, 7]))
    expect(await publish(link, { topic: 'tuya/y' })).toBeUndefined()
    await link.close()
  })

  it('goes on counting after the last packet id, past those that are not answered yet', async () => {
    const silent = new Set<string>(['tuya/0'])
    broker.script.puback = ({ topic }) => (silent.has(topic) ? 'silence' : 0)
    const link = await connect()
    let answered = 0
    const say = (i: number) =>
      link.publish({ topic: `tuya/${i}`, payload: '', qos: 1, retain: false }, () => answered++)
    say(0)
    for (let i = 1; i <= 66_000; i++) {
      say(i)
      if (i % 500 === 0) await until(() => answered === i)
    }
    link.destroy('stopped')
  })

  it('calls back once at most, and never after the end', async () => {
    broker.script.puback = () => 'silence'
    const link = await connect()
    let calls = 0
    link.publish({ topic: 'tuya/x', payload: 'x', qos: 1, retain: false }, () => calls++)
    broker.cut()
    await link.ended
    link.publish({ topic: 'tuya/y', payload: 'x', qos: 1, retain: false }, () => calls++)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(calls).toBe(0)
  })
})

describe('subscribing', () => {
  const wanted = { qos: 2, noLocal: true, retainAsPublished: true, withoutStored: true } as const

  it('asks for No Local, Retain As Published and nothing stored on MQTT 5', async () => {
    broker.say('tuya/cmd/old', 'stored', { retain: true })
    const link = await connect()
    await link.subscribe('tuya/cmd/#', wanted)
    expect(broker.subscribed[0]).toMatchObject({ topic: 'tuya/cmd/#', qos: 2, nl: true, rap: true, rh: 2 })
    await publish(link, { topic: 'tuya/cmd/own' })
    broker.say('tuya/cmd/live', 'x', { retain: true })
    await until(() => heard.length > 0)
    expect(heard.map(({ topic, retain }) => [topic, retain])).toEqual([['tuya/cmd/live', true]])
    await link.close()
  })

  it('asks for none of it on 3.1.1, where stored messages come with their flag', async () => {
    broker.say('tuya/cmd/old', 'stored', { retain: true })
    const link = await connect({ protocolVersion: 4 })
    await link.subscribe('tuya/cmd/#', wanted)
    await until(() => heard.length > 0)
    expect(heard[0]).toMatchObject({ topic: 'tuya/cmd/old', retain: true })
    await link.close()
  })

  it('hands on what MQTT 5 says besides, a repeated user property with its first value', async () => {
    const link = await connect()
    await link.subscribe('tuya/cmd/#', wanted)
    broker.say('tuya/cmd/x', 'é', {
      qos: 1,
      properties: {
        responseTopic: 'tuya/reply/me',
        correlationData: Buffer.from([9]),
        contentType: 'application/json',
        userProperties: { id: ['a', 'b'], ttl: '5' },
      },
    })
    await until(() => heard.length > 0)
    expect(heard[0]).toEqual({
      topic: 'tuya/cmd/x',
      payload: Buffer.from('é'),
      retain: false,
      dup: false,
      responseTopic: 'tuya/reply/me',
      correlationData: Buffer.from([9]),
      contentType: 'application/json',
      user: { id: 'a', ttl: '5' },
    })
    await link.close()
  })

  it.each([4, 5] as const)(
    'MQTT %s: a refused subscription is a matter of rights',
    async (protocolVersion) => {
      broker.script.suback = () => 0x87
      const link = await connect({ protocolVersion })
      await expect(link.subscribe('tuya/cmd/#', { qos: 1 })).rejects.toMatchObject({ end: 'rights' })
      await link.close()
    },
  )

  it('a connection that ends meanwhile is not a matter of rights', async () => {
    broker.script.suback = () => 'silence'
    const link = await connect()
    const subscribing = link.subscribe('tuya/cmd/#', { qos: 1 })
    await until(() => broker.subscribed.length > 0)
    broker.cut()
    await expect(subscribing).rejects.toMatchObject({ end: 'closed' })
  })
})

describe('the end', () => {
  it('DISCONNECT 0x8e: taken over', async () => {
    const link = await connect()
    broker.takeOver('dp2mqtt-main')
    expect((await link.ended).end).toBe('taken-over')
  })

  it('any other DISCONNECT ends the connection too, whether or not the server closes it', async () => {
    const link = await connect()
    broker.disconnect(0x8b)
    expect((await link.ended).end).toBe('closed')
    await until(() => broker.connected === 0)
  })

  it('what is not MQTT ends it', async () => {
    const link = await connect()
    broker.sendBytes(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
    expect((await link.ended).end).toBe('protocol')
    await until(() => broker.connected === 0)
  })

  it('a second CONNACK ends it', async () => {
    const link = await connect({ protocolVersion: 4 })
    broker.sendBytes(oldConnack(0))
    expect((await link.ended).end).toBe('protocol')
  })

  it('a packet above the size that we announced ends it', async () => {
    const link = await connect()
    await link.subscribe('tuya/cmd/#', { qos: 0 })
    broker.say('tuya/cmd/x', 'x'.repeat(400 * 1024))
    expect((await link.ended).end).toBe('protocol')
    expect(heard).toEqual([])
  })

  it('goodbye waits a second at most for answers that do not come', async () => {
    broker.script.puback = () => 'silence'
    const time = new CompressedTime({ stepMs: 100 })
    const link = await new ClientConnector(address(), time.clock).connect(options())
    link.publish({ topic: 'tuya/x', payload: 'x', qos: 1, retain: false }, () => {})
    let gone = false
    void link.close().then(() => {
      gone = true
    })
    expect(await time.until(() => gone, 2_000, 'goodbye')).toBeLessThanOrEqual(1_000)
    expect((await link.ended).end).toBe('stopped')
  })

  it('ends once: the first reason stays', async () => {
    const link = await connect()
    link.destroy('silent')
    link.destroy('rights')
    await link.close()
    expect((await link.ended).end).toBe('silent')
    expect(link.unsentBytes).toBe(0)
  })
})

it('200 connections, cut in every way, leave no listener and no handle', async () => {
  const connector = new ClientConnector(address())
  const { signal } = new AbortController()
  const handles = () => process.getActiveResourcesInfo().length
  let before = 0
  for (let i = 0; i < 210; i++) {
    if (i === 10) {
      await until(() => broker.connected === 0)
      before = handles()
    }
    const link = await connector.connect(options({ signal }))
    await link.subscribe('tuya/cmd/#', { qos: 1 })
    link.publish({ topic: 'tuya/x', payload: 'x', qos: 1, retain: false }, () => {})
    const ends = [
      () => link.destroy('silent'),
      () => broker.cut(),
      () => broker.disconnect(0x98),
      () => link.close(),
    ]
    await ends[i % ends.length]?.()
    await link.ended
  }
  await until(() => broker.connected === 0)
  await until(() => handles() <= before, 20_000, 'as many handles as before')
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
