import { request } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Cipher } from '../../../src/codec/queue/cipher.ts'
import { queueKey } from '../../../src/codec/queue/credential.ts'
import { isSigned, openEnvelope } from '../../../src/codec/queue/envelope.ts'
import type { Frame } from '../../../src/codec/queue/frame.ts'
import { Simulator, type SimulatorOptions } from '../../../src/simulator/simulator.ts'
import { demoWorld } from '../../../src/simulator/world-file.ts'
import { makeCertificate } from '../../support/certificate.ts'
import { QueueClient } from '../../support/queue-client.ts'
import { queueLedger } from '../../support/queue-ledger.ts'
import { demo } from '../../support/simulator-desk.ts'
import { until } from '../../support/until.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'

let running: Simulator | undefined

afterEach(async () => {
  await running?.[Symbol.asyncDispose]()
  running = undefined
})

async function start(options: Partial<SimulatorOptions> = {}) {
  const simulator = new Simulator({
    world: demoWorld(),
    alive: false,
    seed: 1,
    queueHandOverMs: 0,
    ...options,
  })
  running = simulator
  const address = await simulator.start()
  return { simulator, address }
}

function bodyOf(frame: Frame, secret = demoWorld().project.accessSecret) {
  const envelope = openEnvelope(frame.payload)
  const data = Buffer.from(envelope.data, 'base64')
  const cipher = new Cipher(queueKey(secret))
  const gcm = frame.properties['em'] === 'aes_gcm'
  const plain = gcm
    ? cipher.openGcm({ iv: data.subarray(0, 12), sealed: data.subarray(12) })
    : cipher.openEcb(data)
  return { envelope, signed: isSigned(envelope, secret), body: JSON.parse(plain.toString()) as object }
}

/** What lies beneath the WebSocket, whose own errors the library keeps to itself. */
function socketOf(client: QueueClient): Socket {
  return (client.socket as unknown as { readonly _socket: Socket })._socket
}

const failover = { subscriptionType: 'Failover' }

describe('the queue’s address', () => {
  it('stands beside the cloud’s', async () => {
    const { address } = await start()
    expect(address.queue).toEqual({
      url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/$/),
      environment: 'event',
    })
  })

  it('delivers what happens, encrypted and signed, under the device’s key', async () => {
    const { simulator, address } = await start()
    await using client = await QueueClient.open(address, { query: failover })
    simulator.world.report(demo.lamp, { switch_led: false })
    const [frame] = await client.received(1)
    expect(frame).toMatchObject({ key: demo.lamp, redeliveryCount: 0, properties: { em: 'aes_ecb' } })
    const { envelope, signed, body } = bodyOf(frame as Frame)
    expect(signed).toBe(true)
    expect(envelope).toMatchObject({ protocol: 4, t: frame?.publishTimeMs })
    expect(body).toMatchObject({ devId: demo.lamp, status: [{ code: 'switch_led', value: false }] })
    await until(() => simulator.queue.backlog() === 0)
  })

  it('speaks TLS when it has a certificate, and says which to trust', async () => {
    const { certPem, keyPem } = makeCertificate()
    const { simulator, address } = await start({ queueTls: { cert: certPem, key: keyPem } })
    expect(address.queue.url).toMatch(/^wss:/)
    await using client = await QueueClient.open(address)
    simulator.world.setOnline(demo.lamp, false)
    expect(await client.received(1)).toHaveLength(1)
    const { ca: _untrusted, ...queue } = address.queue
    await using careful = new QueueClient({ ...address, queue })
    await careful.closed
    expect(careful.failure?.message).toMatch(/self-signed|certificate/i)
  })

  it('answers plain HTTP with 404', async () => {
    const { address } = await start()
    const status = await new Promise((resolve) =>
      request(address.queue.url.replace('ws:', 'http:'), (response) => {
        response.resume()
        resolve(response.statusCode)
      }).end(),
    )
    expect(status).toBe(404)
  })
})

