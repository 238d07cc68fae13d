import type { Values } from '../../codec/lan/request.ts'
import type { LanVersion } from '../../codec/lan/version.ts'
import { type LinkHealth, type LinkStatus, SendError, type Sent } from '../../domain/link.ts'
import { Children } from './children.ts'
import type { Conversation } from './conversation.ts'
import type { LanAddress, LanDevice, Proposal } from './device.ts'
import { changed, type LanLinkError, stopped } from './link-error.ts'
import { LinkFacts } from './link-facts.ts'
import { localKeyBytes } from './local-key.ts'
import type { OpenGate } from './open-gate.ts'
import { type Attempt, type OpenerParts, openLink } from './opener.ts'
import { betweenMs, Patience } from './patience.ts'
import { Pause } from './pause.ts'
import type { ReadingMemory } from './state-reading.ts'
import { VersionSearch } from './version-search.ts'
import { isSame, type Whereabouts, WhereaboutsBook } from './whereabouts.ts'

export interface LinkEvents {
  readonly onValues: (deviceId: string, values: ReadonlyMap<number, unknown>, asked: boolean) => void
  readonly onHealth: () => void
  readonly onKeyWanted: () => void
  readonly onPresence: (deviceId: string, online: boolean) => void
  readonly onUnknownChild: (cid: string) => void
  readonly note: (kind: LinkNote, facts: object) => void
  /** Hears what should never have been thrown. */
  readonly onDefect: (thrown: unknown) => void
}

export type LinkNote = 'up' | 'down' | 'bad-frame' | 'trouble'

export interface LinkParts extends OpenerParts {
  readonly gate: OpenGate
  readonly events: LinkEvents
}

/** A device that calls brings its next try forward, but not more often than that. */
const broughtForwardMs = 5_000
/** R-L4: whoever asks the cloud for keys does so rarely. */
const keyWantedMs = 30 * 60_000
const farewellMs = 1_000

/** The life of one device on the LAN: connects, and again, without end, until stopped. Never two sockets at once. */
export class Link {
  readonly facts = new LinkFacts()
  readonly #parts: LinkParts
  readonly #patience: Patience
  readonly #places = new WhereaboutsBook()
  readonly #search = new VersionSearch()
  readonly #children: Children
  readonly #memory: ReadingMemory = { byIds: false }
  readonly #pause: Pause
  #device: LanDevice
  #localKey: Buffer | string
  #conversation: Conversation | undefined
  #attempt: AbortController | undefined
  #running: Promise<void> | undefined
  #stopping = false
  #dueAt: number
  /** R-L1: not before, whoever calls. */
  #earliestAt = Number.NEGATIVE_INFINITY
  #isSlow = false
  #isUrgent = false
  #broughtAt = Number.NEGATIVE_INFINITY
  #keyWantedAt = Number.NEGATIVE_INFINITY
  #status: LinkStatus = 'down'
  #reason: string | null = 'starting'
  #sinceMs: number

