import { lanCommand } from '../../src/codec/lan/command.ts'
import { frameKindOf, splitFrames } from '../../src/codec/lan/frame.ts'
import { versionHeader } from '../../src/codec/lan/header.ts'
import { answerSession, isFinish, sessionKey } from '../../src/codec/lan/session.ts'
import { hasSession, type LanVersion } from '../../src/codec/lan/version.ts'
import { type Message, type Wire, wireOf } from '../../src/codec/lan/wire.ts'
import type { LanAddress } from '../../src/transport/lan/device.ts'
import { type Random, seededRandom } from '../../src/util/random.ts'
import type { DeviceEnd, LanNet, Listener } from './lan-net.ts'

export interface FakeDeviceOptions {
  readonly id?: string
  readonly key?: string
  readonly version?: LanVersion
  readonly host?: string
  readonly points?: Readonly<Record<string, unknown>>
  readonly seed?: number
}

type Json = Record<string, unknown>

/** The device's side of a connection, in memory or over TCP. */
export type VisitEnd = Pick<
  DeviceEnd,
  | 'onData'
  | 'write'
  | 'close'
  | 'isOver'
  | 'isDead'
  | 'isPaused'
  | 'writes'
  | 'resetAfterSent'
  | 'resetAfterHeard'
>

/** A device as the protocol describes it, on our own codec; the test may take any part of it out of its hands. */
export class FakeLanDevice implements Listener {
  readonly id: string
  readonly net: LanNet
  address: LanAddress
  key: string
  version: LanVersion
  points: Record<string, unknown>
  /** By what a gateway calls them. */
  readonly children = new Map<string, Record<string, unknown>>()
  readonly away = new Set<string>()
  mood: 'open' | 'void' = 'open'
  /** Everything that was asked, and every value that was set. */
  readonly heard: { readonly command: number; readonly body: Json | null; readonly seq: number }[] = []
  readonly sets: Json[] = []
  readonly visits: FakeVisit[] = []
  mostVisits = 0
  /** Commands that came in frames which are not for this device. */
  readonly foreign: number[] = []
  /** Called before anything else; true: the test has answered, or not. */
  intercept: (message: Message, visit: FakeVisit) => boolean = () => false
  /** Called with each new connection. */
  onVisit: (visit: FakeVisit) => void = () => {}
  /** Pushes before it acknowledges. */
  pushFirst = false
  byIdsOnly = false
  nonce: () => Buffer
  readonly random: Random

  constructor(net: LanNet, options: FakeDeviceOptions = {}) {
    this.net = net
    this.id = options.id ?? 'bf0000000000000001aaaa'
    this.key = options.key ?? '0123456789abcdef'
    this.version = options.version ?? '3.4'
    this.address = { host: options.host ?? '127.0.0.2', port: 6668 }
    this.points = { 1: true, 2: 50, ...options.points }
    this.random = seededRandom(options.seed ?? 3)
    this.nonce = () => {
      const digits = '0123456789abcdef'
      return Buffer.from(Array.from({ length: 16 }, () => digits.charCodeAt(Math.floor(this.random() * 16))))
    }
    net.listen(this.address, this)
  }

  get visit(): FakeVisit {
    const visit = this.visits.at(-1)
    if (!visit) throw new Error('nobody has connected')
    return visit
  }

  get standing(): FakeVisit[] {
    return this.visits.filter(({ end }) => !end.isOver)
  }

  accept(end: VisitEnd): void {
    const visit = new FakeVisit(this, end)
    this.visits.push(visit)
    if (this.visits.length > 50) this.visits.shift()
    this.mostVisits = Math.max(this.mostVisits, this.standing.length)
    this.onVisit(visit)
  }

  move(host: string): void {
    this.net.leave(this.address)
    this.address = { ...this.address, host }
    this.net.listen(this.address, this)
  }

  /** Off: nothing that stands is told of it. */
  cutPower(): void {
    this.mood = 'void'
    for (const { end } of this.standing) end.isDead = true
  }

  returnPower(): void {
    this.mood = 'open'
    this.net.returned(this.address)
  }

  /** Somebody pressed a button. */
  press(points: Record<string, unknown>): void {
    Object.assign(this.points, points)
    for (const visit of this.standing) visit.push(points)
  }
}

