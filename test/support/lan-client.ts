import { connect, type Socket } from 'node:net'
import { lanCommand } from '../../src/codec/lan/command.ts'
import { frameKindOf, type Gap, type RawFrame, splitFrames } from '../../src/codec/lan/frame.ts'
import { takesHeader, versionHeader } from '../../src/codec/lan/header.ts'
import { type Reply, readReply } from '../../src/codec/lan/reply.ts'
import {
  heartbeatRequest,
  nullQueryRequest,
  queryRequest,
  type Request,
  refreshRequest,
  setRequest,
  type Values,
} from '../../src/codec/lan/request.ts'
import { finishSession } from '../../src/codec/lan/session.ts'
import { hasSession } from '../../src/codec/lan/version.ts'
import { type Message, type Wire, wireOf } from '../../src/codec/lan/wire.ts'
import type { LanDeviceAddress } from '../../src/simulator/lan/lan.ts'
import { randomBytes } from '../../src/simulator/lan/speech.ts'
import { systemRandom } from '../../src/util/random.ts'
import { until } from './until.ts'

/** A message of a device, with what it says. */
export interface Said extends Message {
  readonly reply: Reply
}

/** A client of one device, on a socket of its own, that says what it is told to and no more. */
export class LanClient implements AsyncDisposable {
  readonly device: LanDeviceAddress
  readonly socket: Socket
  /** Raw reads, as they came. */
  readonly reads: Buffer[] = []
  /** Frames and gaps that nobody has looked at. */
  readonly parts: (RawFrame | Gap)[] = []
  /** How it ended: undefined while it is open. */
  ended: 'closed' | 'reset' | undefined
  seq = 1
  wire: Wire
  #rest: Buffer = Buffer.alloc(0)

  private constructor(device: LanDeviceAddress, socket: Socket) {
    this.device = device
    this.socket = socket
    this.wire = this.localWire
    socket.on('data', (chunk: Buffer) => {
      this.reads.push(chunk)
      const { parts, rest } = splitFrames(this.#rest, chunk, frameKindOf(device.version), 'fromDevice')
      this.#rest = rest
      this.parts.push(...parts)
    })
    socket.on('error', () => {
      this.ended = 'reset'
    })
    socket.on('close', () => {
      this.ended ??= 'closed'
    })
  }

  /** Connected, and no more than that. */
  static async connect(device: LanDeviceAddress): Promise<LanClient> {
    const socket = connect({ host: device.ip, port: device.port, noDelay: true })
    const client = new LanClient(device, socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      // A reset may come before the news of the connection does.
      socket.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? resolve() : reject(error),
      )
    })
    return client
  }

  /** Connected, with a session where the version has one. */
  static async open(device: LanDeviceAddress): Promise<LanClient> {
    const client = await LanClient.connect(device)
    if (hasSession(device.version)) await client.shakeHands()
    return client
  }

  get localWire(): Wire {
    return wireOf(this.device.version, Buffer.from(this.device.localKey, 'latin1'))
  }

  /** The handshake; with the same nonce the device's alone is new. Throws LanError. */
  async shakeHands(given?: Buffer): Promise<void> {
    const { version, localKey } = this.device
    if (version !== '3.4' && version !== '3.5') return
    const nonce = given ?? randomBytes(systemRandom, 16)
    this.sendRaw(lanCommand.sessionStart, nonce, this.localWire)
    const answer = await this.message(this.localWire)
    const localBytes = Buffer.from(localKey, 'latin1')
    const { finish, key, usable } = finishSession(version, localBytes, nonce, answer)
    // One key of 256 a device takes for none.
    if (!usable && given === undefined) return this.shakeHands()
    this.sendRaw(lanCommand.sessionFinish, finish, this.localWire)
    this.wire = wireOf(version, key)
  }

  sendRaw(command: number, payload: Uint8Array, wire: Wire = this.wire): void {
    this.socket.write(this.seal(command, payload, wire))
  }

  seal(command: number, payload: Uint8Array, wire: Wire = this.wire): Buffer {
    const { version } = this.device
    return wire.seal({
      seq: this.seq++,
      command,
      payload,
      header: takesHeader(version, command, 'toDevice') ? versionHeader(version) : undefined,
      nonce: version === '3.5' ? randomBytes(systemRandom, 12) : undefined,
    })
  }

  send({ command, body }: Request): void {
    this.sendRaw(command, Buffer.from(JSON.stringify(body)))
  }

  query(cid: string | null = null): void {
    this.send(queryRequest(this.device.version, { deviceId: this.device.id, cid }, 1_700_000_000))
  }

  set(dps: Values, cid: string | null = null): void {
    this.send(setRequest(this.device.version, { deviceId: this.device.id, cid }, dps, 1_700_000_000))
  }

  nullQuery(ids: readonly number[]): void {
    const { version, id } = this.device
    this.send(nullQueryRequest(version, { deviceId: id, cid: null }, ids, 1_700_000_000))
  }

  heartbeat(): void {
    this.send(heartbeatRequest(this.device.id))
  }

  refresh(ids: readonly number[]): void {
    this.send(refreshRequest(ids))
  }

  /** When the device has heard everything up to here. */
  async isHeard(): Promise<void> {
    this.heartbeat()
    await this.next()
  }

  /** The next message; throws LanError for what is broken. */
  async message(wire: Wire = this.wire): Promise<Message> {
    await until(() => this.parts.length > 0 || this.ended !== undefined, 20_000, 'a frame')
    const part = this.parts.shift()
    if (!part) throw new Error(`the device has ${this.ended} the connection`)
    if (part.kind === 'gap') throw new Error(part.fault)
    return wire.open(part, 'fromDevice')
  }

  async next(): Promise<Said> {
    const message = await this.message()
    return { ...message, reply: readReply(message.payload) }
  }

  /** The values of the next message that has some. */
  async values(): Promise<Record<string, unknown>> {
    for (;;) {
      const { reply } = await this.next()
      if (reply.kind === 'values') return Object.fromEntries(reply.values)
      if (reply.kind === 'error') throw new Error(reply.text)
    }
  }

  /** So many messages, in the order that they came in. */
  async take(count: number): Promise<Said[]> {
    const said: Said[] = []
    while (said.length < count) said.push(await this.next())
    return said
  }

  /** True when nothing comes for a moment. */
  async isLeftAlone(ms = 80): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, ms))
    return this.parts.length === 0
  }

  async isEnded(how?: 'closed' | 'reset'): Promise<boolean> {
    const ended = await until(() => this.ended, 20_000, 'the end')
    return how === undefined || ended === how
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
    await until(() => this.socket.closed, 20_000, 'a closed socket')
  }
}
