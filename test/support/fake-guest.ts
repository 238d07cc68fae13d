import type { Socket } from 'node:net'
import packets, {
  type IConnackPacket,
  type IConnectPacket,
  type IPublishPacket,
  type ISubscription,
  type Packet,
} from 'mqtt-packet'
import { contains } from '../../src/mqtt/filter.ts'

/** How the broker behaves; every line of it may be changed while it runs. */
export interface Script {
  /** The answer to CONNECT: a code, nothing, a closed socket, or any bytes. */
  connack: (connect: IConnectPacket) => number | 'silence' | 'hang-up' | Uint8Array
  /** Announced to clients of MQTT 5. */
  properties: NonNullable<IConnackPacket['properties']>
  /**
   * What comes of a QoS 1 publish: a code, nothing, a closed socket, or the code 0 when the test says so. Codes reach
   * clients of MQTT 5 only.
   */
  puback: (publish: IPublishPacket) => number | 'silence' | 'hang-up' | 'later'
  /** What comes of a subscription: the granted QoS, a code above 127, or nothing. */
  suback: (subscription: ISubscription) => number | 'silence'
  /** False: acknowledged, and neither stored nor passed on, as an access list of 3.1.1 has it. */
  accepts: (publish: IPublishPacket) => boolean
}

/** What a connection tells the broker. */
export interface Hooks {
  readonly connected: (connect: IConnectPacket) => void
  readonly accepted: () => void
  readonly published: (publish: IPublishPacket) => void
  readonly subscribed: (subscription: ISubscription) => void
  readonly stored: () => Iterable<IPublishPacket>
  readonly violation: (what: string) => void
  /** The answer to what it took already is kept back. */
  readonly owed: (give: () => void) => void
  readonly gone: (will: IPublishPacket | undefined) => void
}

/** One connection of a client. */
export class Guest {
  readonly connection: number
  version: 4 | 5 = 4
  clientId = ''
  readonly #socket: Socket
  readonly #script: Script
  readonly #hooks: Hooks
  readonly #subscriptions = new Map<string, ISubscription>()
  readonly #unanswered = new Set<number>()
  #will: IPublishPacket | undefined
  #nextId = 1
  #isFrozen = false
  #answersDue: (() => void)[] = []

