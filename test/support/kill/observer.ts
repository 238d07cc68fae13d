import { connect, type Socket } from 'node:net'
import packets, { type IPublishPacket, type Packet } from 'mqtt-packet'
import type { Ledger } from '../ledger/history.ts'
import { until } from '../until.ts'
import { TopicReader } from './reader.ts'

export interface ObserverOptions {
  readonly port: number
  readonly protocolVersion: 4 | 5
  readonly filters: readonly string[]
}

/** A client of the broker that answers what it gets and does nothing else; no library stands between. */
class RawSubscriber implements Disposable {
  received = 0
  #socket: Socket
  #closed = false
  readonly #version: 4 | 5

  private constructor(socket: Socket, version: 4 | 5, onPublish: (packet: IPublishPacket) => void) {
    this.#socket = socket
    this.#version = version
    const parser = packets.parser({ protocolVersion: version })
    parser.on('packet', (packet) => this.#take(packet, onPublish))
    socket.on('data', (chunk) => parser.parse(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#closed = true
    })
  }

  static async open(
    { port, protocolVersion, filters }: ObserverOptions,
    onPublish: (packet: IPublishPacket) => void,
  ): Promise<RawSubscriber> {
    const client = new RawSubscriber(connect(port, '127.0.0.1').setNoDelay(true), protocolVersion, onPublish)
    client.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion,
      clean: true,
      clientId: `observer-${protocolVersion}-${Math.random().toString(36).slice(2)}`,
      keepalive: 0,
    })
    const subscriptions = filters.map((topic) => ({ topic, qos: 1 as const }))
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions })
    await until(() => client.#ready, 20_000, 'SUBACK')
    return client
  }

  #ready = false

  get closed(): boolean {
    return this.#closed
  }

  send(packet: Packet): void {
    this.#socket.write(packets.generate(packet, { protocolVersion: this.#version }))
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #take(packet: Packet, onPublish: (packet: IPublishPacket) => void): void {
    if (packet.cmd === 'suback') this.#ready = true
    if (packet.cmd !== 'publish') return
    this.received++
    onPublish(packet)
    if (packet.qos === 1) this.send({ cmd: 'puback', messageId: packet.messageId ?? 0 })
  }
}

/** Someone who only looks, and writes into the ledger what he sees. */
export class Observer implements Disposable {
  readonly name: string
  readonly #subscriber: RawSubscriber

  private constructor(name: string, subscriber: RawSubscriber) {
    this.name = name
    this.#subscriber = subscriber
  }

  static async open(name: string, options: ObserverOptions, ledger: Ledger): Promise<Observer> {
    const reader = new TopicReader()
    const subscriber = await RawSubscriber.open(options, ({ topic, payload }) => {
      const text = String(payload)
      if (text === '') return
      if (topic.split('/')[1] === 'result') {
        noteResult(ledger, text)
        return
      }
      const facts = reader.read(topic, text)
      if (facts.length > 0) ledger.note({ did: 'saw', observer: name, topic, facts })
    })
    return new Observer(name, subscriber)
  }

  get received(): number {
    return this.#subscriber.received
  }

  /** He is of use only as long as the broker has him. */
  get closed(): boolean {
    return this.#subscriber.closed
  }

  /** What else he may do: send a command. */
  publish(topic: string, payload: string, retain = false): void {
    this.#subscriber.send({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain, messageId: 2 })
  }

  [Symbol.dispose](): void {
    this.#subscriber[Symbol.dispose]()
  }
}

/** Commands have their number as their id. */
function noteResult(ledger: Ledger, text: string): void {
  const { id, state, final } = JSON.parse(text) as { id: string | null; state: string; final: boolean }
  if (id?.startsWith('n')) ledger.note({ did: 'heard', command: Number(id.slice(1)), state, final })
}

const quietMs = 500

/** What a newcomer finds retained, by topic: as many as are wanted, or all that come before it is quiet. */
export async function retained(
  port: number,
  filter: string,
  wanted: number,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  let lastAt = performance.now()
  using _client = await RawSubscriber.open({ port, protocolVersion: 4, filters: [filter] }, (packet) => {
    lastAt = performance.now()
    if (packet.retain) found.set(packet.topic, String(packet.payload))
  })
  await until(() => found.size >= wanted || performance.now() - lastAt > quietMs, 60_000, 'what is retained')
  return found
}
