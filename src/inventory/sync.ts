import type { Home } from '../domain/home.ts'
import type { LinkHealth } from '../domain/link.ts'
import type { QueueMessage } from '../domain/message.ts'
import { backoff } from '../util/backoff.ts'
import type { Timer } from '../util/clock.ts'
import { BridgeError, isAbort, toBridgeError } from '../util/error.ts'
import type { Random } from '../util/random.ts'
import { listsApartMs } from './absence.ts'
import { areasTold } from './after-message.ts'
import type { Area } from './area.ts'
import { Changes } from './changes.ts'
import { nextPollMs } from './poll-plan.ts'
import { PollStaleness } from './poll-staleness.ts'
import { Reading } from './reading.ts'
import type { ReadingParts } from './reading-parts.ts'
import { Troubles } from './troubles.ts'

export interface SyncParts extends Omit<ReadingParts, 'troubles' | 'signal' | 'onRefused' | 'budget'> {
  readonly budget: ReadingParts['budget'] & { readonly resetMs: number }
  readonly link: () => LinkHealth
  readonly random: Random
  readonly leastPollMs: number
  /** False while a better source of state than polling is healthy. */
  readonly pollNeeded: () => boolean
  readonly onError: (error: BridgeError, what: string) => void
}

const routineMs = 6 * 3_600_000
const fullAtLeastMs = 24 * 3_600_000 - 60_000
const fullApartMs = 10 * 60_000
const recheckMs = listsApartMs + 1_000
const resyncApartMs = 60_000
/** What is refused altogether is not asked again each minute. */
const refusedMs = 15 * 60_000
const everything = 'reading the inventory'

export type ResyncScope = { readonly kind: 'all' } | { readonly kind: 'home' | 'device'; readonly id: string }

/** Lists carry the standard set alone: with each so many, the other points of one device are read. */
const roundsAnExtension = 3

/**
 * Keeps the inventory in step with the cloud: everything at start and on request, and what others tell of. Where nobody
 * tells what happens, everything each six hours, and in between the lists of devices with their values, as often as the
 * day's calls allow.
 */
export class Sync {
  readonly #parts: SyncParts
  readonly #life = new AbortController()
  #delays: Generator<number, never, void>
  #wake: Timer | undefined
  #running: Promise<void> = Promise.resolve()
  #fullDueAt: number
  /** It is due by time alone. */
  #isRoutine = false
  #lastFullAt = Number.NEGATIVE_INFINITY
  #lastResyncAt = Number.NEGATIVE_INFINITY
  #intervalMs = 0
  #rounds = 0
  #lastRoundAt = Number.NEGATIVE_INFINITY
  /** When it was last seen to whether anything is to be read. */
  #steppedAt = Number.NEGATIVE_INFINITY
  /** Something may have been missed, and is looked for. */
  #isMissing = false
  readonly #troubles: Troubles
  readonly #reading: Reading
  readonly #changes: Changes
  readonly #staleness: PollStaleness

