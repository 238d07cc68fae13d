import { createHash } from 'node:crypto'
import type { Clock } from '../../util/clock.ts'
import { type Random, randomText } from '../../util/random.ts'

/** What a client needs to listen at the platform's message service. */
export interface PushGrant {
  readonly clientId: string
  readonly username: string
  readonly password: string
  readonly topic: string
  readonly uid: string
  readonly version: string
  readonly expiresAt: number
}

const lifeMs = 7_200_000
const grantsKept = 200

/** Who may listen: one grant for each account and link; asking again renews it. */
export class PushAccess {
  readonly #clock: Clock
  readonly #random: Random
  readonly #grants = new Map<string, PushGrant>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  static readonly lifeSeconds = lifeMs / 1000

  grant(uid: string, linkId: string, version: string): PushGrant {
    const identity = createHash('md5').update(`${uid} ${linkId}`).digest('hex')
    const grant = {
      clientId: `cloud_${identity}`,
      username: `cloud_${identity}_1`,
      password: createHash('md5').update(randomText(this.#random, 32)).digest('hex'),
      topic: `cloud/token/in/${identity}`,
      uid,
      version,
      expiresAt: this.#clock.monotonic() + lifeMs,
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