describe('who is not let in', () => {
  it.each([
    ['a wrong password', { password: '0123456789abcdef' }, 401],
    ['somebody else', { accessId: 'somebodyelse00000000' }, 401],
    ['a type that there is not', { query: { subscriptionType: 'Private' } }, 400],
    ['an ack timeout below a second', { query: { ackTimeoutMillis: '999' } }, 400],
    ['a window that is no number', { query: { receiverQueueSize: 'many' } }, 400],
    ['an unknown subscription', { suffix: 'nobody' }, 404],
    ['an unknown environment', { environment: 'elsewhere' as 'event' }, 404],
  ])('%s gets its status', async (_who, options, status) => {
    const { address, simulator } = await start()
    const refused = await new QueueClient(address, options).refused
    expect(refused).toMatchObject({ status, type: 'text/html;charset=utf-8' })
    expect(simulator.journal.entries('queue', 'refuse')).toHaveLength(1)
  })

  it('401 is the page that people report', async () => {
    const { address } = await start()
    const { body } = await new QueueClient(address, { password: 'x' }).refused
    expect(body).toContain('HTTP ERROR 401 Authentication required')
  })

  it('a second slash is another path', async () => {
    const { address } = await start()
    const { status } = await new QueueClient(address, { url: `${address.queue.url}/ws/v2/consumer` }).refused
    expect(status).toBe(404)
  })

  it('an exclusive reader keeps everybody out, and others keep out who shares otherwise', async () => {
    const { address } = await start()
    {
      await using _alone = await QueueClient.open(address)
      expect((await new QueueClient(address).refused).status).toBe(409)
      expect((await new QueueClient(address, { query: failover }).refused).status).toBe(409)
    }
    await until(() => running?.queue.topics.event.subscriptions.values().next().value?.consumers.length === 0)
    await using _first = await QueueClient.open(address, { query: failover })
    await using _second = await QueueClient.open(address, { query: failover })
    const refused = await new QueueClient(address, { query: { subscriptionType: 'Shared' } }).refused
    expect(refused.status).toBe(409)
  })
})

describe('what a client may say', () => {
  it('is told whether the topic has ended: never', async () => {
    const { address } = await start()
    await using client = await QueueClient.open(address)
    client.say({ type: 'isEndOfTopic' })
    await until(() => client.texts.length > 0)
    expect(client.texts).toEqual(['{"endOfTopic":false}'])
  })

  it.each(['hello', '{"messageId":"bm90IG9uZSBvZiBvdXJz"}', '{}', '[]', '{"type":"permit"}'])(
    'is cut off at %s',
    async (garbage) => {
      const { address } = await start()
      await using client = await QueueClient.open(address)
      client.socket.send(garbage)
      expect(await client.closed).toMatchObject({ reason: 'FailedToDeserializeFromJSON' })
    },
  )

  it('holds nothing any more once it is cut off, whether it goes or stays', async () => {
    const { address, simulator } = await start()
    await using client = await QueueClient.open(address, { acks: false })
    simulator.world.setOnline(demo.lamp, false)
    await client.received(1)
    client.socket.pause()
    client.socket.send('hello')
    await until(() => simulator.journal.entries('queue', 'close').length > 0)
    await using next = await QueueClient.open(address)
    expect(await next.received(1)).toHaveLength(1)
    client.socket.resume()
  })

  it('loses its subscription and all that waits there when it unsubscribes', async () => {
    const { address, simulator } = await start()
    simulator.world.setOnline(demo.lamp, false)
    {
      await using client = await QueueClient.open(address, { acks: false })
      await client.received(1)
      client.say({ type: 'unsubscribe' })
      await client.closed
    }
    expect((await new QueueClient(address).refused).status).toBe(404)
    simulator.queue.subscribe('sub')
    await using again = await QueueClient.open(address)
    simulator.world.setOnline(demo.lamp, true)
    expect((await again.received(1)).map((frame) => bodyOf(frame).body)).toMatchObject([
      { bizCode: 'online' },
    ])
  })

  it('gets its pings back with what was in them', async () => {
    const { address, simulator } = await start()
    await using client = await QueueClient.open(address)
    client.socket.ping('demo')
    await until(() => client.pongs.length > 0)
    expect(client.pongs).toEqual(['demo'])
    expect(simulator.journal.entries('queue', 'ping')[0]?.detail).toMatchObject({ payload: 'demo' })
  })

  it('delivers nothing in pull mode but what was permitted', async () => {
    const { address, simulator } = await start()
    await using client = await QueueClient.open(address, { query: { pullMode: 'true' }, acks: false })
    simulator.queue.burst(5)
    client.say({ type: 'permit', permitMessages: 3 })
    await client.received(3)
    client.say({ type: 'isEndOfTopic' })
    await until(() => client.texts.length === 4)
    expect(client.frames).toHaveLength(3)
  })
})