  constructor(parts: SyncParts) {
    this.#parts = parts
    this.#troubles = new Troubles(parts.onError)
    this.#reading = new Reading({
      ...parts,
      get members() {
        return parts.members
      },
      troubles: this.#troubles,
      signal: this.#life.signal,
      onRefused: () => this.#fullSoon(),
    })
    this.#changes = new Changes({
      clock: parts.clock,
      random: parts.random,
      troubles: this.#troubles,
      read: (area) => this.#reading.area(area),
      turn: (work) => this.#turn(work),
      homeOf: (deviceId) => parts.inventory.device(deviceId)?.device.homeId,
      onRead: () => this.#dueForRecheck(),
      onFlood: () => this.#fullSoon(),
    })
    this.#staleness = new PollStaleness({
      ...parts,
      intervalMs: () => this.#intervalMs,
      // Then it is tried until a read is good.
      onStale: () => {
        if (!this.#isMissing) this.reconcile()
      },
    })
    this.#fullDueAt = parts.clock.monotonic()
    this.#delays = this.#newDelays()
  }

  start(): void {
    this.#schedule(0)
    this.#staleness.start()
  }

  async stop(): Promise<void> {
    this.#wake?.cancel()
    this.#staleness.stop()
    this.#changes.stop()
    this.#life.abort()
    await this.#running
    await this.#reading.idle
  }

  /** True once everything was read in this run. */
  get ready(): boolean {
    return this.#lastFullAt !== Number.NEGATIVE_INFINITY
  }

  /** Reads again on request, at most once a minute: `command/rate`. */
  async resync(scope: ResyncScope): Promise<void> {
    const work = this.#resyncWork(scope)
    const now = this.#parts.clock.monotonic()
    const last = scope.kind === 'all' ? Math.max(this.#lastFullAt, this.#lastResyncAt) : this.#lastResyncAt
    if (now - last < resyncApartMs) {
      throw new BridgeError('command/rate', 'The last resync was less than a minute ago.', { retry: 'later' })
    }
    this.#lastResyncAt = now
    await work()
  }

  /** Something was changed by us: what that may have touched is read again in a moment, once for many changes. */
  changed(...areas: readonly Area[]): void {
    this.#changes.ours(areas)
  }

  /**
   * The platform's queue told something. What that is about is looked at when the burst is over, with a call or two of
   * the reading share; what was told to be gone goes at once when the cloud says so too.
   */
  told(message: QueueMessage): void {
    this.#changes.told(areasTold(message, this.#parts.inventory))
  }

  /**
   * Something may have been missed: the lists of devices with their values are read, at most once in ten minutes
   * (R-S3).
   */
  reconcile(): void {
    this.#isMissing = true
    this.replan()
  }

  /** Another account is read, or other homes are: everything is due, after what is being read now. */
  renew(): void {
    void this.#turn(async () => {
      this.#fullDueAt = this.#parts.clock.monotonic()
      this.#isRoutine = false
      this.#delays = this.#newDelays()
      this.#schedule(0)
    })
  }

  /** How often may be read has changed, or whether anybody else tells what happens. */
  replan(): void {
    if (this.#wake && this.ready) this.#schedule(this.#untilNext())
  }

  /** The members of homes are wanted from now on. */
  readMembers(): void {
    this.changed(...this.#reading.homes.map(({ id }) => ({ of: 'members', homeId: id }) as const))
  }

  /** Throws when there is no such home or device. */
  #resyncWork(scope: ResyncScope): () => Promise<void> {
    switch (scope.kind) {
      case 'all':
        return () => this.#outOfTurn(() => this.#full())
      case 'home': {
        const home = this.#reading.homes.find(({ id }) => id === scope.id)
        if (!home) throw new BridgeError('command/unknown-home', `No home has the id ${scope.id}.`)
        return () => this.#outOfTurn(() => this.#readHome(home))
      }
      case 'device': {
        const record = this.#parts.inventory.device(scope.id)
        if (!record) throw new BridgeError('command/unknown-device', `No device has the id ${scope.id}.`)
        return () => this.#reading.device(record.device)
      }
    }
  }

  async #readHome(home: Home): Promise<void> {
    await this.#reading.home(home)
    this.#dueForRecheck()
  }

  #dueForRecheck(): void {
    const dueAt = this.#parts.clock.monotonic() + recheckMs
    if (!this.#reading.recheck.all || dueAt >= this.#fullDueAt) return
    this.#fullDueAt = dueAt
    this.#isRoutine = false
    if (this.#wake) this.#schedule(this.#untilNext())
  }

  /** What was read now may be due again sooner, or later. */
  async #outOfTurn(work: () => Promise<void>): Promise<void> {
    await this.#turn(work)
    if (this.#wake) this.#schedule(this.#untilNext())
  }

  /** One piece of work at a time; a failing one does not stop the next. */
  #turn(work: () => Promise<void>): Promise<void> {
    const turn = this.#running.then(work)
    this.#running = turn.catch(() => {})
    return turn
  }

  #schedule(ms: number): void {
    if (this.#life.signal.aborted) return
    this.#wake?.cancel()
    this.#wake = this.#parts.clock.after(ms, () => {
      this.#turn(() => this.#step()).then(
        () => this.#schedule(this.#untilNext()),
        (thrown) => {
          if (!this.#life.signal.aborted) this.#schedule(this.#afterFailure(thrown))
        },
      )
    })
  }

  async #step(): Promise<void> {
    const now = this.#parts.clock.monotonic()
    this.#steppedAt = now
    if (now >= this.#fullDueAt) await (this.#isRoutine ? this.#routine() : this.#full())
    else if (now >= this.#missingDueAt || this.#parts.pollNeeded() || this.#reading.recheck.devices)
      await this.#round()
    this.#delays = this.#newDelays()
  }

  #newDelays(): Generator<number, never, void> {
    return backoff({ baseMs: 1_000, capMs: 60_000, floor: 0.25 }, this.#parts.random)
  }

  #afterFailure(thrown: unknown): number {
    const error = isAbort(thrown) ? undefined : toBridgeError(thrown)
    if (error) this.#troubles.tell(everything, error)
    const delay = Math.max(this.#delays.next().value, error?.retry === 'never' ? refusedMs : 0)
    return this.#parts.budget.left('reconcile') > 0 ? delay : Math.max(delay, this.#untilBudget())
  }

  #untilBudget(): number {
    return Math.max(0, this.#parts.budget.resetMs - this.#parts.clock.now()) + 1_000
  }

  #untilNext(): number {
    const { clock, budget, leastPollMs } = this.#parts
    const untilFull = this.#fullDueAt - clock.monotonic()
    const cost = Math.max(1, this.#reading.cost)
    const msLeft = Math.max(0, budget.resetMs - clock.now())
    const planned = nextPollMs(leastPollMs, { left: budget.left('reconcile'), msLeft, cost })
    this.#intervalMs = planned ?? this.#intervalMs
    const poll = planned === undefined ? this.#untilBudget() : this.#untilPoll(planned)
    const recheck = this.#reading.recheck.devices ? Math.min(poll, recheckMs) : poll
    const untilMissing = budget.left('reconcile') > 0 ? this.#missingDueAt - clock.monotonic() : poll
    return Math.max(0, Math.min(untilFull, recheck, untilMissing))
  }

  /**
   * So long after the last reading, wherever that is needed: what was read long ago because others told what happens is
   * read at once when they do no more.
   */
  #untilPoll(plannedMs: number): number {
    const from = this.#parts.pollNeeded() ? this.#lastReadAt : this.#steppedAt
    return Math.max(0, from + plannedMs - this.#parts.clock.monotonic())
  }

  get #lastReadAt(): number {
    return Math.max(this.#lastRoundAt, this.#lastFullAt)
  }

  /** When to look for what may have been missed. */
  get #missingDueAt(): number {
    return this.#isMissing ? this.#lastReadAt + fullApartMs : Number.POSITIVE_INFINITY
  }

  async #full(): Promise<void> {
    await this.#finding(() => this.#reading.everything())
    this.#lastFullAt = this.#parts.clock.monotonic()
    this.#isRoutine = !this.#reading.recheck.all
    this.#fullDueAt = this.#lastFullAt + (this.#isRoutine ? routineMs : recheckMs)
    this.#good()
  }

  /**
   * What is told by itself need not be read: then the lists of devices with their values are enough (R-S3). Nobody tells
   * of scenes, automations and moves between rooms: those are looked at once a day.
   */
  async #routine(): Promise<void> {
    const isOld = this.#parts.clock.monotonic() - this.#lastFullAt >= fullAtLeastMs
    if (isOld || this.#parts.pollNeeded()) return this.#full()
    await this.#round()
    if (this.#isRoutine) this.#fullDueAt = this.#parts.clock.monotonic() + routineMs
  }

  async #round(): Promise<void> {
    await this.#finding(() => this.#reading.devices())
    this.#lastRoundAt = this.#parts.clock.monotonic()
    if (++this.#rounds % roundsAnExtension === 0 && this.#parts.budget.left('reconcile') > 0) {
      await this.#reading.further()
    }
    this.#good()
  }

  /** What is missed while it reads is to be looked for after it. */
  async #finding(read: () => Promise<void>): Promise<void> {
    const wasMissing = this.#isMissing
    this.#isMissing = false
    try {
      await read()
    } catch (thrown) {
      this.#isMissing ||= wasMissing
      throw thrown
    }
  }

  /** A home that is refused may be gone: the list of homes is due before its time. */
  #fullSoon(): void {
    const soonest = Math.max(this.#parts.clock.monotonic() + recheckMs, this.#lastFullAt + fullApartMs)
    this.#isRoutine = false
    this.#fullDueAt = Math.min(this.#fullDueAt, soonest)
    if (this.#wake) this.#schedule(this.#untilNext())
  }

  #good(): void {
    this.#troubles.over(everything)
    this.#staleness.good()
  }
}
