import { tokenGet } from '../../codec/cloud/operation/token-get.ts'
import { tokenRefresh } from '../../codec/cloud/operation/token-refresh.ts'
import { conform } from '../../codec/cloud/schema.ts'
import { readToken, type Token, tokenSchema, type WireToken } from '../../codec/cloud/shape.ts'
import type { Clock } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import { Secret } from '../../util/secret.ts'
import { abortReason, orAborted } from '../../util/signal.ts'
import {
  answers,
  CloudError,
  type CloudRequest,
  type Handler,
  isCloudError,
  type Layer,
  neverLeft,
} from './layer.ts'

/** A token and which fetch brought it; a refused token invalidates its own generation only. */
export interface LiveToken {
  readonly access: Secret
  readonly generation: number
}

interface Held extends LiveToken {
  readonly refresh: Secret
  readonly expiresAt: number
  readonly renewAt: number
}

export interface TokenParts {
  readonly call: Handler
  readonly clock: Clock
  readonly random: Random
  /** Told of every token before its first use, so that no log can show it. */
  readonly learn: (secret: Secret) => void
  /** The life of the client. */
  readonly signal: AbortSignal
}

const renewBeforeMs = { least: 60_000, most: 90_000 }
const authBreaker = { firstMs: 300_000, longestMs: 3_600_000, refusalsInRow: 2 }
/** A renewal that failed is tried again this much later, while the pair still lives. */
const renewAgainMs = 15_000

/**
 * R-C2: the one owner of the token pair. All callers wait for the same fetch. A living pair is exchanged shortly
 * before its end; a refused one is fetched anew, which answers the pair that another process may have made meanwhile
 * instead of fighting it.
 */
export class TokenKeeper {
  readonly #parts: TokenParts
  #held: Held | undefined
  #fetching: Promise<Held> | undefined
  #generation = 0
  /** The last generation that the cloud took; a younger one is fresh. */
  #proven = 0
  /** Fresh tokens refused in a row. */
  #refusals = 0
  #blockedMs = 0
  #blockedUntil = Number.NEGATIVE_INFINITY

  constructor(parts: TokenParts) {
    this.#parts = parts
  }

  /** There is a pair whose end has not come. */
  get alive(): boolean {
    return this.#lives(this.#held)
  }

  /** The auth breaker is open: no call may ask. */
  get blocked(): boolean {
    return this.#parts.clock.monotonic() < this.#blockedUntil
  }

  /** The token to use now. The caller's signal gives up the waiting, not the fetch. */
  async current({
    signal,
    priority,
    urgent = false,
  }: Pick<CloudRequest, 'signal' | 'priority' | 'urgent'>): Promise<LiveToken> {
    if (this.#held && this.#parts.clock.monotonic() < this.#held.renewAt) return this.#held
    if (this.blocked) throw this.#refusal()
    this.#fetching ??= this.#fetch(urgent || priority === 'command').finally(() => {
      this.#fetching = undefined
    })
    try {
      return await orAborted(this.#fetching, signal)
    } catch (thrown) {
      throw signal.aborted ? neverLeft(abortReason(signal), 'a token') : withoutToken(thrown)
    }
  }