describe('two clients of one subscription', () => {
  it('share its partitions, and what one leaves undone the other gets after a second', async () => {
    const clock = new VirtualClock()
    const { address, simulator } = await start({ clock, queueHandOverMs: 1_000 })
    await using stays = await QueueClient.open(address, { query: { ...failover, consumerName: 'a' } })
    const goes = await QueueClient.open(address, {
      query: { ...failover, consumerName: 'b' },
      acks: false,
    })
    const [subscription] = simulator.queue.topics.event.subscriptions.values()
    await until(() => subscription?.consumers.length === 2)
    await clock.advance(1_000)
    simulator.queue.burst(200)
    await until(() => stays.frames.length + goes.frames.length === 200)
    expect(subscription?.consumers.map((one) => subscription.partitionsOf(one).length)).toEqual([6, 5])
    const keys = (client: QueueClient) => new Set(client.frames.map(({ key }) => key))
    for (const key of keys(goes)) expect(keys(stays)).not.toContain(key)
    const left = goes.frames.length
    expect(left).toBeGreaterThan(50)
    await goes[Symbol.asyncDispose]()
    await until(() => subscription?.consumers.length === 1)
    await clock.advance(999)
    expect(stays.frames).toHaveLength(200 - left)
    await clock.advance(1)
    await stays.received(200)
    await until(() => simulator.queue.backlog() === 0)
    const lines = [...queueLedger(simulator.journal).values()]
    expect(lines).toHaveLength(200)
    expect(lines.every(({ acks }) => acks === 1)).toBe(true)
    expect(lines.filter(({ deliveries }) => deliveries === 2)).toHaveLength(left)
  })
})

describe('a line that breaks', () => {
  it('may break in the middle of a frame, of which so many bytes come', async () => {
    const { address, simulator } = await start({ faults: ['queue-cut=1:40'] })
    await using client = await QueueClient.open(address, { acks: false })
    let bytes = 0
    socketOf(client).on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    simulator.world.setOnline(demo.lamp, false)
    await client.received(1)
    const whole = bytes
    simulator.world.setOnline(demo.lamp, true)
    expect(await client.closed).toMatchObject({ code: 1006 })
    expect(bytes - whole).toBe(40)
    expect(client.frames).toHaveLength(1)
    simulator.faults.clear()
    await using again = await QueueClient.open(address)
    expect(await again.received(2)).toHaveLength(2)
  })

  it('may break without a byte, as a reset', async () => {
    const { address, simulator } = await start({ faults: ['queue-cut=0'] })
    await using client = await QueueClient.open(address)
    const broken = new Promise((resolve) => socketOf(client).once('error', resolve))
    simulator.world.setOnline(demo.lamp, false)
    expect(await broken).toMatchObject({ code: 'ECONNRESET' })
    expect(client.frames).toEqual([])
  })

  it('may not come into being, with a status and a time to wait', async () => {
    const { address } = await start({ faults: ['queue-handshake=429:1', 'retry-after=7'] })
    const refused = await new QueueClient(address).refused
    expect(refused).toMatchObject({ status: 429, retryAfter: '7' })
    await using client = await QueueClient.open(address)
    expect(client.failure).toBeUndefined()
  })
})

describe('a line on which nothing moves', () => {
  it('is closed after five minutes, and a ping keeps it', async () => {
    const clock = new VirtualClock()
    const { address } = await start({ clock })
    await using quiet = await QueueClient.open(address)
    await using lively = await QueueClient.open(address, { environment: 'event-test' })
    await clock.advance(200_000)
    lively.socket.ping()
    await until(() => lively.pongs.length > 0)
    await clock.advance(100_000)
    expect(await quiet.closed).toEqual({ code: 1001, reason: 'Idle Timeout' })
    await clock.advance(199_000)
    expect(lively.socket.readyState).toBe(lively.socket.OPEN)
    await clock.advance(2_000)
    await lively.closed
  })
})

describe('the end of the simulator', () => {
  it('takes connections, timers and listeners along', async () => {
    const clock = new VirtualClock()
    const { simulator, address } = await start({ clock, queueHandOverMs: 1_000 })
    await using client = await QueueClient.open(address, {
      query: { ...failover, ackTimeoutMillis: '3000' },
      acks: false,
    })
    simulator.queue.burst(10)
    await clock.advance(1_000)
    await client.received(10)
    await simulator[Symbol.asyncDispose]()
    await client.closed
    await settle()
    expect(clock.waiting).toBe(0)
    expect(simulator.queue.publish({ protocol: 4, bizCode: null, key: 'x', body: {} })).toBeDefined()
    simulator.world.setOnline(demo.lamp, false)
    expect(simulator.queue.backlog()).toBe(11)
  })
})
