import { Socket } from 'node:net'
import mqtt, { type IClientOptions, type MqttClient, type Packet, Store } from 'mqtt'
import { type Clock, systemClock, type Timer } from '../util/clock.ts'
import { deferred } from '../util/deferred.ts'
import type { Secret } from '../util/secret.ts'
import { connectError, connectionError, disconnectError, noConnack, notMqtt } from './client-errors.ts'
import { incoming, limitsOf } from './client-wire.ts'
import './lean-packets.ts'
import {
  type BrokerConnector,
  type BrokerLink,
  type ConnectOptions,
  type LinkEnd,
  LinkError,
  type LinkLimits,
  type PublishRefused,
  type SubscribeOptions,
} from './link.ts'
import type { Incoming, Outgoing } from './message.ts'
import { PublishWire } from './publish-wire.ts'

export interface BrokerAddress {
  readonly url: string
  readonly clientId: string
  readonly username: string | null
  readonly password: Secret | null
  /** Fixed by the configuration; null = 5 first, then 3.1.1. */
  readonly protocolVersion: 4 | 5 | null
  readonly tls: {
    readonly ca?: string
    readonly cert?: string
    readonly key?: Secret
    readonly insecure: boolean
  }
}

const keepaliveSeconds = 15
const connectTimeoutMs = 10_000
const farewellMs = 1_000

/** Connections to a broker elsewhere, over MQTT.js. MQTT 5 first, 3.1.1 when the server refuses (R-M5). */
export class ClientConnector implements BrokerConnector {
  #to: BrokerAddress
  readonly #clock: Clock
  #version: 4 | 5 = 5

  constructor(to: BrokerAddress, clock: Clock = systemClock) {
    this.#to = to
    this.#clock = clock
    this.turnTo(to)
  }

