import type { Clock } from '../util/clock.ts'
import { listsApartMs } from './absence.ts'
import { nextPollMs } from './poll-plan.ts'
import type { ReadingParts } from './reading-parts.ts'

export interface SyncTimesParts {
  readonly clock: Clock
  readonly budget: ReadingParts['budget'] & { readonly resetMs: number }
  readonly leastPollMs: number
  /** False while a better source of state than polling is healthy. */
  readonly pollNeeded: () => boolean
}

/** What a reading says of the next one. */
export interface SyncOutlook {
  /** Calls that a round takes. */
  readonly cost: number
  /** What left something out has to be read once more, so that it is known to be gone. */
  readonly recheck: { readonly all: boolean; readonly devices: boolean }
}

/** All of it; the same as a matter of routine; the lists of devices with their values; nothing yet. */
export type SyncStep = 'full' | 'routine' | 'round' | undefined

const routineMs = 6 * 3_600_000
const fullAtLeastMs = 24 * 3_600_000 - 60_000
const fullApartMs = 10 * 60_000
const recheckMs = listsApartMs + 1_000

/** When what is to be read; reads nothing and waits for nothing. All times are monotonic. */
export class SyncTimes {
  readonly #parts: SyncTimesParts
  readonly #outlook: SyncOutlook
  #fullDueAt: number
  /** It is due by time alone. */
  #isRoutine = false
  #lastFullAt = Number.NEGATIVE_INFINITY
  #lastRoundAt = Number.NEGATIVE_INFINITY
  /** When it was last seen to whether anything is to be read. */
  #steppedAt = Number.NEGATIVE_INFINITY
  /** Something may have been missed, and is looked for. */
  #isMissing = false
  #intervalMs = 0

  constructor(parts: SyncTimesParts, outlook: SyncOutlook) {
    this.#parts = parts
    this.#outlook = outlook
    this.#fullDueAt = parts.clock.monotonic()
  }

  get lastFullAt(): number {
    return this.#lastFullAt
  }

  /** How far apart rounds are at present. */
  get intervalMs(): number {
    return this.#intervalMs
  }

  get isMissing(): boolean {
    return this.#isMissing
  }

  /** Something may have been missed. */
  missed(): void {
    this.#isMissing = true
  }

  /** What is missed while it reads is to be looked for after it. */
  async finding(read: () => Promise<void>): Promise<void> {
    const wasMissing = this.#isMissing
    this.#isMissing = false
    try {
      await read()
    } catch (thrown) {
      this.#isMissing ||= wasMissing
      throw thrown
    }
  }

  /** What is due now. */
  step(): SyncStep {
    const now = this.#now
    this.#steppedAt = now
    if (now >= this.#fullDueAt) return this.#isRoutine ? 'routine' : 'full'
    const isDue = now >= this.#missingDueAt || this.#parts.pollNeeded() || this.#outlook.recheck.devices
    return isDue ? 'round' : undefined
  }

  /**
   * What is told by itself need not be read: then the lists of devices with their values are enough (R-S3). Nobody tells
   * of scenes, automations and moves between rooms: those are looked at once a day.
   */
  get isRoundEnough(): boolean {
    return this.#now - this.#lastFullAt < fullAtLeastMs && !this.#parts.pollNeeded()
  }

  /** Everything was read. */
  fullRead(): void {
    this.#lastFullAt = this.#now
    this.#isRoutine = !this.#outlook.recheck.all
    this.#fullDueAt = this.#lastFullAt + (this.#isRoutine ? routineMs : recheckMs)
  }

  /** The lists of devices were read. */
  roundRead(): void {
    this.#lastRoundAt = this.#now
  }

  /** They were read in place of everything. */
  routineRead(): void {
    if (this.#isRoutine) this.#fullDueAt = this.#now + routineMs
  }

  /** Everything is due. */
  fullNow(): void {
    this.#fullDueAt = this.#now
    this.#isRoutine = false
  }

  /** Something was left out of a list that was read; true when that makes everything due sooner. */
  recheckSoon(): boolean {
    const dueAt = this.#now + recheckMs
    if (!this.#outlook.recheck.all || dueAt >= this.#fullDueAt) return false
    this.#fullDueAt = dueAt
    this.#isRoutine = false
    return true
  }

  /** A home that is refused may be gone: the list of homes is due before its time. */
  fullSoon(): void {
    const soonest = Math.max(this.#now + recheckMs, this.#lastFullAt + fullApartMs)
    this.#isRoutine = false
    this.#fullDueAt = Math.min(this.#fullDueAt, soonest)
  }

  /** So long until something may be due. */
  untilNext(): number {
    const { budget, leastPollMs, clock } = this.#parts
    const { cost, recheck } = this.#outlook
    const msLeft = Math.max(0, budget.resetMs - clock.now())
    const left = budget.left('reconcile')
    const planned = nextPollMs(leastPollMs, { left, msLeft, cost: Math.max(1, cost) })
    this.#intervalMs = planned ?? this.#intervalMs
    const poll = planned === undefined ? this.untilBudget() : this.#untilPoll(planned)
    const untilRecheck = recheck.devices ? Math.min(poll, recheckMs) : poll
    const untilMissing = left > 0 ? this.#missingDueAt - this.#now : poll
    return Math.max(0, Math.min(this.#fullDueAt - this.#now, untilRecheck, untilMissing))
  }

  /** How far apart readings of so many calls are, so that they take half of what is left for the day. */
  spreadMs(cost: number): number {
    const { budget, clock } = this.#parts
    const msLeft = Math.max(0, budget.resetMs - clock.now())
    return nextPollMs(0, { left: budget.left('reconcile') / 2, msLeft, cost }) ?? this.untilBudget()
  }

  /** So long until there are calls again. */
  untilBudget(): number {
    return Math.max(0, this.#parts.budget.resetMs - this.#parts.clock.now()) + 1_000
  }

  get #now(): number {
    return this.#parts.clock.monotonic()
  }

  /**
   * So long after the last reading, wherever that is needed: what was read long ago because others told what happens is
   * read at once when they do no more.
   */
  #untilPoll(plannedMs: number): number {
    const from = this.#parts.pollNeeded() ? this.#lastReadAt : this.#steppedAt
    return Math.max(0, from + plannedMs - this.#now)
  }

  get #lastReadAt(): number {
    return Math.max(this.#lastRoundAt, this.#lastFullAt)
  }

  /** When to look for what may have been missed. */
  get #missingDueAt(): number {
    return this.#isMissing ? this.#lastReadAt + fullApartMs : Number.POSITIVE_INFINITY
  }
}
