import { tokenGet } from '../../codec/cloud/operation/token-get.ts'
import { tokenRefresh } from '../../codec/cloud/operation/token-refresh.ts'
import { conform } from '../../codec/cloud/schema.ts'
import { readToken, type Token, tokenSchema, type WireToken } from '../../codec/cloud/shape.ts'
import type { Clock } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import { Secret } from '../../util/secret.ts'
import { orAborted } from '../../util/signal.ts'
import { CloudError, type CloudRequest, type Handler, isCloudError, type Layer } from './layer.ts'

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
  #refusals = 0
  #blockedMs = 0
  #blockedUntil = Number.NEGATIVE_INFINITY

  constructor(parts: TokenParts) {
    this.#parts = parts
  }

  /** The token to use now; `signal` gives up the waiting, not the fetch. */
  async current(signal: AbortSignal): Promise<LiveToken> {
    const now = this.#parts.clock.monotonic()
    if (this.#held && now < this.#held.renewAt) return this.#held
    if (now < this.#blockedUntil) {
      const minutes = Math.ceil((this.#blockedUntil - now) / 60_000)
      throw new CloudError(
        'blocked',
        'not-sent',
        `Two fresh tokens were refused; the next try is in ${minutes} min. Another program may use the same access id.`,
        { code: 'cloud/token-invalid', retry: 'after-login' },
      )
    }
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined
    })
    return orAborted(this.#fetching, signal)
  }

  /** The cloud refused the token of this generation; a newer one stays. */
  refuse(generation: number): void {
    if (this.#held?.generation === generation) this.#held = undefined
  }

  /** A call with a fresh token was refused as well. */
  refusedTwice(): void {
    this.#refusals++
    if (this.#refusals < authBreaker.refusalsInRow) return
    this.#blockedMs =
      this.#blockedMs === 0 ? authBreaker.firstMs : Math.min(authBreaker.longestMs, this.#blockedMs * 2)
    this.#blockedUntil = this.#parts.clock.monotonic() + this.#blockedMs
    this.#held = undefined
  }

  accepted(): void {
    this.#refusals = 0
    this.#blockedMs = 0
  }

  async #fetch(): Promise<Held> {
    const old = this.#held
    const { clock, random } = this.#parts
    const token = old && clock.monotonic() < old.expiresAt ? await this.#renew(old) : await this.#get()
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
  async #renew(old: Held): Promise<Token> {
    try {
      return await this.#call(tokenRefresh, { refresh_token: old.refresh.reveal() })
    } catch (thrown) {
      if (thrown instanceof CloudError && thrown.outcome === 'refused' && thrown.kind !== 'throttled')
        return this.#get()
      throw thrown
    }
  }

  #get(): Promise<Token> {
    return this.#call(tokenGet, { grant_type: 1 })
  }

  async #call(
    operation: typeof tokenGet | typeof tokenRefresh,
    args: Readonly<Record<string, unknown>>,
  ): Promise<Token> {
    const { call, signal } = this.#parts
    const { result } = await call({ operation, args, priority: 'token', signal })
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

/** Gives each call its token; a token error is healed once, out of the caller's sight. */
export function tokenLayer(keeper: TokenKeeper): Layer {
  return (next) => {
    const attempt = async (request: CloudRequest, token: LiveToken) => {
      const reply = await next({ ...request, accessToken: token.access })
      keeper.accepted()
      return reply
    }
    return async (request) => {
      const first = await keeper.current(request.signal)
      try {
        return await attempt(request, first)
      } catch (thrown) {
        if (!isCloudError(thrown, 'auth')) throw thrown
        keeper.refuse(first.generation)
      }
      const second = await keeper.current(request.signal)
      try {
        return await attempt(request, second)
      } catch (thrown) {
        if (isCloudError(thrown, 'auth')) {
          keeper.refuse(second.generation)
          keeper.refusedTwice()
        }
        throw thrown
      }
    }
  }
}
