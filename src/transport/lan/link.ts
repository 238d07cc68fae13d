import type { Values } from '../../codec/lan/request.ts'
import type { LanVersion } from '../../codec/lan/version.ts'
import { type LinkHealth, SendError, type Sent } from '../../domain/link.ts'
import { Children } from './children.ts'
import type { Conversation } from './conversation.ts'
import { Course, type NextTry } from './course.ts'
import type { LanDevice, Proposal } from './device.ts'
import { changed, type LanLinkError, stopped, toLinkError } from './link-error.ts'
import { LinkFacts } from './link-facts.ts'
import { LinkHealthKeeper } from './link-health.ts'
import { localKeyBytes } from './local-key.ts'
import type { OpenGate } from './open-gate.ts'
import { type Attempt, type OpenerParts, openLink } from './opener.ts'
import { Pause } from './pause.ts'
import type { ReadingMemory } from './state-reading.ts'
import { isSame } from './whereabouts.ts'

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
  /** Until the first try, unless the device calls before. */
  readonly delayMs: number
  /** An earlier link to the same device, which has to be gone. */
  readonly before?: Promise<void> | undefined
}

const defectPauseMs = 60_000

/** The life of one device on the LAN: connects, and again, without end, until stopped. Never two sockets at once. */
export class Link {
  readonly facts = new LinkFacts()
  readonly #parts: LinkParts
  readonly #course: Course
  readonly #health: LinkHealthKeeper
  readonly #children: Children
  readonly #memory: ReadingMemory = { byIds: false }
  readonly #pause: Pause
  readonly #running: Promise<void>
  #device: LanDevice
  #localKey: Buffer | string
  #conversation: Conversation | undefined
  #attempt: AbortController | undefined
  #stopping = false

