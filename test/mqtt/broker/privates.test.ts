import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Aedes } from 'aedes'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type AedesClient,
  dispatch,
  holderOf,
  ignoreFellowBrokers,
  keepDeliveryOrder,
  watchPackets,
} from '../../../src/mqtt/broker/privates.ts'
import { memoryStore } from '../../../src/mqtt/broker/retained.ts'
import { connectPacket, RawClient } from '../../support/raw-client.ts'
import { until } from '../../support/until.ts'

/** aedes as it is, without anything of ours; an upgrade that changes what we rely on fails here. */
class PlainBroker implements AsyncDisposable {
  readonly aedes: Aedes
  readonly clients: AedesClient[] = []
  readonly #raw: RawClient[] = []
  readonly #server = createServer((socket) => {
    const client = this.aedes.handle(socket) as unknown as AedesClient
    this.clients.push(client)
    this.onClient(client)
  })
  onClient: (client: AedesClient) => void = () => {}

  private constructor(options: ConstructorParameters<typeof Aedes>[0]) {
    this.aedes = new Aedes({ concurrency: 0, ...options })
  }

  static async open(options: ConstructorParameters<typeof Aedes>[0] = {}): Promise<PlainBroker> {
    const broker = new PlainBroker(options)
    await broker.aedes.listen()
    broker.#server.listen(0, '127.0.0.1')
    await once(broker.#server, 'listening')
    return broker
  }

  async raw(options: Parameters<typeof RawClient.connected>[1] | null = {}): Promise<RawClient> {
    const { port } = this.#server.address() as AddressInfo
    const client = await (options === null ? RawClient.open(port) : RawClient.connected(port, options))
    this.#raw.push(client)
    return client
  }

  async subscribed(filter: string): Promise<RawClient> {
    const client = await this.raw()
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos: 0 }] })
    await until(() => client.of('suback').length === 1)
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#raw) client[Symbol.dispose]()
    this.#server.close()
    await new Promise<void>((resolve) => this.aedes.close(() => resolve()))
  }
}

const payloads = (client: RawClient) => client.of('publish').map(({ payload }) => payload.toString())

describe('watchPackets', () => {
  it('is asked for every packet, with its announced length, before its body has come', async () => {
    await using broker = await PlainBroker.open()
    const asked: number[] = []
    broker.onClient = (client) => watchPackets(client, (bytes) => asked.push(bytes) > 0)
    const client = await broker.raw()
    const connectBytes = asked[0]
    client.sendBytes(Buffer.from([0x30, 0xd0, 0x86, 0x03]))
    await until(() => asked.length === 2)
    expect(asked).toEqual([connectBytes, 0xd0 - 0x80 + (0x06 << 7) + (0x03 << 14)])
    expect(client.closed).toBe(false)
  })

  it('what does not fit ends the connection, and nothing behind it is read', async () => {
    await using broker = await PlainBroker.open()
    const asked: number[] = []
    broker.onClient = (client) => watchPackets(client, (bytes) => asked.push(bytes) < 2)
    const client = await broker.raw()
    client.sendBytes(Buffer.from([0x30, 0x7f, 0, 1, 0x61, 0xc0, 0, 0xc0, 0]))
    await client.closes()
    expect(asked).toHaveLength(2)
  })
})

describe('the client object', () => {
  it('is connected and authorised from the CONNACK on, and closed at the end', async () => {
    await using broker = await PlainBroker.open({
      authenticate: (_client, username, _password, done) => done(null, username === 'friend'),
    })
    const open = await broker.raw(null)
    const [object] = await until(() => broker.clients.length > 0 && broker.clients)
    expect(object).toMatchObject({ connected: false, closed: false, _authorized: false })
    open.send(connectPacket({ clientId: 'one', username: 'friend' }))
    await until(() => open.of('connack').length === 1)
    await until(() => object?.connected)
    expect(object).toMatchObject({ _authorized: true, id: 'one' })
    expect(holderOf(broker.aedes, 'one')).toBe(object)
    open.socket.destroy()
    await until(() => object?.closed)
    await until(() => holderOf(broker.aedes, 'one') === undefined)
  })

  it('of somebody who was refused is not authorised, and nobody finds it by its id', async () => {
    await using broker = await PlainBroker.open({
      authenticate: (_client, _username, _password, done) => done(null, false),
    })
    const refused = await broker.raw({ clientId: 'two' })
    await refused.closes()
    expect(broker.clients[0]).toMatchObject({ _authorized: false, closed: true, id: 'two' })
    expect(holderOf(broker.aedes, 'two')).toBeUndefined()
  })

  it('is not found under an inherited name', async () => {
    await using broker = await PlainBroker.open()
    for (const name of ['constructor', '__proto__', 'toString'])
      expect(holderOf(broker.aedes, name)).toBeUndefined()
  })
})