  constructor(socket: Socket, script: Script, connection: number, hooks: Hooks) {
    this.#socket = socket
    this.#script = script
    this.connection = connection
    this.#hooks = hooks
    const parser = packets.parser()
    parser.on('packet', (packet) => this.#take(packet))
    parser.on('error', (error: Error) => {
      hooks.violation(`not MQTT: ${error.message}`)
      this.end()
    })
    socket.on('data', (chunk) => {
      this.#checkSize(chunk)
      parser.parse(chunk)
    })
    socket.once('close', () => hooks.gone(this.#will))
  }

  send(packet: Packet): void {
    if (this.#isFrozen || this.#socket.destroyed) return
    this.#socket.write(packets.generate(packet, { protocolVersion: this.version }))
  }

  end(): void {
    this.#socket.destroy()
  }

  freeze(): void {
    this.#isFrozen = true
    this.#socket.pause()
  }

  deliver(publish: IPublishPacket, isOwn: boolean): void {
    const subscription = [...this.#subscriptions.values()].find(
      ({ topic, nl }) => contains(topic, publish.topic) && !(nl && isOwn),
    )
    if (subscription) this.#forward(publish, subscription, publish.retain && subscription.rap === true)
  }

  #forward(publish: IPublishPacket, subscription: ISubscription, retain: boolean): void {
    const qos = Math.min(publish.qos, subscription.qos, 1) as 0 | 1
    const { topic, payload, properties } = publish
    this.send({
      cmd: 'publish',
      topic,
      payload,
      qos,
      retain,
      dup: false,
      ...(qos === 1 ? { messageId: (this.#nextId++ % 65_535) + 1 } : {}),
      ...(this.version === 5 && properties ? { properties } : {}),
    })
  }

  #take(packet: Packet): void {
    switch (packet.cmd) {
      case 'connect':
        this.#connect(packet)
        break
      case 'publish':
        this.#publish(packet)
        break
      case 'pubrel':
        this.send({ cmd: 'pubcomp', messageId: packet.messageId ?? 0 })
        break
      case 'subscribe':
        this.#subscribe(packet.messageId ?? 0, packet.subscriptions)
        break
      case 'pingreq':
        this.send({ cmd: 'pingresp' })
        break
      case 'disconnect':
        this.#will = undefined
        this.end()
        break
      default:
    }
  }

  #connect(connect: IConnectPacket): void {
    this.version = connect.protocolVersion === 5 ? 5 : 4
    this.clientId = connect.clientId
    this.#hooks.connected(connect)
    const answer = this.#script.connack(connect)
    if (answer === 'hang-up') this.end()
    else if (typeof answer === 'number') this.#admit(connect, answer)
    else if (answer !== 'silence') this.#socket.write(answer)
  }

  #admit({ will }: IConnectPacket, code: number): void {
    this.send(this.#connack(code))
    if (code !== 0) {
      this.#socket.end()
      return
    }
    if (will) this.#will = { cmd: 'publish', dup: false, qos: 0, retain: false, ...will } as IPublishPacket
    this.#hooks.accepted()
  }

  #connack(code: number): IConnackPacket {
    if (this.version === 4) return { cmd: 'connack', returnCode: code, sessionPresent: false }
    const { properties } = this.#script
    return { cmd: 'connack', reasonCode: code, sessionPresent: false, ...(code === 0 ? { properties } : {}) }
  }

  #publish(publish: IPublishPacket): void {
    if (!isSound(publish.topic)) {
      this.#hooks.violation(`topic ${JSON.stringify(publish.topic)}`)
      this.end()
    } else if (publish.qos === 0) this.#hooks.published(publish)
    else this.#answer(publish)
  }

  #answer(publish: IPublishPacket): void {
    const { messageId = 0, qos } = publish
    this.#unanswered.add(messageId)
    const { receiveMaximum = 65_535 } = this.#script.properties
    if (this.version === 5 && this.#unanswered.size > receiveMaximum)
      this.#hooks.violation(`${this.#unanswered.size} in flight, ${receiveMaximum} announced`)
    const answer = this.#script.puback(publish)
    if (answer === 'hang-up') this.end()
    if (answer === 'hang-up' || answer === 'silence') return
    const reasonCode = answer === 'later' ? 0 : answer
    if (reasonCode < 0x80) this.#hooks.published(publish)
    const cmd = qos === 1 ? 'puback' : 'pubrec'
    const give = () => {
      this.#unanswered.delete(messageId)
      this.send({ cmd, messageId, ...(this.version === 5 ? { reasonCode } : {}) } as Packet)
    }
    // Answered after what came in the same breath, so that what is in flight at once can be counted.
    if (answer === 'later') this.#hooks.owed(give)
    else this.#answerLater(give)
  }

  #answerLater(answer: () => void): void {
    this.#answersDue.push(answer)
    if (this.#answersDue.length > 1) return
    setImmediate(() => {
      const due = this.#answersDue
      this.#answersDue = []
      for (const give of due) give()
    })
  }

  #subscribe(messageId: number, subscriptions: readonly ISubscription[]): void {
    const granted = subscriptions.map((subscription) => this.#script.suback(subscription))
    for (const subscription of subscriptions) this.#hooks.subscribed(subscription)
    if (granted.includes('silence')) return
    const codes = granted as number[]
    this.send({ cmd: 'suback', messageId, granted: this.version === 5 ? codes : codes.map(toOldCode) })
    for (const [i, subscription] of subscriptions.entries()) {
      if ((codes[i] ?? 0x80) >= 0x80) continue
      this.#subscriptions.set(subscription.topic, subscription)
      if (subscription.rh === 2) continue
      for (const stored of this.#hooks.stored())
        if (contains(subscription.topic, stored.topic)) this.#forward(stored, subscription, true)
    }
  }

  /** A packet begins with a chunk here, as our sockets are on loopback and the packets small. */
  #checkSize(chunk: Buffer): void {
    const { maximumPacketSize } = this.#script.properties
    if (this.version !== 5 || maximumPacketSize === undefined || chunk.length < 5) return
    const length = remainingLength(chunk)
    if (length > maximumPacketSize) this.#hooks.violation(`${length} bytes, ${maximumPacketSize} announced`)
  }
}

/** Brokers hang up at wildcards, control characters and non-characters of Unicode in the topic of a message. */
function isSound(topic: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  return topic !== '' && !/[+#\u0000-\u001f\u007f-\u009f\p{Noncharacter_Code_Point}]/u.test(topic)
}

function toOldCode(code: number): number {
  return Math.min(code, 0x80)
}

/** The length of the whole packet that begins here. */
function remainingLength(bytes: Uint8Array): number {
  let length = 0
  for (let i = 1; i < 5; i++) {
    const byte = bytes[i] ?? 0
    length += (byte & 0x7f) * 128 ** (i - 1)
    if (byte < 0x80) return length + 1 + i
  }
  return length
}