  /** `delayMs`: until the first try, unless the device calls before. `before`: an earlier link to it, which has to be gone. */
  constructor(parts: LinkParts, device: LanDevice, delayMs: number, before?: Promise<void>) {
    this.#parts = parts
    this.#device = device
    this.#localKey = localKeyBytes(device.localKey)
    this.#places.configure(device)
    this.#patience = new Patience(parts.random)
    this.#pause = new Pause(parts.clock)
    this.#sinceMs = parts.clock.now()
    this.#dueAt = parts.clock.monotonic() + delayMs
    this.#children = new Children(() => this.#device, {
      onPresence: parts.events.onPresence,
      onUnknown: parts.events.onUnknownChild,
    })
    this.#running = this.#run(before)
  }

  get device(): LanDevice {
    return this.#device
  }

  get version(): LanVersion | null {
    return this.#conversation?.connection.version ?? this.#places.version
  }

  get health(): LinkHealth {
    const { clock } = this.#parts
    const heardAt = this.#conversation?.connection.heardAt
    const lastMs =
      heardAt === undefined ? this.facts.heardMs : Math.round(clock.now() - (clock.monotonic() - heardAt))
    return { state: this.#status, sinceMs: this.#sinceMs, reason: this.#reason, lastMs }
  }

  /** What a gateway said of one behind it. */
  isChildOnline(cid: string): boolean | undefined {
    return this.#children.isOnline(cid)
  }

  /** What is known of the device has changed; a connection that it does not touch goes on. */
  update(device: LanDevice): void {
    const before = this.#device
    this.#device = device
    this.#children.changed()
    const isMoved = this.#isMoved(before, device)
    const hasOtherKey = before.localKey.reveal() !== device.localKey.reveal()
    const hasOtherVersion = before.version !== device.version && device.version !== this.version
    if (isMoved || hasOtherVersion || !sameAddress(before.address, device.address))
      this.#places.configure(device)
    if (!isMoved && !hasOtherKey && !hasOtherVersion) return
    this.#localKey = localKeyBytes(device.localKey)
    this.#patience.forget()
    this.#search.stop()
    if (hasOtherKey) this.#keyWantedAt = Number.NEGATIVE_INFINITY
    this.#attempt?.abort(changed())
    void this.#leave(changed())
    this.#bringForward()
  }

  /** Somebody says where the device is. Used when it is not where it was, and believed when it proves itself. */
  propose(proposal: Proposal): void {
    const isNews = this.#places.propose(proposal)
    if (this.#conversation || this.#attempt) return
    // Who hangs or has another key is no better off for having called; it may be somewhere else, though.
    if (this.#isSlow && !isNews) return
    const now = this.#parts.clock.monotonic()
    if (now - this.#broughtAt < broughtForwardMs) return
    this.#broughtAt = now
    this.#isUrgent = true
    this.#bringForward()
  }

  /** Rejects with SendError. */
  set(cid: string | null, dps: Values, signal: AbortSignal): Promise<Sent> {
    const conversation = this.#conversation
    return conversation ? conversation.set(cid, dps, signal) : Promise.reject(this.#notSent())
  }

  /** Rejects with BridgeError. */
  query(cid: string | null, signal: AbortSignal): Promise<void> {
    const conversation = this.#conversation
    return conversation ? conversation.query(cid, signal) : Promise.reject(this.#notSent())
  }

  tick(now: number): void {
    this.#conversation?.tick(now)
  }

  /** What is under way gets a moment to be answered. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#attempt?.abort(stopped())
    this.#pause.wake()
    await this.#leave(stopped())
    await this.#running
  }

  #notSent(): SendError {
    const reason = this.#reason ?? 'unreachable'
    const last = this.facts.troubles.at(-1)?.message
    const why = last === undefined ? '' : ` ${last}`
    return new SendError(
      'not-sent',
      `lan/${reason}`,
      `The device is not connected on the LAN (${reason}).${why}`,
      {
        retry: 'later',
      },
    )
  }

  /** Says goodbye once nothing is under way any more. */
  async #leave(error: LanLinkError): Promise<void> {
    const conversation = this.#conversation
    if (!conversation) return
    this.#conversation = undefined
    const until = this.#parts.clock.monotonic() + farewellMs
    while (!conversation.isQuiet && !conversation.connection.isOver && this.#parts.clock.monotonic() < until)
      await new Promise<void>((resolve) => this.#parts.clock.after(20, resolve))
    conversation.connection.leave(error)
  }

  #isMoved(before: LanDevice, device: LanDevice): boolean {
    if (sameAddress(before.address, device.address) || device.address === null) return false
    const { where } = this.facts
    return !this.#conversation || where === null || !isSame(where, device.address)
  }

  #bringForward(): void {
    this.#dueAt = this.#parts.clock.monotonic()
    this.#isSlow = false
    this.#pause.wake()
  }

  /** Ends when it is stopped; whatever else goes wrong is one more reason to try again. */
  async #run(before: Promise<void> | undefined): Promise<void> {
    if (before !== undefined) {
      await before
      this.#earliestAt = this.#parts.clock.monotonic() + betweenMs
    }
    while (!this.#stopping) {
      try {
        await this.#round()
      } catch (thrown) {
        this.#parts.events.onDefect(thrown)
        this.#dueAt = this.#parts.clock.monotonic() + 60_000
      }
    }
    this.#turn('down', 'shutdown')
  }

  async #round(): Promise<void> {
    await this.#wait()
    if (this.#stopping) return
    const leave = await this.#parts.gate.enter(this.#isUrgent)
    let conversation: Conversation | undefined
    try {
      // Whatever was true before may have changed at the gate.
      if (!this.#stopping && this.#blocker() === undefined) conversation = await this.#try()
    } finally {
      leave()
    }
    if (!conversation) return
    const upAt = this.#parts.clock.monotonic()
    const end = await conversation.connection.ended
    this.#conversation = undefined
    const { clock } = this.#parts
    this.facts.heardMs = Math.round(clock.now() - (clock.monotonic() - conversation.connection.heardAt))
    this.#failed(end, conversation.connection.heardAt - upAt)
  }

  /** Until the next try is due and there is somewhere to go. */
  async #wait(): Promise<void> {
    while (!this.#stopping) {
      const blocker = this.#blocker()
      if (blocker) this.#turn(blocker === 'key-mismatch' ? 'down' : 'unused', blocker)
      const now = this.#parts.clock.monotonic()
      const waitMs = blocker ? Number.POSITIVE_INFINITY : Math.max(this.#dueAt, this.#earliestAt) - now
      if (waitMs <= 0) return
      await this.#pause.wait(waitMs)
    }
  }

  /** Why there is nothing to try; a public word. */
  #blocker(): string | undefined {
    if (typeof this.#localKey === 'string')
      return this.#device.localKey.length === 0 ? 'no-key' : 'key-mismatch'
    return this.#places.next === undefined ? 'no-address' : undefined
  }

  async #try(): Promise<Conversation | undefined> {
    const where = this.#places.next as Whereabouts
    const { clock } = this.#parts
    this.#isUrgent = false
    if (this.#reason === 'no-address' || this.#reason === 'no-key') this.#turn('down', 'starting')
    if (where.version === null && !this.#search.isOn) this.#search.begin(null, clock.monotonic())
    this.#attempt = new AbortController()
    this.facts.tries(where.address)
    try {
      const conversation = await openLink(this.#parts, this.#attemptAt(where, this.#attempt.signal))
      this.#attempt = undefined
      if (this.#stopping) conversation.connection.leave(stopped())
      else this.#up(conversation, where)
      return conversation
    } catch (thrown) {
      this.#attempt = undefined
      this.#failed(thrown as LanLinkError, undefined)
      return undefined
    }
  }

  #attemptAt(where: Whereabouts, signal: AbortSignal): Attempt {
    const { events, clock } = this.#parts
    const isSearch = this.#search.isOn
    return {
      where,
      version: this.#search.version ?? (where.version as LanVersion),
      localKey: this.#localKey as Buffer,
      isSearch,
      listens: this.#patience.shouldListen && !isSearch,
      signal,
      onBad: (error) => {
        this.#patience.bad(clock.monotonic())
        events.note('bad-frame', { code: error.code })
      },
      conversation: {
        device: () => this.#device,
        children: this.#children,
        memory: this.#memory,
        onValues: (cid, values, asked) => {
          const id = this.#idOf(cid)
          if (id !== undefined) events.onValues(id, values, asked)
        },
        onTrouble: (error) => {
          this.facts.trouble(clock.now(), error)
          events.note('trouble', { code: error.code, message: error.message })
        },
      },
    }
  }

  /** Some call the device of the connection itself by its id. */
  #idOf(cid: string | null): string | undefined {
    return cid === null || cid === this.#device.id ? this.#device.id : this.#children.idOf(cid)
  }

  #up(conversation: Conversation, where: Whereabouts): void {
    const { connection } = conversation
    this.#conversation = conversation
    this.#search.stop()
    this.#patience.proved()
    this.#places.proved(where, connection.version)
    this.#parts.counts.connects++
    this.facts.connects++
    this.#parts.events.note('up', { version: connection.version })
    this.#turn('up', null)
  }

  #failed(error: LanLinkError, upMs: number | undefined): void {
    const { clock, counts, events } = this.#parts
    const now = clock.monotonic()
    counts.ended(error.end)
    this.#earliestAt = now + betweenMs
    if (error.end === 'stopped') return
    if (error.end === 'changed') {
      this.#dueAt = now
      this.#turn('down', 'starting')
      return
    }
    this.facts.trouble(clock.now(), error)
    if (upMs === undefined && this.#searched(error, now)) return
    if (upMs === undefined) this.#places.failed()
    const { pauseMs, reason, isSlow } = this.#patience.after(error, upMs, now)
    this.#dueAt = now + pauseMs
    this.#isSlow = isSlow
    if (this.#patience.keyMismatch) this.#wantKey(now)
    if (this.#patience.doubtsVersion && this.#search.waitMs(now) === 0) this.#searchFrom(now)
    if (this.#device.sleeps && !isSlow) this.#dueAt = Number.POSITIVE_INFINITY
    events.note('down', { code: error.code, reason, message: error.message, pauseMs })
    this.#turn('down', this.#device.sleeps ? 'sleeping' : reason)
  }

  /** A version of several was tried for nothing; says whether that was all there is to it. */
  #searched(error: LanLinkError, now: number): boolean {
    if (!this.#search.isOn) return false
    // Nobody was there to tell versions apart.
    if (error.end === 'unreachable' || error.end === 'refused') {
      this.#search.stop()
      return false
    }
    this.#search.failed(error.end === 'key')
    this.#dueAt = now + betweenMs
    if (this.#search.isOn) return true
    this.#patience.searched(this.#search.wasSuspect)
    return false
  }

  /** Firmware may have changed it; one round beside the slow tries. */
  #searchFrom(now: number): void {
    this.#search.begin(this.#places.version, now)
    this.#dueAt = now + betweenMs
  }

  #wantKey(now: number): void {
    if (now - this.#keyWantedAt < keyWantedMs) return
    this.#keyWantedAt = now
    this.#parts.events.onKeyWanted()
  }

  #turn(status: LinkStatus, reason: string | null): void {
    if (status === this.#status && reason === this.#reason) return
    this.#status = status
    this.#reason = reason
    this.#sinceMs = this.#parts.clock.now()
    this.#parts.events.onHealth()
  }
}

function sameAddress(one: LanAddress | null, other: LanAddress | null): boolean {
  return one === other || (one !== null && other !== null && isSame(one, other))
}
