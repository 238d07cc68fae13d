import { lanCommand } from '../../codec/lan/command.ts'
import { LanError } from '../../codec/lan/lan-error.ts'
import { type Reply, readReply } from '../../codec/lan/reply.ts'
import { setRequest, subDevicesRequest, type Values } from '../../codec/lan/request.ts'
import { hasSession } from '../../codec/lan/version.ts'
import type { Message } from '../../codec/lan/wire.ts'
import { SendError, type Sent } from '../../domain/link.ts'
import type { Clock } from '../../util/clock.ts'
import type { BridgeError } from '../../util/error.ts'
import { toBridgeError } from '../../util/error.ts'
import type { Children } from './children.ts'
import { Coalesce } from './coalesce.ts'
import type { Connection } from './connection.ts'
import type { LanCounts } from './counts.ts'
import type { LanDevice } from './device.ts'
import { Exchange } from './exchange.ts'
import { KeepAlive } from './keep-alive.ts'
import { LanLinkError } from './link-error.ts'
import { type ReadingMemory, StateReading } from './state-reading.ts'

export interface ConversationParts {
  readonly connection: Connection
  readonly clock: Clock
  readonly counts: LanCounts
  readonly device: () => LanDevice
  readonly children: Children
  readonly memory: ReadingMemory
  /** The address is one that somebody of ours gave; 3.1 proves itself nowhere else by a text. */
  readonly isTrusted: boolean
  readonly onValues: (cid: string | null, values: ReadonlyMap<number, unknown>, asked: boolean) => void
  /** A reading that nobody asked for failed. */
  readonly onTrouble: (error: BridgeError) => void
}

const farewellMs = 1_000
const farewellStepMs = 20
/** What a device says to a question for another one. */
const otherId = /devid not found|gw id invalid/i

const stranger = () => new LanLinkError('unreachable', 'Another device answers at this address.')

/** Everything that is said on one connection to a device. */
export class Conversation {
  readonly connection: Connection
  readonly #parts: ConversationParts
  readonly #exchange: Exchange
  readonly #keepAlive: KeepAlive
  readonly #reading: StateReading
  readonly #pushes: Coalesce
  readonly #over = new AbortController()
  /** What reading failed with last, by whom was asked for. */
  readonly #troubles = new Map<string | null, string>()
  #isReading = false
  #onProof: () => void = () => {}

