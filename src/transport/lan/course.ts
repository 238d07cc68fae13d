import type { LanVersion } from '../../codec/lan/version.ts'
import type { Random } from '../../util/random.ts'
import type { LanDevice, Proposal } from './device.ts'
import type { LanLinkError } from './link-error.ts'
import { betweenMs, Patience } from './patience.ts'
import { VersionSearch } from './version-search.ts'
import { isSame, type Whereabouts, WhereaboutsBook } from './whereabouts.ts'

export interface NextTry {
  readonly where: Whereabouts
  readonly version: LanVersion
  /** It may be the wrong version. */
  readonly isSearch: boolean
  /** The last one ended without a word: who closes unasked has no room for us. */
  readonly listens: boolean
}

export interface Setback {
  readonly pauseMs: number
  /** A public word. */
  readonly reason: string
  readonly wantsKey: boolean
}

/** A device that calls brings its next try forward, but not more often than that. */
const broughtForwardMs = 5_000
/** R-L4: whoever asks the cloud for keys does so rarely. */
const keyWantedMs = 30 * 60_000

/** When and where one device is tried next, and in which version. Knows no clock: times are handed in. */
export class Course {
  readonly #places = new WhereaboutsBook()
  readonly #search = new VersionSearch()
  readonly #patience: Patience
  #device: LanDevice
  #dueAt: number
  /** R-L1: not before, whoever calls. */
  #earliestAt = Number.NEGATIVE_INFINITY
  #isSlow = false
  #isUrgent = false
  #broughtAt = Number.NEGATIVE_INFINITY
  #keyWantedAt = Number.NEGATIVE_INFINITY

  constructor(device: LanDevice, random: Random, dueAt: number) {
    this.#patience = new Patience(random)
    this.#places.configure(device)
    this.#device = device
    this.#dueAt = dueAt
  }

  /** The version that was proved last, or what is known of it otherwise. */
  get version(): LanVersion | null {
    return this.#places.version
  }

  /** The device itself has called. */
  get isUrgent(): boolean {
    return this.#isUrgent
  }

  get hasPlace(): boolean {
    return this.#places.next !== undefined
  }

  waitMs(now: number): number {
    const isToSearch = this.#places.next?.version === null && !this.#search.isOn
    const searchMs = isToSearch ? this.#search.waitMs(now) : 0
    return Math.max(this.#dueAt - now, this.#earliestAt - now, searchMs)
  }

  /** What the application says; `isNews`: it is not what was found out here. */
  configure(device: LanDevice, isNews: boolean): void {
    if (isNews || !this.#isConfigured(device)) this.#places.configure(device)
    this.#device = device
  }

  #isConfigured({ address, version }: LanDevice): boolean {
    const { address: was, version: spoke } = this.#device
    return isSame(address, was) && version === spoke
  }

  /** Everything that went wrong belongs to the past: the next try is due. */
  afresh(now: number): void {
    this.#patience.forget()
    this.#search.stop()
    this.#bringForward(now)
  }

  /** Where the device is said to be; true when that brings its next try forward. */
  propose(proposal: Proposal, isBusy: boolean, now: number): boolean {
    const isNews = this.#places.propose(proposal)
    // Who hangs or has another key is no better off for having called; it may be somewhere else, though.
    if (isBusy || (this.#isSlow && !isNews) || now - this.#broughtAt < broughtForwardMs) return false
    this.#broughtAt = now
    this.#isUrgent = true
    this.#bringForward(now)
    return true
  }

  /** Undefined: nobody has said where it is. */
  next(now: number): NextTry | undefined {
    const where = this.#places.next
    if (!where) return undefined
    this.#isUrgent = false
    if (where.version === null && !this.#search.isOn) this.#search.begin(null, now)
    const isSearch = this.#search.version !== undefined
    const version = this.#search.version ?? where.version ?? '3.3'
    return { where, version, isSearch, listens: this.#patience.shouldListen && !isSearch }
  }

  /** A frame could not be read. */
  bad(now: number): void {
    this.#patience.bad(now)
  }

  proved({ where, version }: NextTry): void {
    this.#search.callOff()
    this.#patience.proved(version !== '3.1')
    this.#places.proved(where, version)
  }

  /** The end of a connection that was ours to end; the next one is due. */
  left(now: number): void {
    this.#earliestAt = now + betweenMs
    this.#dueAt = now
  }

  /** `upMs`: for how long the device was there; undefined when it did not prove itself. */
  failed(error: LanLinkError, upMs: number | undefined, now: number): Setback | 'searching' {
    this.#earliestAt = now + betweenMs
    if (upMs === undefined && this.#searched(error, now)) return 'searching'
    if (upMs === undefined) this.#places.failed()
    const { pauseMs, reason, isSlow } = this.#patience.after(error, upMs, now)
    this.#isSlow = isSlow
    this.#dueAt = this.#device.sleeps && !isSlow ? Number.POSITIVE_INFINITY : now + pauseMs
    if (this.#patience.doubtsVersion && this.#search.waitMs(now) === 0) {
      // Firmware may have changed it.
      this.#search.begin(this.#places.version, now)
      this.#dueAt = now
    }
    return {
      pauseMs: this.waitMs(now),
      reason,
      wantsKey: this.#patience.keyMismatch && this.#mayWantKey(now),
    }
  }

  #bringForward(now: number): void {
    this.#dueAt = now
    this.#isSlow = false
  }

  /** One version of several was tried for nothing; says whether there are others. */
  #searched(error: LanLinkError, now: number): boolean {
    if (!this.#search.isOn) return false
    // Nobody was there to tell versions apart.
    if (error.end === 'unreachable') this.#search.callOff()
    else if (error.end === 'refused') this.#search.stop()
    if (!this.#search.isOn) return false
    this.#search.failed(error.end === 'key')
    this.#dueAt = now
    if (this.#search.isOn) return true
    this.#patience.searched(this.#search.wasSuspect)
    return false
  }

  #mayWantKey(now: number): boolean {
    if (now - this.#keyWantedAt < keyWantedMs) return false
    this.#keyWantedAt = now
    return true
  }
}
