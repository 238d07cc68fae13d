import type { Reply } from '../../codec/lan/reply.ts'
import { nullQueryRequest, queryRequest, refreshRequest } from '../../codec/lan/request.ts'
import type { LanVersion } from '../../codec/lan/version.ts'
import { SendError } from '../../domain/link.ts'
import type { Clock } from '../../util/clock.ts'
import { BridgeError } from '../../util/error.ts'
import type { LanDevice } from './device.ts'
import type { Exchange } from './exchange.ts'
import { Lookout } from './lookout.ts'

/** What is learned of how a device wants to be asked; outlives its connections. */
export interface ReadingMemory {
  /** It answers only for data points that it is asked for. */
  byIds: boolean
}

export interface ReadingParts {
  readonly exchange: Exchange
  readonly version: LanVersion
  readonly clock: Clock
  readonly device: () => LanDevice
  readonly memory: ReadingMemory
  readonly signal: AbortSignal
}

/** Old firmware takes 255 bytes. */
const idsPerRequest = 10
/** How long after its acknowledgement a device may take for the values. */
const valuesMs = 1_000
const pollMs = 60_000
const refreshMs = 30_000
/** What was measured again is asked for, where it did not come by itself. */
const afterRefreshMs = 2_000
const unvalid = /data unvalid/i
/** Where nobody knows the points of a device: those that most have. */
const usualIds = Array.from({ length: 25 }, (_, i) => i + 1)

/** Values that were asked for by their ids. */
interface Awaited {
  came: boolean
  /** Whoever waits for them after the acknowledgement: until then, monotonic, and he is woken. */
  untilMs: number
  wake: () => void
}

/** Asks a device for its values: at the beginning, on request, and once a minute in which it says nothing. */
export class StateReading {
  readonly #parts: ReadingParts
  #freshAt: number
  #refreshedAt: number
  #queryDueAt = Number.POSITIVE_INFINITY
  /** In the order in which the device is asked. */
  readonly #awaited = new Set<Awaited>()
  readonly #lookout: Lookout

  constructor(parts: ReadingParts) {
    this.#parts = parts
    this.#freshAt = this.#refreshedAt = parts.clock.monotonic()
    this.#lookout = new Lookout(parts.clock, (now) => this.#expire(now))
    parts.signal.addEventListener('abort', () => this.#over(), { once: true })
  }

  /** What comes now may be the answer to a question by ids. */
  get isAsking(): boolean {
    return this.#awaited.size > 0
  }

  /** The values of the device, or of the one behind it, have been told when this resolves. Rejects with BridgeError. */
  read(cid: string | null, signal: AbortSignal): Promise<void> {
    const { version, memory } = this.#parts
    this.#freshAt = this.#parts.clock.monotonic()
    this.#queryDueAt = Number.POSITIVE_INFINITY
    const isByIds = version === '3.2' || memory.byIds
    return isByIds ? this.#readByIds(cid, signal) : this.#readWhole(cid, signal)
  }

  /** Asks for everything at once; whoever cannot answer that is asked by ids, from then on. */
  async #readWhole(cid: string | null, signal: AbortSignal): Promise<void> {
    const first = await this.#ask(cid, signal)
    if (first.kind !== 'error') return
    // A gateway may have no points of its own, and one error alone proves nothing.
    if (unvalid.test(first.text) && cid === null && this.#parts.device().children.size > 0) return
    const second = unvalid.test(first.text) ? await this.#ask(cid, signal) : first
    if (second.kind !== 'error') return
    if (!unvalid.test(second.text) || cid !== null) throw deviceError(second.text)
    await this.#readByIds(cid, signal)
    this.#parts.memory.byIds = true
  }

  /** A push came: what is known is fresh. */
  heard(): void {
    this.#freshAt = this.#parts.clock.monotonic()
    this.#queryDueAt = Number.POSITIVE_INFINITY
    for (const awaited of this.#awaited) {
      if (awaited.came) continue
      awaited.came = true
      awaited.wake()
      return
    }
  }

  /** Called now and then; says whether the device should be read now. */
  tick(now: number): boolean {
    const { refreshIds } = this.#parts.device()
    if (refreshIds.length > 0 && now - this.#refreshedAt >= refreshMs) this.refresh(refreshIds)
    return now - this.#freshAt >= pollMs || now >= this.#queryDueAt
  }

  /** Has these points measured again; nothing waits for it. */
  refresh(ids: readonly number[]): void {
    const now = this.#parts.clock.monotonic()
    this.#refreshedAt = now
    this.#queryDueAt = now + afterRefreshMs
    this.#parts.exchange.tell(refreshRequest(ids.slice(0, idsPerRequest)))
  }

  #ask(cid: string | null, signal: AbortSignal): Promise<Reply> {
    const { exchange, version, clock, device } = this.#parts
    const target = { deviceId: device().id, cid }
    const request = queryRequest(version, target, Math.floor(clock.now() / 1_000))
    return exchange.ask(request, { cid, signal, paced: false })
  }

  async #readByIds(cid: string | null, signal: AbortSignal): Promise<void> {
    const { exchange, version, clock, device, memory } = this.#parts
    const { id: deviceId, pointIds } = device()
    const ids = pointIds.length > 0 ? pointIds : usualIds
    let any = false
    for (let at = 0; at < ids.length; at += idsPerRequest) {
      const some = ids.slice(at, at + idsPerRequest)
      const timeS = Math.floor(clock.now() / 1_000)
      const request = nullQueryRequest(version, { deviceId, cid }, some, timeS)
      const awaited = { came: false, untilMs: Number.POSITIVE_INFINITY, wake: () => {} }
      this.#awaited.add(awaited)
      try {
        const reply = await exchange.ask(request, { cid, signal, paced: true })
        any = reply.kind === 'values' || (await this.#comes(awaited)) || any
      } finally {
        this.#awaited.delete(awaited)
      }
      // A connection that is lost says nothing of the device.
      if (this.#parts.signal.aborted)
        throw new SendError('unknown', 'lan/timeout', connectionLost, { retry: 'later' })
    }
    if (any) return
    // Whoever is asked in the wrong way would never be heard again.
    memory.byIds = false
    throw deviceError('none of its data points has a value')
  }

  /** Whether values come, or have come since they were asked for. */
  async #comes(awaited: Awaited): Promise<boolean> {
    const { clock, signal } = this.#parts
    if (!awaited.came && !signal.aborted) {
      const now = clock.monotonic()
      awaited.untilMs = now + valuesMs
      this.#lookout.by(awaited.untilMs, now)
      await new Promise<void>((resolve) => {
        awaited.wake = resolve
      })
    }
    return awaited.came
  }

  #expire(now: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const { untilMs, wake } of this.#awaited) {
      if (untilMs <= now) wake()
      else next = Math.min(next, untilMs)
    }
    return next
  }

  #over(): void {
    this.#lookout.cancel()
    for (const { wake } of this.#awaited) wake()
  }
}

const connectionLost = 'The connection was lost before the device had answered.'

function deviceError(text: string): BridgeError {
  return new BridgeError('lan/error', `The device cannot answer this: ${text}.`, { retry: 'later' })
}