  constructor(parts: ConversationParts) {
    this.#parts = parts
    const { connection, clock, counts, device, memory } = parts
    this.connection = connection
    this.#keepAlive = new KeepAlive(connection, clock, device().id)
    this.#exchange = new Exchange({ connection, clock, counts, onSilence: () => this.#keepAlive.doubt() })
    this.#reading = new StateReading({
      exchange: this.#exchange,
      version: connection.version,
      clock,
      device,
      memory,
      signal: this.#over.signal,
    })
    this.#pushes = new Coalesce(clock, counts, (cid, values) => parts.onValues(cid, values, false))
    connection.hear = (message) => this.#hear(message)
    void connection.ended.then(() => {
      this.#pushes.flush()
      this.#over.abort()
    })
  }

  /** Asks for everything; what fails is nobody's request. */
  start(): void {
    void this.#readAll()
  }

  /** Resolves when the device has shown that it knows the key. */
  proved(): Promise<void> {
    if (this.connection.isProved) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onProof = resolve
    })
  }

  /** Takes it for the device meant although it has proved nothing. */
  trust(): void {
    this.connection.isProved = true
    this.#onProof()
  }

  /** Resolves when the device has acknowledged. Rejects with SendError. */
  async set(cid: string | null, dps: Values, signal: AbortSignal): Promise<Sent> {
    const { clock, device } = this.#parts
    const target = { deviceId: device().id, cid }
    const request = setRequest(this.connection.version, target, dps, Math.floor(clock.now() / 1_000))
    const reply = await this.#exchange.ask(request, { cid, signal, paced: true })
    if (reply.kind === 'error')
      throw new SendError('refused', 'lan/error', `The device refused the command: ${reply.text}.`)
    return { by: 'device' }
  }

  /** Its values have been told when this resolves. Rejects with BridgeError. */
  query(cid: string | null, signal: AbortSignal): Promise<void> {
    return this.#reading.read(cid, signal)
  }

  /** Says goodbye once nothing is under way that the device would have to answer, or after a moment. */
  async leave(error: LanLinkError): Promise<void> {
    const { clock } = this.#parts
    const until = clock.monotonic() + farewellMs
    while (this.#exchange.isBusy && !this.connection.isOver && clock.monotonic() < until)
      await new Promise<void>((resolve) => void clock.after(farewellStepMs, resolve))
    this.connection.leave(error)
  }

  tick(now: number): void {
    this.connection.tick(now)
    if (this.connection.isOver) return
    this.#keepAlive.tick(now)
    if (this.connection.isProved && !this.connection.isOver && this.#reading.tick(now) && !this.#isReading)
      void this.#readAll()
  }

  async #readAll(): Promise<void> {
    this.#isReading = true
    await this.#try(null, () => this.#readOwn())
    const { children } = this.#parts.device()
    if (children.size > 0 && hasSession(this.connection.version)) this.#exchange.tell(subDevicesRequest())
    for (const cid of children.keys()) {
      if (this.connection.isOver) return
      if (this.#parts.children.isOnline(cid) !== false)
        await this.#try(cid, () => this.query(cid, this.#over.signal))
    }
    this.#isReading = false
  }

  /** Some devices that started without the internet say nothing until they are asked to measure. */
  async #readOwn(): Promise<void> {
    try {
      await this.query(null, this.#over.signal)
    } catch (thrown) {
      const { refreshIds, pointIds } = this.#parts.device()
      const ids = refreshIds.length > 0 ? refreshIds : pointIds.slice(0, 3)
      if (ids.length > 0 && this.connection.isProved) this.#reading.refresh(ids)
      throw thrown
    }
  }

  /** Of whoever answers no question that is told once, not each minute. */
  async #try(cid: string | null, read: () => Promise<void>): Promise<void> {
    try {
      await read()
      this.#troubles.delete(cid)
    } catch (thrown) {
      const error = toBridgeError(thrown)
      if (this.connection.isOver || this.#troubles.get(cid) === error.message) return
      this.#troubles.set(cid, error.message)
      this.#parts.onTrouble(error)
    }
  }

  #hear(message: Message): void {
    if (message.command === lanCommand.heartbeat) {
      this.#exchange.pong()
      return
    }
    let reply: Reply
    try {
      reply = readReply(message.payload)
    } catch (thrown) {
      if (!(thrown instanceof LanError)) throw thrown
      this.connection.bad(thrown)
      return
    }
    if (!this.connection.isProved) this.#weigh(message, reply)
    if (this.connection.isOver) return
    const settle = this.#exchange.match(message, reply)
    this.#tell(message.command, reply)
    settle?.(reply)
  }

  /**
   * R-L5: versions without a handshake prove themselves by what only the holder of the key can say. In 3.1 most is said
   * in the clear, by anybody: where somebody says that a device is, that counts only if it is known to speak 3.1.
   */
  #weigh(message: Message, reply: Reply): void {
    const { isTrusted, device } = this.#parts
    const isClear = this.connection.version === '3.1' && message.header === null
    const isHearsay = isClear && !isTrusted
    if (reply.kind === 'error' && otherId.test(reply.text)) this.connection.fail(stranger())
    else if (reply.kind === 'error' && !isHearsay) this.trust()
    else if (reply.kind === 'values' && reply.values.size > 0) {
      if (!isTrusted && !this.#knowsSome(reply)) this.connection.fail(stranger())
      else if (!isHearsay || device().version === '3.1') this.trust()
    }
  }

  #knowsSome({ cid, values }: Reply & { kind: 'values' }): boolean {
    const { pointIds, children } = this.#parts.device()
    if (cid !== null) return children.has(cid)
    // Of some devices nobody knows the points, and gateways may have some that nobody has described.
    return pointIds.length === 0 || children.size > 0 || pointIds.some((id) => values.has(id))
  }

  #tell(command: number, reply: Reply): void {
    if (!this.connection.isProved) return
    if (reply.kind === 'subDevices') this.#parts.children.listed(reply)
    if (reply.kind !== 'values') return
    const asked = command !== lanCommand.status || this.#reading.isAsking
    if (asked) {
      this.#pushes.flush()
      this.#parts.onValues(reply.cid, reply.values, true)
    } else this.#pushes.push(reply.cid, reply.values)
    if (reply.cid === null) this.#reading.heard()
  }
}
