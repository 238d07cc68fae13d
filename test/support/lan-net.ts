import type { LanAddress } from '../../src/transport/lan/device.ts'
import type { Closing, Dial, LanSocket, SocketHandlers } from '../../src/transport/lan/dial.ts'
import { LanLinkError } from '../../src/transport/lan/link-error.ts'
import { deferred } from '../../src/util/deferred.ts'
import { abortReason, orAborted } from '../../src/util/signal.ts'

/** What stands at an address. */
export interface Listener {
  /** `void`: nobody answers at all, as at an address where nothing is. */
  readonly mood?: 'open' | 'void' | undefined
  accept(end: DeviceEnd): void
}

/** A network in memory: what is written arrives in the same turn, and nothing is on the way when it is over. */
export class LanNet {
  readonly #listeners = new Map<string, Listener>()
  readonly #calling = new Map<string, Set<() => void>>()
  /** Every connection that was ever asked for. */
  readonly dialed: { readonly address: string; readonly at: number }[] = []
  readonly ends = new Set<DeviceEnd>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  listen(address: LanAddress, listener: Listener): void {
    this.#listeners.set(keyOf(address), listener)
  }

  leave(address: LanAddress): void {
    this.#listeners.delete(keyOf(address))
  }

  readonly dial: Dial = async (address, handlers, signal) => {
    if (signal.aborted) throw abortReason(signal)
    this.dialed.push({ address: keyOf(address), at: this.#now() })
    const listener = this.#listeners.get(keyOf(address))
    if (listener?.mood === 'void') await this.#nothing(address, signal)
    if (!this.#listeners.has(keyOf(address)))
      throw new LanLinkError('unreachable', 'The device does not take a connection (ECONNREFUSED).')
    const end = new DeviceEnd(keyOf(address), handlers, this)
    this.ends.add(end)
    queueMicrotask(() => this.#listeners.get(keyOf(address))?.accept(end))
    return end.client
  }

  /** Power is back: segments that are sent again arrive. */
  returned(address: LanAddress): void {
    for (const resolve of this.#calling.get(keyOf(address)) ?? []) resolve()
  }

  /** Until somebody stands there after all. */
  async #nothing(address: LanAddress, signal: AbortSignal): Promise<void> {
    const calling = this.#calling.get(keyOf(address)) ?? new Set()
    this.#calling.set(keyOf(address), calling)
    const back = deferred<void>()
    calling.add(back.resolve)
    await orAborted(back.promise, signal).finally(() => calling.delete(back.resolve))
  }
}

const keyOf = ({ host, port }: LanAddress) => `${host}:${port}`

/** The device's side of one connection. */
export class DeviceEnd {
  readonly address: string
  readonly client: LanSocket
  onData: (bytes: Buffer) => void = () => {}
  onClosed: () => void = () => {}
  /** Power is off: nothing arrives any more on either side, and nobody is told. */
  isDead = false
  /** Ends with a reset after so many bytes towards the client, or from it. */
  resetAfterSent = Number.POSITIVE_INFINITY
  resetAfterHeard = Number.POSITIVE_INFINITY
  isOver = false
  /** The client waits with reading. */
  isPaused = false
  /** Writes of the client, as they came. */
  readonly writes: Buffer[] = []
  readonly #handlers: SocketHandlers
  readonly #net: LanNet
  #held: (() => void)[] = []

  constructor(address: string, handlers: SocketHandlers, net: LanNet) {
    this.address = address
    this.#handlers = handlers
    this.#net = net
    this.client = {
      unsentBytes: 0,
      write: (bytes) => this.#hear(Buffer.from(bytes)),
      pause: () => {
        this.isPaused = true
      },
      resume: () => {
        this.isPaused = false
        for (const deliver of this.#held.splice(0)) this.#deliver(deliver)
      },
      end: () => this.#over(),
      destroy: () => this.#over(),
    }
  }

  write(bytes: Buffer): void {
    if (this.isOver || this.isDead) return
    const passed = bytes.subarray(0, Math.max(0, this.resetAfterSent))
    const isCut = this.resetAfterSent < bytes.length
    this.resetAfterSent -= passed.length
    if (passed.length > 0) this.#deliver(() => this.#handlers.onData(Buffer.from(passed)))
    if (isCut || this.resetAfterSent === 0) this.close('reset')
  }

  /** Ends it from here. */
  close(how: Closing = 'closed'): void {
    if (this.isOver || this.isDead) return
    this.#deliver(() => {
      if (this.isOver) return
      this.#over()
      this.#handlers.onClosed(how)
    })
  }

  #hear(bytes: Buffer): void {
    if (this.isOver || this.isDead) return
    this.writes.push(bytes)
    const passed = bytes.subarray(0, Math.max(0, this.resetAfterHeard))
    this.resetAfterHeard -= bytes.length
    queueMicrotask(() => {
      if (this.isOver || this.isDead) return
      if (passed.length > 0) this.onData(passed)
      if (this.resetAfterHeard <= 0) this.close('reset')
    })
  }

  #deliver(deliver: () => void): void {
    if (this.isPaused) {
      this.#held.push(deliver)
      return
    }
    queueMicrotask(() => {
      if (this.isPaused) this.#held.push(deliver)
      else if (!this.isOver) deliver()
    })
  }

  #over(): void {
    if (this.isOver) return
    this.isOver = true
    this.#net.ends.delete(this)
    queueMicrotask(() => this.onClosed())
  }
}