  /** The cloud refused the token of this generation; a newer one stays. */
  refuse(generation: number): void {
    if (this.#held?.generation !== generation) return
    this.#held = undefined
    if (generation === this.#proven) return
    this.#refusals++
    if (this.#refusals < authBreaker.refusalsInRow) return
    this.#blockedMs =
      this.#blockedMs === 0 ? authBreaker.firstMs : Math.min(authBreaker.longestMs, this.#blockedMs * 2)
    this.#blockedUntil = this.#parts.clock.monotonic() + this.#blockedMs
  }

  /** The cloud took the token of this generation. */
  accepted(generation: number): void {
    if (this.#held?.generation !== generation) return
    this.#proven = generation
    this.#refusals = 0
    this.#blockedMs = 0
  }

  #refusal(): CloudError {
    const minutes = Math.ceil((this.#blockedUntil - this.#parts.clock.monotonic()) / 60_000)
    return new CloudError(
      'blocked',
      'not-sent',
      `Two fresh tokens were refused; the next try is in ${minutes} min. Another program may use the same access id.`,
      { code: 'cloud/token-invalid', retry: 'after-login' },
    )
  }

  async #fetch(urgent: boolean): Promise<Held> {
    const old = this.#held
    if (!this.#lives(old)) return this.#hold(await this.#get(urgent))
    try {
      return this.#hold(await this.#renew(old, urgent))
    } catch (thrown) {
      // The pair is renewed early so that trouble on the way may pass while it still lives.
      const passing = isCloudError(thrown, 'transient', 'throttled', 'blocked')
      if (!passing || this.#held !== old || !this.#lives(old)) throw thrown
      this.#held = { ...old, renewAt: this.#parts.clock.monotonic() + renewAgainMs }
      return this.#held
    }
  }

  #lives(held: Held | undefined): held is Held {
    return held !== undefined && this.#parts.clock.monotonic() < held.expiresAt
  }

  #hold(token: Token): Held {
    const { clock, random } = this.#parts
    const [access, refresh] = [new Secret(token.accessToken), new Secret(token.refreshToken)]
    this.#parts.learn(access)
    this.#parts.learn(refresh)
    const now = clock.monotonic()
    const early = renewBeforeMs.least + random() * (renewBeforeMs.most - renewBeforeMs.least)
    this.#held = {
      access,
      refresh,
      generation: ++this.#generation,
      expiresAt: now + token.lifetimeMs,
      // A very short life (a test's, or the rest of a living pair's) is used to its half.
      renewAt: now + Math.max(token.lifetimeMs - early, token.lifetimeMs / 2),
    }
    return this.#held
  }

  /** A refresh that fails for whatever reason of the token is answered with a new one. */
  async #renew(old: Held, urgent: boolean): Promise<Token> {
    try {
      return await this.#call(tokenRefresh, { refresh_token: old.refresh.reveal() }, urgent)
    } catch (thrown) {
      const ofAllCalls = isCloudError(thrown, 'throttled', 'quota')
      if (isCloudError(thrown) && thrown.outcome === 'refused' && !ofAllCalls) return this.#get(urgent)
      throw thrown
    }
  }

  #get(urgent: boolean): Promise<Token> {
    return this.#call(tokenGet, { grant_type: 1 }, urgent)
  }

  async #call(
    operation: typeof tokenGet | typeof tokenRefresh,
    args: Readonly<Record<string, unknown>>,
    urgent: boolean,
  ): Promise<Token> {
    const { call, signal } = this.#parts
    const { result } = await call({ operation, args, priority: 'token', signal, urgent })
    const fitting = conform(tokenSchema, result)
    if (!fitting.ok)
      throw new CloudError(
        'transient',
        'unknown',
        'The cloud’s answer to the token call has an unknown form.',
      )
    return readToken(fitting.value as WireToken)
  }
}

/** Whatever became of the token call: the call that waited for it was not sent. */
function withoutToken(thrown: unknown): unknown {
  if (!isCloudError(thrown)) return thrown
  const { kind, message, code, retry, tuya } = thrown
  return new CloudError(kind, 'not-sent', message, { code, retry, cause: thrown, ...(tuya ? { tuya } : {}) })
}

/** Gives each call its token; a token error is healed once, out of the caller's sight. */
export function tokenLayer(keeper: TokenKeeper): Layer {
  return (next) => {
    const attempt = async (request: CloudRequest, token: LiveToken) => {
      try {
        const reply = await next({ ...request, accessToken: token.access })
        keeper.accepted(token.generation)
        return reply
      } catch (thrown) {
        if (isCloudError(thrown, ...answers)) keeper.accepted(token.generation)
        throw thrown
      }
    }
    return async (request) => {
      const first = await keeper.current(request)
      try {
        return await attempt(request, first)
      } catch (thrown) {
        if (!isCloudError(thrown, 'auth')) throw thrown
        keeper.refuse(first.generation)
      }
      const second = await keeper.current(request)
      try {
        return await attempt(request, second)
      } catch (thrown) {
        if (isCloudError(thrown, 'auth')) keeper.refuse(second.generation)
        throw thrown
      }
    }
  }
}