const none = Buffer.alloc(0)

/** One connection to it. */
export class FakeVisit {
  readonly device: FakeLanDevice
  readonly end: VisitEnd
  wire: Wire
  /** The number of its next frame where it counts. */
  seq: number
  readonly at: number
  #rest: Buffer = none
  #counter = 1
  #clientNonce: Buffer | undefined
  #deviceNonce: Buffer | undefined

  constructor(device: FakeLanDevice, end: VisitEnd) {
    this.device = device
    this.end = end
    this.at = device.net.dialed.length
    this.seq = Math.floor(device.random() * 0xffff)
    this.wire = wireOf(device.version, Buffer.from(device.key, 'latin1'))
    end.onData = (bytes) => this.#hear(bytes)
  }

  /** A frame as this device sends it. */
  frame(
    command: number,
    payload: Buffer | object | string,
    more: { seq?: number; code?: number } = {},
  ): Buffer {
    const { version } = this.device
    const isPush = command === lanCommand.status
    return this.wire.seal({
      seq: more.seq ?? (hasSession(version) ? this.seq++ : 0),
      command,
      returnCode: code(version, more.code ?? 0),
      header: isPush && version !== '3.1' ? versionHeader(version, this.#counter++, 1) : undefined,
      payload:
        payload instanceof Buffer
          ? payload
          : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
      nonce: version === '3.5' ? this.#nonce() : undefined,
    })
  }

  say(command: number, payload: Buffer | object | string, more: { seq?: number; code?: number } = {}): void {
    this.end.write(this.frame(command, payload, more))
  }

  /** The answer to what was asked. */
  answer(message: Message, payload: Buffer | object | string, returnCode = 0): void {
    this.say(message.command, payload, {
      code: returnCode,
      ...(hasSession(this.device.version) ? {} : { seq: message.seq }),
    })
  }

  push(dps: Json, cid?: string): void {
    this.say(lanCommand.status, this.pushBody(dps, cid))
  }

  pushBody(dps: Json, cid?: string): Json {
    const child = cid === undefined ? {} : { cid }
    return hasSession(this.device.version)
      ? { protocol: 4, t: 1_795_000_000, data: { dps, ...child } }
      : { devId: this.device.id, dps, t: 1_795_000_000, ...child }
  }

  /** What it does with a message, unless the test does something else. */
  handle(message: Message): void {
    const { command } = message
    if (command === lanCommand.sessionStart) this.#start(message)
    else if (command === lanCommand.sessionFinish) this.#finish(message)
    else if (hasSession(this.device.version) && this.#clientNonce) this.end.close()
    else this.#command(message)
  }

  #command(message: Message): void {
    if (message.command === lanCommand.heartbeat) {
      this.say(lanCommand.heartbeat, none)
      return
    }
    const body = tryBody(message)
    if (!body) {
      if (message.payload.length > 0) this.answer(message, 'parse data error', 1)
      return
    }
    switch (message.command) {
      case lanCommand.query:
      case lanCommand.queryNew:
        this.#query(message, body)
        return
      case lanCommand.control:
      case lanCommand.controlNew:
        this.#control(message, body)
        return
      case lanCommand.refresh:
        this.answer(message, none)
        return
      case lanCommand.subDevices:
        if (this.device.children.size > 0) this.list()
    }
  }

  /** What a gateway says of those behind it. */
  list(): void {
    const { children, away } = this.device
    const cids = [...children.keys()]
    const data = {
      online: cids.filter((cid) => !away.has(cid)),
      offline: cids.filter((cid) => away.has(cid)),
      nearby: [],
    }
    this.say(lanCommand.subDevices, { reqType: 'subdev_online_stat_report', data })
  }

  #query(message: Message, body: Json): void {
    const { id, byIdsOnly, children, points, version } = this.device
    const cid = body['cid'] as string | undefined
    if (cid !== undefined) {
      const child = children.get(cid)
      this.answer(message, child ? { cid, dps: child } : 'gw id invalid', child ? 0 : 1)
    } else if (byIdsOnly || version === '3.2') this.answer(message, 'json obj data unvalid', 1)
    else if (body['devId'] !== undefined && body['devId'] !== id) this.answer(message, 'devid not found', 1)
    else this.answer(message, { dps: points })
  }

