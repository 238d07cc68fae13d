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

/** The subject of the project's own tokens; app users are told by their uid. */
const project = ''

/** One living token pair per subject: asking again shows the same pair with less time, refreshing kills it. */
export class Tokens {
  readonly #clock: Clock
  readonly #random: Random
  readonly #seconds: () => number
  readonly #uid: string
  readonly #pairs = new Map<string, Pair>()
  /** Pairs that were made. */
  made = 0

  constructor(clock: Clock, random: Random, seconds: () => number, accessId: string) {
    this.#clock = clock
    this.#random = random
    this.#seconds = seconds
    this.#uid = `bay${createHash('sha256').update(accessId).digest('hex').slice(0, 17)}`
  }

  get(): TokenReply {
    return this.#livingOf(project)
  }

  /** The pair of an app user. */
  login(uid: string): TokenReply {
    return this.#livingOf(uid)
  }

  refresh(token: string): TokenReply {
    const subject = this.#subjectOf((pair) => pair.refresh === token)
    if (subject === undefined) throw new Refusal(1010, 'token invalid')
    return this.#make(subject)
  }

  /** The uid of the app user whose token it is; undefined for the project. */
  check(access: string): string | undefined {
    if (access === '') throw new Refusal(1002, 'access_token is empty')
    const subject = this.#subjectOf((pair) => pair.access === access && this.#lives(pair))
    if (subject === undefined) throw new Refusal(1010, 'token invalid')
    return subject === project ? undefined : subject
  }

  /** The project's pair ends now; it can still be refreshed. */
  expire(): void {
    const pair = this.#pairs.get(project)
    if (pair) this.#pairs.set(project, { ...pair, expiresAt: this.#clock.monotonic() })
  }

  /** As if another program of the same project had refreshed. */
  refreshElsewhere(): void {
    this.#make(project)
  }

  #subjectOf(fits: (pair: Pair) => boolean): string | undefined {
    for (const [subject, pair] of this.#pairs) if (fits(pair)) return subject
    return undefined
  }

  #lives(pair: Pair): boolean {
    return this.#clock.monotonic() < pair.expiresAt
  }

  #livingOf(subject: string): TokenReply {
    const pair = this.#pairs.get(subject)
    return pair && this.#lives(pair) ? this.#show(subject, pair) : this.#make(subject)
  }

  #make(subject: string): TokenReply {
    const text = () => Array.from({ length: 32 }, () => Math.floor(this.#random() * 16).toString(16)).join('')
    const pair = {
      access: text(),
      refresh: text(),
      expiresAt: this.#clock.monotonic() + this.#seconds() * 1000,
    }
    this.#pairs.set(subject, pair)
    this.made++
    return this.#show(subject, pair)
  }

  #show(subject: string, pair: Pair): TokenReply {
    const left = Math.max(0, Math.ceil((pair.expiresAt - this.#clock.monotonic()) / 1000))
    const uid = subject === project ? this.#uid : subject
    return { access_token: pair.access, refresh_token: pair.refresh, expire_time: left, uid }
  }
}
