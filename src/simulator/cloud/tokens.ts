import { createHash } from 'node:crypto'
import type { Clock } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import { Refusal } from './refusal.ts'

interface Pair {
  readonly access: string
  readonly refresh: string
  readonly expiresAt: number
}

export interface TokenReply {
  readonly access_token: string
  readonly refresh_token: string
  readonly expire_time: number
  readonly uid: string
}

/** One living token pair per project: asking again shows the same pair with less time, refreshing kills it. */
export class Tokens {
  readonly #clock: Clock
  readonly #random: Random
  readonly #seconds: () => number
  readonly #uid: string
  #pair: Pair | undefined
  #lastRefresh: string | undefined
  /** Pairs that were made. */
  made = 0

  constructor(clock: Clock, random: Random, seconds: () => number, accessId: string) {
    this.#clock = clock
    this.#random = random
    this.#seconds = seconds
    this.#uid = `bay${createHash('sha256').update(accessId).digest('hex').slice(0, 17)}`
  }

  get(): TokenReply {
    if (!this.#pair || this.#clock.monotonic() >= this.#pair.expiresAt) this.#make()
    return this.#show()
  }

  refresh(token: string): TokenReply {
    if (token !== this.#lastRefresh) throw new Refusal(1010, 'token invalid')
    this.#make()
    return this.#show()
  }

  check(access: string): void {
    if (access === '') throw new Refusal(1002, 'access_token is empty')
    const living = this.#pair && this.#clock.monotonic() < this.#pair.expiresAt
    if (!living || access !== this.#pair?.access) throw new Refusal(1010, 'token invalid')
  }

  /** The pair ends now; it can still be refreshed. */
  expire(): void {
    if (this.#pair) this.#pair = { ...this.#pair, expiresAt: this.#clock.monotonic() }
  }

  /** As if another program of the same project had refreshed. */
  refreshElsewhere(): void {
    this.#make()
  }

  #make(): void {
    const text = () => Array.from({ length: 32 }, () => Math.floor(this.#random() * 16).toString(16)).join('')
    this.#pair = {
      access: text(),
      refresh: text(),
      expiresAt: this.#clock.monotonic() + this.#seconds() * 1000,
    }
    this.#lastRefresh = this.#pair.refresh
    this.made++
  }

  #show(): TokenReply {
    const pair = this.#pair as Pair
    const left = Math.max(0, Math.ceil((pair.expiresAt - this.#clock.monotonic()) / 1000))
    return { access_token: pair.access, refresh_token: pair.refresh, expire_time: left, uid: this.#uid }
  }
}