  #control(message: Message, body: Json): void {
    const data = (body['data'] ?? body) as Json
    const dps = data['dps'] as Json | undefined
    const isStranger = body['devId'] !== undefined && body['devId'] !== this.device.id
    if (!dps || isStranger) {
      this.answer(message, isStranger ? 'devid not found' : none, isStranger ? 1 : 0)
      return
    }
    const asked = Object.entries(dps).filter(([, value]) => value === null)
    if (asked.length > 0) {
      this.answer(message, none)
      const known = asked
        .filter(([id]) => id in this.device.points)
        .map(([id]) => [id, this.device.points[id]])
      if (known.length > 0) this.push(Object.fromEntries(known))
      return
    }
    this.#set(message, dps, data['cid'] as string | undefined)
  }

  #set(message: Message, dps: Json, cid: string | undefined): void {
    this.device.sets.push(cid === undefined ? dps : { cid, ...dps })
    const target = cid === undefined ? this.device.points : this.device.children.get(cid)
    if (!target) {
      this.answer(message, 'gw id invalid', 1)
      return
    }
    Object.assign(target, dps)
    if (this.device.pushFirst) this.push(dps, cid)
    this.answer(message, none, this.device.version === '3.5' ? 1 : 0)
    if (!this.device.pushFirst) this.push(dps, cid)
  }

  #start({ payload }: Message): void {
    this.#clientNonce = Buffer.from(payload)
    this.#deviceNonce = this.device.nonce()
    this.say(lanCommand.sessionResponse, answerSession(this.#key, this.#clientNonce, this.#deviceNonce))
  }

  #finish({ payload }: Message): void {
    const { version } = this.device
    if (!this.#clientNonce || !this.#deviceNonce || !isFinish(this.#key, this.#deviceNonce, payload)) {
      this.end.close()
      return
    }
    const key = sessionKey(version === '3.5' ? '3.5' : '3.4', this.#key, this.#clientNonce, this.#deviceNonce)
    this.#clientNonce = undefined
    // It tells by the first byte whether it has a key.
    if (key[0] === 0) {
      this.end.close()
      return
    }
    this.wire = wireOf(version, key)
    this.#isReady = true
  }

  #isReady = false

  #hear(bytes: Buffer): void {
    const { version } = this.device
    const { parts, rest } = splitFrames(this.#rest, bytes, frameKindOf(version), 'toDevice')
    this.#rest = rest
    for (const part of parts) {
      if (this.end.isOver) return
      if (part.kind === 'gap') {
        this.device.foreign.push(commandOf(bytes))
        this.end.close()
        return
      }
      let message: Message
      try {
        message = this.wire.open(part, 'toDevice')
      } catch {
        this.device.foreign.push(part.command)
        this.end.close()
        return
      }
      const isSession = message.command >= 3 && message.command <= 5
      if (hasSession(version) && !isSession && !this.#isReady) {
        this.end.close()
        return
      }
      if (!isSession)
        this.device.heard.push({ command: message.command, body: tryBody(message), seq: message.seq })
      if (this.device.heard.length > 20_000) this.device.heard.splice(0, 10_000)
      if (!this.device.intercept(message, this)) this.handle(message)
    }
  }

  get #key(): Buffer {
    return Buffer.from(this.device.key, 'latin1')
  }

  #nonce(): Buffer {
    const nonce = Buffer.alloc(12)
    for (let at = 0; at < 12; at += 4) nonce.writeUInt32BE(Math.floor(this.device.random() * 2 ** 32), at)
    return nonce
  }
}

/** Of the first frame, whichever version it is of. */
function commandOf(bytes: Buffer): number {
  const at = bytes.length >= 4 && bytes.readUInt32BE(0) === 0x0000_6699 ? 10 : 8
  return bytes.length >= at + 4 ? bytes.readUInt32BE(at) : -1
}

export function bodyOf({ payload }: Message): Json {
  return JSON.parse(payload.toString()) as Json
}

function tryBody(message: Message): Json | null {
  try {
    return bodyOf(message)
  } catch {
    return null
  }
}

function code(version: LanVersion, value: number): Buffer {
  const bytes = Buffer.alloc(4)
  if (version === '3.5') bytes.writeUInt32LE(value)
  else bytes.writeUInt32BE(value)
  return bytes
}
