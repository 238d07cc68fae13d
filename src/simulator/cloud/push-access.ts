import { createHash } from 'node:crypto'
import type { OpenHubVersion } from '../../codec/queue/open-hub.ts'
import type { Clock } from '../../util/clock.ts'
import { type Random, randomText } from '../../util/random.ts'

/** What a client needs to listen at the platform's message service. */
export interface PushGrant {
  readonly clientId: string
  readonly username: string
  readonly password: string
  readonly topic: string
  readonly uid: string
  readonly version: OpenHubVersion
  /** On the clock that never jumps. */
  readonly expiresAt: number
}

const grantsKept = 200

/** Who may listen: one grant for each account and link; asking again renews it. */
export class PushAccess {
  readonly #clock: Clock
  readonly #random: Random
  readonly #seconds: () => number
  readonly #grants = new Map<string, PushGrant>()
  /** Where the message service listens, once it does. */
  url: string | undefined

  /** `seconds` is how long a grant that is made now is good for. */
  constructor(clock: Clock, random: Random, seconds: () => number) {
    this.#clock = clock
    this.#random = random
    this.#seconds = seconds
  }

  get lifeSeconds(): number {
    return this.#seconds()
  }

  grant(uid: string, linkId: string, version: OpenHubVersion): PushGrant {
    const identity = createHash('md5').update(`${uid} ${linkId}`).digest('hex')
    const grant = {
      clientId: `cloud_${identity}`,
      username: `cloud_${identity}_1`,
      password: createHash('md5').update(randomText(this.#random, 32)).digest('hex'),
      topic: `cloud/token/in/${identity}`,
      uid,
      version,
      expiresAt: this.#clock.monotonic() + this.#seconds() * 1000,
    }
    this.#grants.delete(grant.clientId)
    this.#grants.set(grant.clientId, grant)
    if (this.#grants.size > grantsKept) this.#grants.delete(this.#grants.keys().next().value as string)
    return grant
  }

  /** The living grant of a client. */
  of(clientId: string): PushGrant | undefined {
    const grant = this.#grants.get(clientId)
    return grant && this.#clock.monotonic() < grant.expiresAt ? grant : undefined
  }
}
