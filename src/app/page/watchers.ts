import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Clock, every, type Timer } from '../../util/clock.ts'

export interface WatchersParts {
  readonly clock: Clock
  /** All there is, as a message. */
  readonly all: () => string
  /** A request of the page; gives what to answer at once, if anything. */
  readonly onRequest: (bytes: Uint8Array) => string | undefined
  /** Whether a session, or whoever needed none, has not ended. */
  readonly mayStay: (session: string | undefined) => boolean
  /** There is somebody to tell, or nobody any more. */
  readonly onWatched: (isWatched: boolean) => void
}

const watchersAtMost = 32
const requestBytes = 16 * 1024
/** Who has more news than that unread is told nothing until all is read, and then everything anew. */
const unreadAtMost = 256 * 1024
/** Who does not read for so long, or does not answer, is let go; the page comes back by itself. */
const patienceMs = 30_000
const lookMs = 250
const perSecond = 20
const burst = 60

/** Close codes of ours: the page signs in again, or waits longer before it comes back. */
export const closeCodes = { signedOut: 4401, tooMany: 4429, stopping: 1001, tooOften: 1008 } as const

/** Pages that are open, each told what is new at the speed at which it reads. */
export class Watchers {
  readonly #parts: WatchersParts
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: requestBytes,
    perMessageDeflate: false,
    clientTracking: false,
  })
  readonly #watchers = new Set<Watcher>()
  /** Nothing ticks while nobody watches. */
  #timers: readonly Timer[] = []

  constructor(parts: WatchersParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#watchers.size
  }

  /** Takes over a connection of somebody who may watch; `session` is the one that it belongs to. */
  admit(request: IncomingMessage, socket: Duplex, head: Buffer, session: string | undefined): void {
    this.#server.handleUpgrade(request, socket, head, (web) => {
      web.on('error', () => {})
      if (this.#watchers.size >= watchersAtMost) {
        web.close(closeCodes.tooMany)
        this.#parts.clock.after(lookMs, () => web.terminate())
        return
      }
      this.#begin(web, session)
    })
  }

  tell(text: string): void {
    for (const watcher of this.#watchers) watcher.tell(text)
  }

  /** Ends what was opened in these sessions. */
  dismiss(isConcerned: (session: string | undefined) => boolean): void {
    for (const watcher of this.#watchers)
      if (isConcerned(watcher.session)) watcher.close(closeCodes.signedOut)
  }

  stop(): void {
    this.#rest()
    for (const watcher of this.#watchers) {
      watcher.close(closeCodes.stopping)
      watcher.terminate()
    }
    this.#server.close()
  }

  #begin(web: WebSocket, session: string | undefined): void {
    const { clock, all, onRequest, onWatched } = this.#parts
    const watcher = new Watcher(web, session, clock)
    web.on('message', (data: Buffer) => {
      if (!watcher.mayAsk()) {
        watcher.close(closeCodes.tooOften)
        return
      }
      const reply = onRequest(data)
      if (reply !== undefined) watcher.tell(reply)
    })
    web.on('close', () => {
      this.#watchers.delete(watcher)
      if (this.#watchers.size > 0) return
      this.#rest()
      onWatched(false)
    })
    // First, so that what is new while all is put together is noted.
    onWatched(true)
    watcher.restart(all())
    this.#watchers.add(watcher)
    if (this.#watchers.size === 1) this.#wake()
  }

  #wake(): void {
    const { clock, mayStay } = this.#parts
    this.#rest()
    this.#timers = [
      every(clock, lookMs, () => this.#look()),
      every(clock, patienceMs, () => this.dismiss((session) => !mayStay(session))),
    ]
  }

  #rest(): void {
    for (const timer of this.#timers) timer.cancel()
  }

  #look(): void {
    for (const watcher of this.#watchers) {
      if (watcher.isLost) watcher.terminate()
      else if (watcher.hasCaughtUp) watcher.restart(this.#parts.all())
    }
  }
}

/** One page that is open. */
class Watcher {
  readonly session: string | undefined
  readonly #web: WebSocket
  readonly #clock: Clock
  #behindSince: number | undefined
  /** What may be unread: the whole that it was told last, and some news. */
  #allowance = unreadAtMost
  #heardAt: number
  #pingedAt: number
  #credit = burst
  #creditAt: number

  constructor(web: WebSocket, session: string | undefined, clock: Clock) {
    this.#web = web
    this.session = session
    this.#clock = clock
    const now = clock.monotonic()
    this.#heardAt = now
    this.#pingedAt = now
    this.#creditAt = now
    web.on('pong', () => {
      this.#heardAt = clock.monotonic()
    })
  }

  /** What it was not told is part of what it is told when it has read the rest. */
  tell(text: string): void {
    if (this.#behindSince !== undefined) return
    if (this.#web.bufferedAmount > this.#allowance) this.#behindSince = this.#clock.monotonic()
    else this.#web.send(text)
  }

  get hasCaughtUp(): boolean {
    return this.#behindSince !== undefined && this.#web.bufferedAmount === 0
  }

  restart(all: string): void {
    this.#behindSince = undefined
    this.#allowance = all.length + unreadAtMost
    this.tell(all)
  }

  /** It reads nothing, or its line is dead. */
  get isLost(): boolean {
    const now = this.#clock.monotonic()
    if (now - this.#pingedAt > patienceMs / 3) {
      this.#pingedAt = now
      this.#web.ping()
    }
    return now - (this.#behindSince ?? now) > patienceMs || now - this.#heardAt > patienceMs
  }

  mayAsk(): boolean {
    const now = this.#clock.monotonic()
    this.#credit = Math.min(burst, this.#credit + ((now - this.#creditAt) / 1_000) * perSecond)
    this.#creditAt = now
    this.#heardAt = now
    if (this.#credit < 1) return false
    this.#credit--
    return true
  }

  close(code: number): void {
    this.#web.close(code)
  }

  terminate(): void {
    this.#web.terminate()
  }
}
