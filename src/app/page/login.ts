import { createHash, randomBytes } from 'node:crypto'
import { AttemptLimit } from '../../util/attempt-limit.ts'
import { BoundedMap } from '../../util/bounded-map.ts'
import type { Clock } from '../../util/clock.ts'
import { hashPassword, verifyPassword } from '../../util/password.ts'
import type { Config } from '../config-types.ts'

type Settings = Pick<Config['http'], 'password' | 'passwordHash'>

export function hasPassword({ password, passwordHash }: Settings): boolean {
  return password !== null || passwordHash !== null
}

const sessionsKept = 64
/** A week, whether or not it is used. */
export const sessionMs = 7 * 24 * 3_600_000
/** Hashing takes a processor for a moment: so many may wait for it, from wherever they come. */
const waitingAtMost = 16

export type LoginEnd = { readonly session: string } | { readonly refused: 'wrong' | 'too-often' }

/** The password of the page, and who has said it. Sessions are kept as hashes only, and end with the process. */
export class Login {
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #limit: AttemptLimit
  readonly #sessions = new BoundedMap<string, number>(sessionsKept)
  #hash: Promise<string> | undefined
  #waiting = 0

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
    this.#limit = new AttemptLimit(clock)
  }

  get needed(): boolean {
    return hasPassword(this.#settings)
  }

  /** A new session for the right password; `address` is where the try comes from (R-E6). */
  async tryPassword(password: string, address: string): Promise<LoginEnd> {
    if (this.#waiting >= waitingAtMost) return { refused: 'too-often' }
    this.#waiting++
    try {
      return await this.#limit.inTurn(address, () => this.#try(password, address))
    } finally {
      this.#waiting--
    }
  }

  isSignedIn(session: string | undefined): boolean {
    if (session === undefined) return false
    const key = keyOf(session)
    const until = this.#sessions.get(key)
    if (until === undefined) return false
    if (until > this.#clock.monotonic()) return true
    this.#sessions.delete(key)
    return false
  }

  signOut(session: string): void {
    this.#sessions.delete(keyOf(session))
  }

  /** The password is another one: nobody is signed in any more. */
  renew(): void {
    this.#hash = undefined
    for (const [key] of [...this.#sessions.entries()]) this.#sessions.delete(key)
  }

  async #try(password: string, address: string): Promise<LoginEnd> {
    if (this.#limit.isRefused(address)) return { refused: 'too-often' }
    const hash = this.#passwordHash()
    const isRight = this.needed && (await verifyPassword(password, await hash))
    // Looking takes time: the password may be another one by now.
    if (!isRight || hash !== this.#hash) {
      this.#limit.failed(address)
      return { refused: 'wrong' }
    }
    const session = randomBytes(32).toString('base64url')
    this.#sessions.set(keyOf(session), this.#clock.monotonic() + sessionMs)
    return { session }
  }

  #passwordHash(): Promise<string> {
    const { password, passwordHash } = this.#settings
    this.#hash ??=
      passwordHash === null ? hashPassword(password?.reveal() ?? '') : Promise.resolve(passwordHash)
    return this.#hash
  }
}

function keyOf(session: string): string {
  return createHash('sha256').update(session).digest('base64')
}
