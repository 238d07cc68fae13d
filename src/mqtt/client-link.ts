import mqtt, { type IClientOptions, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt'
import { deferred } from '../util/deferred.ts'
import type { Secret } from '../util/secret.ts'
import {
  type BrokerConnector,
  type BrokerLink,
  type ConnectOptions,
  type LinkEnd,
  LinkError,
  type LinkLimits,
  PublishRefused,
  type SubscribeOptions,
} from './link.ts'
import type { Incoming, Outgoing } from './message.ts'

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
/** Without a server's word; its own limit is far above ours. */
const anyPacketSize = 268_435_455
const mostReceiveMaximum = 65_535

/** Connections to a broker elsewhere, over MQTT.js. MQTT 5 first, 3.1.1 when the server refuses (R-M5). */
export class ClientConnector implements BrokerConnector {
  readonly address: string
  readonly #to: BrokerAddress
  #version: 4 | 5

  constructor(to: BrokerAddress) {
    this.#to = to
    this.#version = to.protocolVersion ?? 5
    this.address = withoutUserinfo(to.url)
  }

  async connect(options: ConnectOptions): Promise<BrokerLink> {
    try {
      return await connectOnce(this.#to, this.#version, options)
    } catch (thrown) {
      if (this.#to.protocolVersion !== null || !(thrown instanceof LinkError) || thrown.end !== 'version')
        throw thrown
      this.#version = this.#version === 5 ? 4 : 5
      return connectOnce(this.#to, this.#version, options)
    }
  }
}

async function connectOnce(to: BrokerAddress, version: 4 | 5, options: ConnectOptions): Promise<BrokerLink> {
  const client = mqtt.connect(to.url, clientOptions(to, version, options))
  const link = new ClientLink(client, version, options.onMessage)
  const onAbort = () => link.destroy('stopped')
  options.signal.addEventListener('abort', onAbort, { once: true })
  try {
    await link.connected
    return link
  } finally {
    options.signal.removeEventListener('abort', onAbort)
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
  readonly connected: Promise<void>
  readonly ended: Promise<LinkError>
  readonly #client: MqttClient
  readonly #version: 4 | 5
  readonly #end = deferred<LinkError>()
  #limits: LinkLimits
  #cause: LinkError | undefined
  #over = false

  constructor(client: MqttClient, version: 4 | 5, onMessage: (message: Incoming) => void) {
    this.#client = client
    this.#version = version
    this.#limits = limitsOf(version, undefined)
    this.ended = this.#end.promise
    client.on('message', (topic, payload, packet) => onMessage(incoming(topic, payload, packet)))
    const up = deferred<void>()
    this.connected = up.promise
    client.on('connect', (connack) => {
      this.#limits = limitsOf(version, connack)
      up.resolve()
    })
    // R-M7: whatever the library complains about, this connection is over.
    client.on('error', (error) => this.#finish(toLinkError(error, version)))
    client.on('disconnect', (packet) => {
      const takenOver = packet.reasonCode === 0x8e
      this.#cause ??= new LinkError(
        takenOver ? 'taken-over' : 'closed',
        `the broker disconnected us (${packet.reasonCode})`,
      )
    })
    client.on('close', () => this.#finish(new LinkError('closed', 'the connection was closed')))
    void this.ended.then((end) => up.reject(end))
    up.promise.catch(() => {})
  }

  get limits(): LinkLimits {
    return this.#limits
  }

  get unsentBytes(): number {
    return this.#over ? 0 : (this.#client.stream?.writableLength ?? 0)
  }

  publish(message: Outgoing, done: (refused?: PublishRefused) => void): void {
    const { topic, payload, qos, retain } = message
    const properties = this.#version === 5 ? toWire(message) : undefined
    this.#client.publish(topic, payload, { qos, retain, ...(properties ? { properties } : {}) }, (error) => {
      if (this.#over) return
      if (!error) done()
      else if ('code' in error && typeof error.code === 'number')
        done(new PublishRefused(publishReason(error.code)))
      // Anything else is the end of the connection, which tells it by itself.
    })
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
    const granted = await new Promise<number>((resolve, reject) => {
      void this.ended.then(reject)
      this.#client.subscribe(filter, wanted, (error, grants) => {
        if (error) reject(new LinkError('rights', `the broker refused the subscription to ${filter}`))
        else resolve(grants?.[0]?.qos ?? 128)
      })
    })
    if (granted >= 128) throw new LinkError('rights', `the broker refused the subscription to ${filter}`)
  }

  destroy(end: LinkEnd): void {
    this.#finish(new LinkError(end, `we ended the connection (${end})`))
  }

  async close(): Promise<void> {
    if (this.#over) return
    const gone = new Promise<void>((resolve) => this.#client.end(false, {}, () => resolve()))
    const patience = deferred<void>()
    const timer = setTimeout(() => patience.resolve(), 1_000)
    await Promise.race([gone, patience.promise])
    clearTimeout(timer)
    this.#finish(new LinkError('stopped', 'we said goodbye'))
  }

  #finish(error: LinkError): void {
    if (this.#over) return
    this.#over = true
    const { stream } = this.#client
    this.#client.end(true)
    stream?.destroy()
    // Late errors of a dead socket concern nobody.
    this.#client.removeAllListeners()
    this.#client.on('error', () => {})
    this.#end.resolve(this.#cause ?? error)
  }
}

function limitsOf(version: 4 | 5, connack: IConnackPacket | undefined): LinkLimits {
  const given = version === 5 ? connack?.properties : undefined
  return {
    protocol: version === 5 ? 'MQTT 5' : 'MQTT 3.1.1',
    receiveMaximum: given?.receiveMaximum ?? mostReceiveMaximum,
    maximumPacketSize: given?.maximumPacketSize ?? anyPacketSize,
    retainAvailable: given?.retainAvailable ?? true,
    maximumQos: (given?.maximumQoS as 0 | 1 | undefined) ?? 2,
  }
}

function toWire(message: Outgoing): NonNullable<IPublishPacket['properties']> | undefined {
  const { properties } = message
  if (!properties) return undefined
  return {
    ...(properties.contentType ? { contentType: properties.contentType, payloadFormatIndicator: true } : {}),
    ...(properties.expirySeconds ? { messageExpiryInterval: properties.expirySeconds } : {}),
    ...(properties.correlationData ? { correlationData: properties.correlationData } : {}),
    ...(properties.user ? { userProperties: { ...properties.user } } : {}),
  }
}

function incoming(topic: string, payload: Buffer, packet: IPublishPacket): Incoming {
  const { properties } = packet
  const user = properties?.userProperties
  return {
    topic,
    payload,
    retain: packet.retain,
    dup: packet.dup,
    ...(properties?.responseTopic ? { responseTopic: properties.responseTopic } : {}),
    ...(properties?.correlationData ? { correlationData: properties.correlationData } : {}),
    ...(properties?.contentType ? { contentType: properties.contentType } : {}),
    ...(user ? { user: flat(user) } : {}),
  }
}

/** A repeated user property counts with its first value. */
function flat(user: Record<string, string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(user).map(([name, value]) => [name, String(Array.isArray(value) ? value[0] : value)]),
  )
}

function publishReason(code: number): PublishRefused['reason'] {
  if (code === 0x87) return 'not-authorized'
  if (code === 0x95) return 'too-large'
  return code === 0x97 ? 'quota' : 'other'
}

const connackEnds: Readonly<Record<number, LinkEnd>> = {
  1: 'version',
  2: 'refused',
  3: 'unreachable',
  4: 'credentials',
  5: 'credentials',
  132: 'version',
  134: 'credentials',
  135: 'credentials',
  136: 'unreachable',
  138: 'credentials',
}

function toLinkError(error: Error & { code?: unknown }, version: 4 | 5): LinkError {
  const { code } = error
  if (typeof code === 'number')
    return new LinkError(connackEnds[code] ?? 'refused', `the broker refused the connection (${code})`)
  if (typeof code === 'string') {
    const timedOut = code === 'ETIMEDOUT'
    return new LinkError(timedOut ? 'timeout' : 'unreachable', `the broker cannot be reached (${code})`)
  }
  if (/connack timeout/i.test(error.message))
    return new LinkError('timeout', 'the broker did not answer CONNECT')
  if (/keepalive/i.test(error.message)) return new LinkError('silent', 'the broker stopped answering')
  // A 3.1.1 server answers CONNECT 5 with a packet that the library cannot read.
  return version === 5 && /connack|reason code|variable/i.test(error.message)
    ? new LinkError('version', 'the broker does not speak MQTT 5')
    : new LinkError('protocol', 'the broker sent what is not MQTT')
}

function withoutUserinfo(url: string): string {
  const parsed = new URL(url)
  return `${parsed.protocol}//${parsed.host}`
}
