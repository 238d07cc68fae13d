import { Socket } from 'node:net'
import mqtt, { type IClientOptions, type MqttClient, type Packet, Store } from 'mqtt'
import { type Clock, systemClock, type Timer } from '../../util/clock.ts'
import { deferred } from '../../util/deferred.ts'
import { abortReason } from '../../util/signal.ts'
import type { HubConfig } from './hub-config.ts'
import type { HubSocket, HubSocketOptions, OpenHubSocket } from './hub-socket.ts'
import { type LinkEnd, QueueLinkError, socketError } from './link-error.ts'
import type { TlsOptions } from './ws-socket.ts'

/** A half-open connection is found after one and a half of it. */
const keepaliveSeconds = 25
/** From the first byte to the answer to SUBSCRIBE. */
const handshakeMs = 15_000
const farewellMs = 1_000
/** The library reads a packet of any length; one that is no end of is not waited for. */
const largestPacket = 1024 * 1024

/** Connections to the Open Hub over MQTT.js: 3.1.1, a clean session, and nothing that the library does by itself. */
export function mqttOpener(tls: TlsOptions, clock: Clock = systemClock): OpenHubSocket {
  return async (options) => {
    const { config, signal } = options
    if (signal.aborted) throw abortReason(signal)
    const client = mqtt.connect(config.url, clientOptions(config, tls))
    const link = new MqttSocket(client, clock, options)
    const onAbort = () => link.destroy(new QueueLinkError('stopped', 'We gave up connecting.'))
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await link.opened
      return link
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}

function clientOptions({ clientId, username, password }: HubConfig, tls: TlsOptions): IClientOptions {
  return {
    protocolVersion: 4,
    protocolId: 'MQTT',
    clientId,
    username,
    password: password.reveal(),
    clean: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    keepalive: keepaliveSeconds,
    connectTimeout: handshakeMs,
    // The library's own log prints the password.
    log: () => {},
    // What the library has read before the end it handles after it, and throws if its stores are gone by then.
    incomingStore: new Store({ clean: false }),
    outgoingStore: new Store({ clean: false }),
    rejectUnauthorized: !tls.insecure,
    minVersion: 'TLSv1.2',
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
  } as IClientOptions
}

class MqttSocket implements HubSocket {
  /** Resolves when everything is subscribed; rejects with the error of `ended`. */
  readonly opened: Promise<void>
  readonly ended: Promise<QueueLinkError>
  readonly #client: MqttClient
  readonly #clock: Clock
  readonly #end = deferred<QueueLinkError>()
  readonly #due: Timer
  #stood = false
  #farewell: QueueLinkError | undefined
  #over = false
  /** Bytes since the last whole packet. */
  #unfinished = 0
  #lastAt: number

  constructor(client: MqttClient, clock: Clock, { config, onMessage }: HubSocketOptions) {
    this.#client = client
    this.#clock = clock
    this.#lastAt = clock.monotonic()
    this.ended = this.#end.promise
    const up = deferred<void>()
    this.opened = up.promise
    this.#due = clock.after(handshakeMs, () =>
      this.destroy(new QueueLinkError('timeout', 'The Open Hub does not answer.')),
    )
    if (client.stream instanceof Socket) client.stream.on('data', ({ length }: Buffer) => this.#weigh(length))
    client.on('packetreceive', (packet) => this.#inspect(packet))
    client.on('message', (_topic, payload) => {
      if (!this.#over && !this.#farewell) onMessage(payload)
    })
    client.on('connect', () => {
      this.#stood = true
      client.subscribe([...config.topics], { qos: 0 }, (error, _grants, suback) => {
        // An error without an answer is the end of the connection, which tells it by itself.
        if (error && suback) this.destroy(new QueueLinkError('permission', noTopic))
        else if (!error) {
          this.#due.cancel()
          up.resolve()
        }
      })
    })
    // Whatever the library complains about, this connection is over.
    client.on('error', (error) => this.destroy(hubError(error, this.#stood)))
    client.on('close', () =>
      this.destroy(new QueueLinkError('closed', 'The Open Hub closed the connection.')),
    )
    void this.ended.then((end) => up.reject(end))
    up.promise.catch(() => {})
  }

  get lastAt(): number {
    return this.#lastAt
  }

  async close(end: QueueLinkError): Promise<void> {
    if (this.#over || this.#farewell) return
    this.#farewell = end
    this.#client.end(false, {}, () => this.destroy(end))
    const patience = this.#clock.after(farewellMs, () => this.destroy(end))
    await this.ended
    patience.cancel()
  }

  /** The listeners stay: late errors of a dead socket have to end somewhere. */
  destroy(end: QueueLinkError): void {
    if (this.#over) return
    this.#over = true
    this.#due.cancel()
    const { stream } = this.#client
    this.#client.end(true)
    stream?.destroy()
    this.#end.resolve(this.#farewell ?? end)
  }

  #weigh(bytes: number): void {
    this.#unfinished += bytes
    if (this.#unfinished > largestPacket)
      this.destroy(
        new QueueLinkError('too-large', 'The Open Hub sent a message that is too large to be read.'),
      )
  }

  #inspect(packet: Packet): void {
    this.#unfinished = 0
    this.#lastAt = this.#clock.monotonic()
    // A packet too short for its id is passed on by the library, which then throws when it answers it.
    if (packet.messageId === undefined || packet.messageId >= 0) return
    Object.assign(packet, { cmd: 'malformed' })
    this.destroy(notMqtt)
  }
}

const noTopic = 'The Open Hub refused the subscription to its own topic.'
const notMqtt = new QueueLinkError('protocol', 'The Open Hub sent what is not MQTT.')

const connackEnds: Readonly<Record<number, LinkEnd>> = {
  3: 'unavailable',
  4: 'credentials',
  5: 'credentials',
}

function hubError(error: Error & { code?: unknown }, stood: boolean): QueueLinkError {
  const { code, message } = error
  if (typeof code === 'number')
    return new QueueLinkError(
      connackEnds[code] ?? 'refused',
      `The Open Hub refused the connection (${code}).`,
    )
  if (typeof code === 'string') return socketError(error, stood)
  return /keepalive|timeout/i.test(message)
    ? new QueueLinkError('timeout', 'The Open Hub stopped answering.')
    : notMqtt
}