  constructor(parts: LinkParts, device: LanDevice) {
    const { clock, random, events, delayMs } = parts
    this.#parts = parts
    this.#device = device
    this.#localKey = localKeyBytes(device.localKey)
    this.#course = new Course(device, random, clock.monotonic() + delayMs)
    this.#health = new LinkHealthKeeper(clock, events.onHealth)
    this.#pause = new Pause(clock)
    this.#children = new Children(() => this.#device, {
      onPresence: events.onPresence,
      onUnknown: events.onUnknownChild,
    })
    this.#running = this.#run()
  }

  get device(): LanDevice {
    return this.#device
  }

  get version(): LanVersion | null {
    return this.#conversation?.connection.version ?? this.#course.version
  }

  get health(): LinkHealth {
    return this.#health.health(this.#conversation?.connection.heardAt)
  }

  /** What a gateway said of one behind it. */
  isChildOnline(cid: string): boolean | undefined {
    return this.#children.isOnline(cid)
  }

  /** What is known of the device has changed; a connection that it does not touch goes on. */
  update(device: LanDevice): void {
    const before = this.#device
    const isMoved = this.#isMoved(before, device)
    const hasOtherKey = before.localKey.reveal() !== device.localKey.reveal()
    const hasOtherVersion =
      device.version !== null && ![before.version, this.version].includes(device.version)
    this.#device = device
    this.#children.changed()
    this.#course.configure(device, isMoved || hasOtherVersion)
    if (!isMoved && !hasOtherKey && !hasOtherVersion) return
    this.#localKey = localKeyBytes(device.localKey)
    this.#attempt?.abort(changed())
    if (this.#conversation) this.#health.turn('down', 'starting')
    void this.#leave(changed())
    this.#course.afresh(this.#now)
    this.#pause.wake()
  }

  /** Somebody says where the device is. Used when it is not where it was, and believed when it proves itself. */
  propose(proposal: Proposal): void {
    const isBusy = this.#conversation !== undefined || this.#attempt !== undefined
    if (this.#course.propose(proposal, isBusy, this.#now)) this.#pause.wake()
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

  get #now(): number {
    return this.#parts.clock.monotonic()
  }

  #notSent(): SendError {
    const reason = this.#health.reason ?? 'unreachable'
    const last = this.facts.troubles.at(-1)?.message
    const why = last === undefined ? '' : ` ${last}`
    const message = `The device is not connected on the LAN (${reason}).${why}`
    return new SendError('not-sent', `lan/${reason}`, message, { retry: 'later' })
  }

  async #leave(error: LanLinkError): Promise<void> {
    const conversation = this.#conversation
    this.#conversation = undefined
    await conversation?.leave(error)
  }

  /** Somebody of ours says that it is somewhere else than where it is found. */
  #isMoved(before: LanDevice, { address }: LanDevice): boolean {
    if (address === null || isSame(before.address, address)) return false
    return !this.#conversation || !isSame(this.facts.where, address)
  }

  /** Ends when it is stopped; whatever else goes wrong is one more reason to try again. */
  async #run(): Promise<void> {
    const { before, clock, events } = this.#parts
    if (before !== undefined) {
      await before
      this.#course.left(this.#now)
    }
    while (!this.#stopping) {
      try {
        await this.#round()
      } catch (thrown) {
        events.onDefect(thrown)
        const pause = clock.after(defectPauseMs, () => this.#pause.wake())
        await this.#pause.wait(Number.POSITIVE_INFINITY)
        pause.cancel()
      }
    }
    this.#health.turn('down', 'shutdown')
  }

  async #round(): Promise<void> {
    await this.#wait()
    const leave = await this.#parts.gate.enter(this.#course.isUrgent)
    let conversation: Conversation | undefined
    try {
      // Whatever was true before may have changed at the gate.
      const next = this.#stopping || this.#blocker() !== undefined ? undefined : this.#course.next(this.#now)
      if (next && this.#course.waitMs(this.#now) <= 0) conversation = await this.#try(next)
    } finally {
      leave()
    }
    if (!conversation) return
    const { connection } = conversation
    const upAt = this.#now
    const end = await connection.ended
    this.#conversation = undefined
    this.#health.heardLast(connection.heardAt)
    // Whoever fell silent was away since then.
    this.#failed(end, (end.end === 'timeout' ? connection.heardAt : this.#now) - upAt)
  }

  /** Until the next try is due and there is somewhere to go. */
  async #wait(): Promise<void> {
    while (!this.#stopping) {
      const blocker = this.#blocker()
      if (blocker) this.#health.turn(blocker === 'key-mismatch' ? 'down' : 'unused', blocker)
      else if (this.#health.health(undefined).state === 'unused') this.#health.turn('down', 'starting')
      const waitMs = blocker ? Number.POSITIVE_INFINITY : this.#course.waitMs(this.#now)
      if (waitMs <= 0) return
      await this.#pause.wait(waitMs)
    }
  }

  /** Why there is nothing to try; a public word. */
  #blocker(): string | undefined {
    if (typeof this.#localKey === 'string')
      return this.#device.localKey.length === 0 ? 'no-key' : 'key-mismatch'
    return this.#course.hasPlace ? undefined : 'no-address'
  }

  async #try(next: NextTry): Promise<Conversation | undefined> {
    this.#attempt = new AbortController()
    this.facts.tries(next.where.address)
    try {
      const conversation = await openLink(this.#parts, this.#attemptOf(next, this.#attempt.signal))
      this.#attempt = undefined
      this.#up(conversation, next)
      return conversation
    } catch (thrown) {
      this.#attempt = undefined
      this.#failed(toLinkError(thrown), undefined)
      return undefined
    }
  }

  #attemptOf(next: NextTry, signal: AbortSignal): Attempt {
    const { events, clock } = this.#parts
    return {
      ...next,
      localKey: this.#localKey as Buffer,
      signal,
      onBad: (error) => {
        this.#course.bad(this.#now)
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

  #up(conversation: Conversation, next: NextTry): void {
    const { counts, events } = this.#parts
    this.#conversation = conversation
    this.#course.proved(next)
    counts.connects++
    this.facts.connects++
    events.note('up', { version: next.version })
    this.#health.turn('up', null)
    if (this.#stopping) conversation.connection.leave(stopped())
  }

  #failed(error: LanLinkError, upMs: number | undefined): void {
    const { clock, counts, events } = this.#parts
    counts.ended(error.end)
    if (error.end === 'stopped' || error.end === 'changed') {
      this.#course.left(this.#now)
      this.#health.turn('down', 'starting')
      return
    }
    this.facts.trouble(clock.now(), error)
    const setback = this.#course.failed(error, upMs, this.#now)
    if (setback === 'searching') return
    const { reason, pauseMs, wantsKey } = setback
    events.note('down', { code: error.code, reason, message: error.message, pauseMs })
    this.#health.turn('down', this.#device.sleeps ? 'sleeping' : reason)
    if (wantsKey) events.onKeyWanted()
  }
}
