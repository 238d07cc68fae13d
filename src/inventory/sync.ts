import type { Home } from '../domain/home.ts'
import type { LinkHealth } from '../domain/link.ts'
import type { QueueMessage } from '../domain/message.ts'
import { backoff } from '../util/backoff.ts'
import type { Timer } from '../util/clock.ts'
import { BridgeError, isAbort, toBridgeError } from '../util/error.ts'
import type { Random } from '../util/random.ts'
import { areasTold } from './after-message.ts'
import type { Area } from './area.ts'
import { Changes } from './changes.ts'
import { PollStaleness } from './poll-staleness.ts'
import { Reading } from './reading.ts'
import type { ReadingParts } from './reading-parts.ts'
import { SyncTimes, type SyncTimesParts } from './sync-times.ts'
import { Troubles } from './troubles.ts'

export interface SyncParts
  extends Omit<ReadingParts, 'troubles' | 'signal' | 'onRefused' | 'budget'>,
    SyncTimesParts {
  readonly link: () => LinkHealth
  readonly random: Random
  readonly onError: (error: BridgeError, what: string) => void
}

const resyncApartMs = 60_000
/** What is refused altogether is not asked again each minute. */
const refusedMs = 15 * 60_000
/** After so many in a row that fail at their end, readings must not use up the day. */
const quickTries = 5
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
  /** Readings in a row that met trouble behind the lists of devices. */
  #failures = 0
  /** The devices are known, although something behind them met trouble. */
  #isUsable = false
  #delays: Generator<number, never, void>
  #wake: Timer | undefined
  #running: Promise<void> = Promise.resolve()
  #lastResyncAt = Number.NEGATIVE_INFINITY
  #rounds = 0
  readonly #times: SyncTimes
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
    this.#times = new SyncTimes(parts, this.#reading)
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
      intervalMs: () => this.#times.intervalMs,
      // Then it is tried until a read is good.
      onStale: () => {
        if (!this.#times.isMissing) this.reconcile()
      },
    })
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
    return this.#times.lastFullAt !== Number.NEGATIVE_INFINITY
  }

  /** The same, or the devices are known and what else there is met trouble: the queue need not wait for that. */
  get isUsable(): boolean {
    return this.ready || this.#isUsable
  }

  /** Reads again on request, at most once a minute: `command/rate`. */
  async resync(scope: ResyncScope): Promise<void> {
    const work = this.#resyncWork(scope)
    const now = this.#parts.clock.monotonic()
    const last =
      scope.kind === 'all' ? Math.max(this.#times.lastFullAt, this.#lastResyncAt) : this.#lastResyncAt
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
    if (message.kind === 'bound') this.#reading.joins(message.deviceId)
    this.#changes.told(areasTold(message, this.#parts.inventory))
  }

  /**
   * Something may have been missed: the lists of devices with their values are read, at most once in ten minutes
   * (R-S3).
   */
  reconcile(): void {
    this.#times.missed()
    this.replan()
  }

  /** Another account is read, or other homes are: everything is due, after what is being read now. */
  renew(): void {
    void this.#turn(async () => {
      this.#times.fullNow()
      this.#beginAnew()
      this.#schedule(0)
    })
  }

  /** How often may be read has changed, or whether anybody else tells what happens. */
  replan(): void {
    if (this.ready) this.#reschedule()
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
    if (this.#times.recheckSoon()) this.#reschedule()
  }

  /** What was read now may be due again sooner, or later. */
  async #outOfTurn(work: () => Promise<void>): Promise<void> {
    await this.#turn(work)
    this.#reschedule()
  }

  /** What is due has changed; nothing before the start. */
  #reschedule(): void {
    if (this.#wake) this.#schedule(this.#times.untilNext())
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
      const left = this.#parts.budget.left('reconcile')
      this.#turn(() => this.#step()).then(
        () => this.#schedule(this.#times.untilNext()),
        (thrown) => {
          const spent = left - this.#parts.budget.left('reconcile')
          if (!this.#life.signal.aborted) this.#schedule(this.#afterFailure(thrown, spent))
        },
      )
    })
  }

  async #step(): Promise<void> {
    const step = this.#times.step()
    if (step === 'full') await this.#full()
    else if (step === 'routine') await this.#routine()
    else if (step === 'round') await this.#round()
    this.#beginAnew()
  }

  /** The next trouble is a first one. */
  #beginAnew(): void {
    this.#failures = 0
    this.#delays = this.#newDelays()
  }

  #newDelays(): Generator<number, never, void> {
    return backoff({ baseMs: 1_000, capMs: 60_000, floor: 0.25 }, this.#parts.random)
  }

  /** `spent`: the calls that were made before it failed. */
  #afterFailure(thrown: unknown, spent: number): number {
    const error = isAbort(thrown) ? undefined : toBridgeError(thrown)
    if (error) this.#troubles.tell(everything, error)
    const isPartial = this.#reading.gotDevices
    this.#isUsable ||= isPartial
    const quick = Math.max(this.#delays.next().value, error?.retry === 'never' ? refusedMs : 0)
    const delay =
      isPartial && ++this.#failures > quickTries ? Math.max(quick, this.#times.spreadMs(spent)) : quick
    return this.#parts.budget.left('reconcile') > 0 ? delay : Math.max(delay, this.#times.untilBudget())
  }

  async #full(): Promise<void> {
    await this.#times.finding(() => this.#reading.everything())
    this.#times.fullRead()
    this.#good()
  }

  async #routine(): Promise<void> {
    if (!this.#times.isRoundEnough) return this.#full()
    await this.#round()
    this.#times.routineRead()
  }

  async #round(): Promise<void> {
    await this.#times.finding(() => this.#reading.devices())
    this.#times.roundRead()
    if (++this.#rounds % roundsAnExtension === 0 && this.#parts.budget.left('reconcile') > 0) {
      await this.#reading.further()
    }
    this.#good()
  }

  /** A home that is refused may be gone: the list of homes is due before its time. */
  #fullSoon(): void {
    this.#times.fullSoon()
    this.#reschedule()
  }

  #good(): void {
    this.#troubles.over(everything)
    this.#staleness.good()
  }
}
