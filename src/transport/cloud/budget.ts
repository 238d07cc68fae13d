import type { Clock } from '../../util/clock.ts'
import { CloudError, type Layer, type Priority } from './layer.ts'

const dayMs = 86_400_000
/** Kept for commands and tokens, which use it first: what they take of the rest is lost to nobody. */
const reservedShare = 0.2
/**
 * Calls that are written off in advance, so that a kill cannot pass the budget. The lease grows before it is used up:
 * this many calls may go out while the new one is still on its way to the disk.
 */
const leaseSize = 10

export interface BudgetState {
  /** Days since 1970 UTC. */
  readonly day: number
  /** Calls of that day that may have been made. */
  readonly leased: number
  /** Those of them that may have been reading. */
  readonly reading: number
}

/**
 * I-13, R-C6: how many calls the day still allows. The day is the UTC day of our wall clock and does not go back with
 * it; but a day that is ahead of the clock (which was wrong, then) ends after twenty-four hours.
 */
export class CallBudget {
  /** May be changed; what was used so far counts on. */
  limit: number
  readonly #clock: Clock
  readonly #onLease: () => void
  #day: number
  #used: number
  #reading: number
  #leased: number
  /** Monotonic, when the count of the day began or was taken over. */
  #turnedAt: number

  /** `onLease` is told when the state should be saved soon. */
  constructor(limit: number, clock: Clock, saved: BudgetState | undefined, onLease: () => void = () => {}) {
    this.limit = limit
    this.#clock = clock
    this.#onLease = onLease
    const today = Math.floor(clock.now() / dayMs)
    // A saved day ahead of ours means that the clock was set back: its count stays.
    this.#day = Math.max(today, saved?.day ?? 0)
    const counted = saved?.day === this.#day ? saved : undefined
    this.#used = counted?.leased ?? 0
    this.#reading = counted?.reading ?? 0
    this.#leased = this.#used
    this.#turnedAt = clock.monotonic()
  }

  get used(): number {
    this.#turnDay()
    return this.#used
  }

  /** When the count starts anew, wall clock. */
  get resetMs(): number {
    this.#turnDay()
    const now = this.#clock.now()
    if (this.#day <= Math.floor(now / dayMs)) return (this.#day + 1) * dayMs
    const byClock = (this.#day + 1) * dayMs - now
    const byDuration = this.#turnedAt + dayMs - this.#clock.monotonic()
    return now + Math.min(byClock, byDuration)
  }

  get state(): BudgetState {
    this.#turnDay()
    const ahead = this.#leased - this.#used
    return { day: this.#day, leased: this.#leased, reading: this.#reading + ahead }
  }

  /** How many calls of this priority the day still allows. */
  left(priority: Priority): number {
    this.#turnDay()
    const left = this.limit - this.#used
    if (!isReading(priority)) return Math.max(0, left)
    const share = this.limit - Math.ceil(this.limit * reservedShare)
    return Math.max(0, Math.min(share - this.#reading, left))
  }

  /** Counts one call, or refuses it. */
  spend(priority: Priority): boolean {
    if (this.left(priority) === 0) return false
    this.#used++
    if (isReading(priority)) this.#reading++
    const ahead = Math.min(this.limit - this.#used, leaseSize)
    if (this.#leased - this.#used < ahead) {
      this.#leased = Math.min(this.limit, this.#used + 2 * leaseSize)
      this.#onLease()
    }
    return true
  }

  #turnDay(): void {
    const today = Math.floor(this.#clock.now() / dayMs)
    const wrong = today < this.#day && this.#clock.monotonic() - this.#turnedAt >= dayMs
    if (today <= this.#day && !wrong) return
    this.#day = today
    this.#turnedAt = this.#clock.monotonic()
    this.#used = 0
    this.#reading = 0
    this.#leased = 0
  }
}

function isReading(priority: Priority): boolean {
  return priority === 'reconcile' || priority === 'discovery'
}

/** Counts every call that goes out, retries and tokens included. */
export function budgetLayer(budget: CallBudget): Layer {
  return (next) => (request) => {
    if (!budget.spend(request.priority)) {
      const until = new Date(budget.resetMs).toISOString()
      throw new CloudError(
        'budget',
        'not-sent',
        `The daily budget of ${budget.limit} cloud calls leaves none for this until ${until} (setting budget.cloudCallsPerDay).`,
      )
    }
    return next(request)
  }
}
