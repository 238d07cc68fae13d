import { connect, type Socket } from 'node:net'
import { lanCommand } from '../src/codec/lan/command.ts'
import { frameKindOf, splitFrames } from '../src/codec/lan/frame.ts'
import { takesHeader, versionHeader } from '../src/codec/lan/header.ts'
import {
  nullQueryRequest,
  queryRequest,
  type Request,
  setRequest,
  type Values,
} from '../src/codec/lan/request.ts'
import { finishSession } from '../src/codec/lan/session.ts'
import { hasSession } from '../src/codec/lan/version.ts'
import { type Message, type Wire, wireOf } from '../src/codec/lan/wire.ts'
import type { LanDeviceAddress } from '../src/simulator/lan/lan.ts'
import { pointIds } from './lan-world.ts'

/** What a script would do: the same frames, and nothing is watched, matched, paced or made again. */
export class BareLanClient {
  readonly #device: LanDeviceAddress
  readonly #socket: Socket
  #wire: Wire
  #seq = 1
  #rest = Buffer.alloc(0)
  #hear: (message: Message) => void = () => {}

  constructor(device: LanDeviceAddress) {
    this.#device = device
    this.#wire = wireOf(device.version, Buffer.from(device.localKey, 'latin1'))
    this.#socket = connect({ host: device.ip, port: device.port, noDelay: true })
    this.#socket.on('data', (bytes: Buffer) => {
      const { parts, rest } = splitFrames(this.#rest, bytes, frameKindOf(device.version), 'fromDevice')
      this.#rest = rest as Buffer<ArrayBuffer>
      for (const part of parts) if (part.kind === 'frame') this.#hear(this.#wire.open(part, 'fromDevice'))
    })
  }

  /** Connected, with a session where the version has one. */
  async open(): Promise<BareLanClient> {
    await new Promise((resolve, reject) => this.#socket.once('connect', resolve).once('error', reject))
    const { version, localKey } = this.#device
    if (version !== '3.4' && version !== '3.5') return this
    const [key, nonce] = [Buffer.from(localKey, 'latin1'), crypto.getRandomValues(Buffer.alloc(16))]
    const answer = await this.#ask(lanCommand.sessionStart, nonce, lanCommand.sessionResponse)
    const session = finishSession(version, key, nonce, answer)
    this.#write(lanCommand.sessionFinish, session.finish)
    this.#wire = wireOf(version, session.key)
    return session.usable ? this : new BareLanClient(this.#device).open()
  }

  async set(dps: Values): Promise<void> {
    await this.#request(
      setRequest(this.#device.version, { deviceId: this.#device.id, cid: null }, dps, timeS()),
    )
  }

  async query(): Promise<unknown> {
    const { version, id: deviceId } = this.#device
    const target = { deviceId, cid: null }
    const { payload } =
      version === '3.2'
        ? await this.#request(nullQueryRequest(version, target, pointIds, timeS()), lanCommand.status)
        : await this.#request(queryRequest(version, target, timeS()))
    return JSON.parse(payload.toString())
  }

  end(): void {
    this.#socket.destroy()
  }

  #request({ command, body }: Request, awaited = command): Promise<Message> {
    return this.#ask(command, Buffer.from(JSON.stringify(body)), awaited)
  }

  #ask(command: number, payload: Uint8Array, awaited: number): Promise<Message> {
    return new Promise((resolve) => {
      this.#hear = (message) => message.command === awaited && resolve(message)
      this.#write(command, payload)
    })
  }

  #write(command: number, payload: Uint8Array): void {
    const { version } = this.#device
    const header = takesHeader(version, command, 'toDevice') ? versionHeader(version) : undefined
    const nonce = hasSession(version) ? crypto.getRandomValues(Buffer.alloc(12)) : undefined
    this.#socket.write(this.#wire.seal({ seq: this.#seq++, command, header, payload, nonce }))
  }
}

const timeS = () => Math.floor(Date.now() / 1_000)