  get address(): string {
    return withoutUserinfo(this.#to.url)
  }

  /** The next connection goes there, as that user. */
  turnTo(to: BrokerAddress): void {
    this.#to = to
    this.#version = to.protocolVersion ?? 5
  }

  async connect(options: ConnectOptions): Promise<BrokerLink> {
    try {
      return await this.#connectAs(this.#version, options)
    } catch (thrown) {
      if (this.#version === 4 || this.#to.protocolVersion !== null || !(thrown instanceof LinkError))
        throw thrown
      // A refusal in words holds for the run. A server that only hangs up may have had other reasons: 5 stays first.
      if (thrown.end === 'version') this.#version = 4
      else if (thrown.end !== 'closed' && thrown.end !== 'protocol') throw thrown
      return this.#connectAs(4, options)
    }
  }

  async #connectAs(version: 4 | 5, options: ConnectOptions): Promise<BrokerLink> {
    const { signal } = options
    signal.throwIfAborted()
    const client = mqtt.connect(this.#to.url, clientOptions(this.#to, version, options))
    // An acknowledged message must not wait behind unacknowledged ones for the other side's delayed TCP answer.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true)
    const link = new ClientLink(client, version, this.#clock, options.onMessage)
    const onAbort = () => link.destroy('stopped')
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await link.connected
      return link
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}

/** R-M1: no reconnect, no resubscribe, no queue: one client object per connection, and nothing is ever replayed. */
function clientOptions(to: BrokerAddress, version: 4 | 5, options: ConnectOptions): IClientOptions {
  const { will } = options
  return {
    protocolVersion: version,
    protocolId: 'MQTT',
    clientId: to.clientId + options.suffix,
    clean: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    keepalive: keepaliveSeconds,
    connectTimeout: connectTimeoutMs,
    // The library's own log prints the password.
    log: () => {},
    // What the library has read before the end it handles after it, and throws if its stores are gone by then.
    incomingStore: new Store({ clean: false }),
    outgoingStore: new Store({ clean: false }),
    ...(to.username === null ? {} : { username: to.username }),
    ...(to.password === null ? {} : { password: to.password.reveal() }),
    ...(will
      ? { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }
      : {}),
    ...(version === 5
      ? { properties: { sessionExpiryInterval: 0, receiveMaximum: 256, maximumPacketSize: 300 * 1024 } }
      : {}),
    rejectUnauthorized: !to.tls.insecure,
    minVersion: 'TLSv1.2',
    ...(to.tls.ca === undefined ? {} : { ca: to.tls.ca }),
    ...(to.tls.cert === undefined ? {} : { cert: to.tls.cert }),
    ...(to.tls.key === undefined ? {} : { key: to.tls.key.reveal() }),
  } as IClientOptions
}

class ClientLink implements BrokerLink {
  /** Resolves with CONNACK; rejects with the LinkError of `ended`. */
  readonly connected: Promise<void>
  readonly ended: Promise<LinkError>
  readonly #client: MqttClient
  readonly #version: 4 | 5
  readonly #clock: Clock
  readonly #end = deferred<LinkError>()
  readonly #connackDue: Timer
  #limits: LinkLimits
  readonly #wire: PublishWire
  #isUp = false
  #over = false

  constructor(client: MqttClient, version: 4 | 5, clock: Clock, onMessage: (message: Incoming) => void) {
    this.#client = client
    this.#version = version
    this.#clock = clock
    this.#limits = limitsOf(version, undefined)
    this.ended = this.#end.promise
    const up = deferred<void>()
    this.connected = up.promise
    this.#connackDue = clock.after(connectTimeoutMs, () => this.#finish(noConnack))
    this.#wire = new PublishWire(client, version)
    client.on('packetreceive', (packet) => this.#inspect(packet))
    client.on('message', (topic, payload, packet) => {
      if (!this.#over) onMessage(incoming(topic, payload, packet))
    })
    client.on('connect', (connack) => {
      this.#isUp = true
      this.#connackDue.cancel()
      this.#limits = limitsOf(version, connack)
      up.resolve()
    })
    // R-M7: whatever the library complains about, this connection is over.
    client.on('error', (error) =>
      this.#finish(this.#isUp ? connectionError(error) : connectError(error, version)),
    )
    client.on('disconnect', (packet) => this.#finish(disconnectError(packet.reasonCode)))
    client.on('close', () => this.#finish(new LinkError('closed', 'the connection was closed')))
    void this.ended.then((end) => up.reject(end))
    up.promise.catch(() => {})
  }

  get limits(): LinkLimits {
    return this.#limits
  }

  get unsentBytes(): number {
    return this.#over ? 0 : this.#wire.unsentBytes
  }

  publish(message: Outgoing, done: (refused?: PublishRefused) => void): void {
    this.#wire.publish(message, done)
  }

  async subscribe(filter: string, options: SubscribeOptions): Promise<void> {
    const wanted = {
      qos: options.qos,
      ...(this.#version === 5
        ? {
            nl: options.noLocal ?? false,
            rap: options.retainAsPublished ?? false,
            rh: options.withoutStored ? 2 : 0,
          }
        : {}),
    } as const
    const answer = new Promise<boolean>((resolve) => {
      this.#client.subscribe(filter, wanted, (error, _grants, suback) => {
        // An error without an answer is the end of the connection, which tells it by itself.
        if (!error || suback) resolve(!error)
      })
    })
    const granted = await Promise.race([answer, this.ended])
    if (granted instanceof LinkError) throw granted
    if (!granted) throw new LinkError('rights', `the broker refused the subscription to ${filter}`)
  }

  destroy(end: LinkEnd): void {
    this.#finish(new LinkError(end, `we ended the connection (${end})`))
  }

  async close(): Promise<void> {
    if (this.#over) return
    const gone = deferred<void>()
    const patience = this.#clock.after(farewellMs, () => gone.resolve())
    this.#wire.drain(() => this.#client.end(false, {}, () => gone.resolve()))
    await gone.promise
    patience.cancel()
    this.#finish(new LinkError('stopped', 'we said goodbye'))
  }

  #inspect(packet: Packet): void {
    if (packet.messageId === undefined) return
    // A packet too short for its id is passed on by the library, which then throws when it answers it.
    if (!(packet.messageId >= 0)) {
      Object.assign(packet, { cmd: 'malformed' })
      this.#finish(notMqtt)
    } else if (packet.cmd === 'puback') this.#wire.answered(packet.messageId, packet.reasonCode)
  }

  /** The listeners stay: late errors of a dead socket have to end somewhere. */
  #finish(error: LinkError): void {
    if (this.#over) return
    this.#over = true
    this.#wire.end()
    this.#connackDue.cancel()
    const { stream } = this.#client
    this.#client.end(true)
    stream?.destroy()
    this.#end.resolve(error)
  }
}

function withoutUserinfo(url: string): string {
  const parsed = new URL(url)
  return `${parsed.protocol}//${parsed.host}`
}