describe('keepDeliveryOrder', () => {
  /** A message that waits for the store is overtaken by one that does not. */
  async function overtaken(prepare: (aedes: Aedes) => void): Promise<string[]> {
    const store = memoryStore()
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    store.storeRetained = () => held
    await using broker = await PlainBroker.open({ persistence: store })
    prepare(broker.aedes)
    const reader = await broker.subscribed('#')
    const publish = (topic: string, retain: boolean) =>
      broker.aedes.publish(
        { cmd: 'publish', topic, payload: Buffer.from(topic), qos: 0, retain, dup: false },
        () => {},
      )
    publish('stored', true)
    publish('quick', false)
    await until(() => payloads(reader).length === 1)
    release()
    publish('last', false)
    await until(() => payloads(reader).includes('last'))
    return payloads(reader).sort()
  }

  it('aedes by itself loses a message that was overtaken; when it does not any more, ours can go', async () => {
    expect(await overtaken(() => {})).toEqual(['last', 'quick'])
  })

  it('with it none is lost', async () => {
    expect(await overtaken(keepDeliveryOrder)).toEqual(['last', 'quick', 'stored'])
  })

  it('a client whose filters overlap still gets a message once', async () => {
    await using broker = await PlainBroker.open()
    keepDeliveryOrder(broker.aedes)
    const reader = await broker.subscribed('a/#')
    reader.send({ cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 'a/+', qos: 0 }] })
    await until(() => reader.of('suback').length === 2)
    for (const topic of ['a/b', 'a/c'])
      dispatch(broker.aedes, { cmd: 'publish', topic, payload: 'x', qos: 0, retain: false, dup: false })
    await until(() => payloads(reader).length === 2)
    reader.send({ cmd: 'pingreq' })
    await until(() => reader.of('pingresp').length === 1)
    expect(payloads(reader)).toEqual(['x', 'x'])
  })
})

describe('dispatch', () => {
  it('reaches whoever has subscribed, with the QoS of both', async () => {
    await using broker = await PlainBroker.open()
    const reader = await broker.raw()
    reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 1 }] })
    await until(() => reader.of('suback').length === 1)
    dispatch(broker.aedes, { cmd: 'publish', topic: 'a', payload: 'x', qos: 1, retain: false, dup: false })
    const [publish] = await until(() => reader.of('publish').length === 1 && reader.of('publish'))
    expect(publish).toMatchObject({ topic: 'a', qos: 1, messageId: expect.any(Number) })
  })

  it('to a closed broker does nothing', async () => {
    const broker = await PlainBroker.open()
    await broker[Symbol.asyncDispose]()
    dispatch(broker.aedes, { cmd: 'publish', topic: 'a', payload: 'x', qos: 0, retain: false, dup: false })
  })
})

describe('ignoreFellowBrokers', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  /** The wills that are told when aedes has lost its own heartbeat, as after a jump of the wall clock. */
  async function toldWhileConnected(prepare: (aedes: Aedes) => void): Promise<string[]> {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    await using broker = await PlainBroker.open()
    prepare(broker.aedes)
    const { mq } = broker.aedes as unknown as { mq: { removeAllListeners(topic: string): void } }
    mq.removeAllListeners('$SYS/+/heartbeat')
    const reader = await broker.subscribed('will')
    await broker.raw({ will: { topic: 'will', payload: Buffer.from('gone'), qos: 0, retain: false } })
    vi.advanceTimersByTime(10 * 60_000)
    vi.useRealTimers()
    for (let i = 1; i <= 5; i++) {
      reader.send({ cmd: 'pingreq' })
      await until(() => reader.of('pingresp').length === i)
    }
    return payloads(reader)
  }

  it('aedes by itself tells the wills of the living', async () => {
    expect(new Set(await toldWhileConnected(() => {}))).toEqual(new Set(['gone']))
  })

  it('with it they are told of the dead alone', async () => {
    expect(await toldWhileConnected(ignoreFellowBrokers)).toEqual([])
  })
})
