import { backoff } from '../../util/backoff.ts'
import type { Random } from '../../util/random.ts'
import type { LanEnd, LanLinkError } from './link-error.ts'

/** R-L1: between the end of one connection and the beginning of the next. */
export const betweenMs = 1_000
/** R-B1: after so long a connection was a good one, and the next trouble is a new trouble. */
const healthyMs = 30_000
const capMs = 60_000
/** Whoever was away for a moment is found again within seconds. */
const awayMs = 60_000
const awayCapMs = 2_500
/** For devices that hang, or whose key nobody knows. */
export const slowMs = 5 * 60_000
const inRow = 3
/** R-L3: so many unreadable frames in a minute. */
const badAtMost = 5
const badWithinMs = 60_000
const badPauseMs = 60_000

export interface Verdict {
  readonly pauseMs: number
  /** A public word. */
  readonly reason: string
  /** It is not waited for news of the device alone; the try would do harm or no good. */
  readonly isSlow: boolean
}

/** How long until the next try of one device, and what its trouble is called. Knows no clock: times are handed in. */
export class Patience {
  readonly #random: Random
  #delays: Generator<number, never, void>
  #downSince: number | undefined
  /** In a row: ends that may be the key's fault, ends before any byte, silences. */
  #suspects = 0
  #refusals = 0
  #silences = 0
  #badAt: number[] = []

  constructor(random: Random) {
    this.#random = random
    this.#delays = this.#fresh()
  }

  /** Neither key nor version are the right ones, as it seems. */
  get doubtsVersion(): boolean {
    return this.#suspects >= inRow || this.#silences >= inRow
  }

  get keyMismatch(): boolean {
    return this.#suspects >= inRow
  }

  /** The last one ended before the device said anything: it may not have listened either. */
  get shouldListen(): boolean {
    return this.#refusals + this.#suspects > 0
  }

  /** The device has proved itself; 3.1 does so without its key. */
  proved(byKey: boolean): void {
    if (byKey) this.#suspects = 0
    this.#refusals = this.#silences = 0
    this.#downSince = undefined
  }

  /** Whatever went wrong had to do with what was just changed. */
  forget(): void {
    this.proved(true)
    this.#delays = this.#fresh()
  }

  /** A frame could not be read. */
  bad(now: number): void {
    this.#badAt = [...this.#badAt, now].slice(-badAtMost)
  }

  /** A whole round of versions was tried for nothing. */
  searched(wasSuspect: boolean): void {
    if (wasSuspect) this.#suspects = Math.max(this.#suspects, inRow)
  }

  /** `upMs`: for how long the device was there; undefined when it did not prove itself. */
  after({ end }: LanLinkError, upMs: number | undefined, now: number): Verdict {
    if ((upMs ?? 0) >= healthyMs) this.#delays = this.#fresh()
    if (upMs === undefined || end === 'key') this.#count(end)
    this.#downSince ??= now
    const reason = this.#reason(end)
    if (reason === 'wedged' || reason === 'key-mismatch')
      return { pauseMs: this.#spread(slowMs), reason, isSlow: true }
    if (this.#badAt.length === badAtMost && now - (this.#badAt[0] ?? 0) < badWithinMs) {
      this.#badAt = []
      return { pauseMs: badPauseMs, reason: end === 'key' ? reason : 'protocol', isSlow: true }
    }
    const isAway = (end === 'unreachable' || end === 'timeout') && now - this.#downSince < awayMs
    const pauseMs = this.#delays.next().value
    return {
      pauseMs: Math.max(betweenMs, isAway ? Math.min(pauseMs, awayCapMs) : pauseMs),
      reason,
      isSlow: false,
    }
  }

  /** Whoever is away says nothing about anything else. */
  #count(end: LanEnd): void {
    if (end === 'unreachable') return
    this.#suspects = end === 'key' ? this.#suspects + 1 : 0
    this.#refusals = end === 'refused' ? this.#refusals + 1 : 0
    this.#silences = end === 'timeout' ? this.#silences + 1 : 0
  }

  #reason(end: LanEnd): string {
    if (end === 'refused' && this.#refusals >= inRow) return 'wedged'
    if (end === 'key') return this.keyMismatch ? 'key-mismatch' : 'refused'
    return end
  }

  #spread(ms: number): number {
    return Math.round(ms * (0.9 + 0.2 * this.#random()))
  }

  #fresh(): Generator<number, never, void> {
    return backoff({ baseMs: 1_000, capMs }, this.#random)
  }
}
