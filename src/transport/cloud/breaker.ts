import type { Clock } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import { CloudError, type CloudRequest, isCloudError, type Layer } from './layer.ts'

const failuresInRow = 5
const windowMs = 30_000
const callsToJudge = 10
const firstOpenMs = 10_000
const longestOpenMs = 300_000
/** A waiting command brings the next probe forward to this long after the last try. */
const commandProbeMs = 30_000

export type BreakerStatus = 'closed' | 'open' | 'half-open'

/** How a call got through. While the breaker is not closed only the probe's end counts: others left before. */
export type Pass = 'call' | 'probe'

/** R-B2 for one class of calls. Pure but for the clock and chance that are handed in. */
export class Breaker {
  readonly #clock: Clock
  readonly #random: Random
  readonly #calls: { readonly at: number; readonly ok: boolean }[] = []
  #row = 0
  #openMs = 0
  #retryAt = 0
  #lastTry = Number.NEGATIVE_INFINITY
  #status: BreakerStatus = 'closed'
  #lastFailure = ''

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  get status(): BreakerStatus {
    return this.#status
  }

  get lastFailure(): string {
    return this.#lastFailure
  }

  /** Milliseconds until the next probe; 0 when calls may pass. */
  get waitMs(): number {
    return this.#status === 'closed' ? 0 : Math.max(0, this.#retryAt - this.#clock.monotonic())
  }

  /** Whether a call may go now; letting one through an open breaker makes it the probe. */
  admit(urgent: boolean): Pass | undefined {
    const now = this.#clock.monotonic()
    if (this.#status === 'half-open') return undefined
    if (this.#status === 'closed') {
      this.#lastTry = now
      return 'call'
    }
    const due = urgent ? Math.min(this.#retryAt, this.#lastTry + commandProbeMs) : this.#retryAt
    if (now < due) return undefined
    this.#status = 'half-open'
    this.#lastTry = now
    return 'probe'
  }

  succeeded(pass: Pass): void {
    if (this.#isLate(pass)) return
    if (pass === 'probe') this.#calls.length = 0
    else this.#note(true)
    this.#row = 0
    this.#openMs = 0
    this.#status = 'closed'
  }

  /** `why` is what the next refusal tells. */
  failed(pass: Pass, why = ''): void {
    if (this.#isLate(pass)) return
    this.#lastFailure = why
    this.#note(false)
    this.#row++
    if (pass === 'probe' || this.#row >= failuresInRow || this.#halfFailed()) this.#open()
  }

  /** A probe that ended without a verdict (given up, refused by us) leaves the breaker as it was before it. */
  unjudged(pass: Pass): void {
    if (pass === 'probe') this.#status = 'open'
  }

  #isLate(pass: Pass): boolean {
    return pass === 'call' && this.#status !== 'closed'
  }

  #open(): void {
    this.#openMs = this.#openMs === 0 ? firstOpenMs : Math.min(longestOpenMs, this.#openMs * 2)
    this.#retryAt = this.#clock.monotonic() + this.#openMs * (0.8 + 0.4 * this.#random())
    this.#status = 'open'
  }

  #note(ok: boolean): void {
    const now = this.#clock.monotonic()
    this.#calls.push({ at: now, ok })
    while (this.#calls.length > 1000 || (this.#calls[0] && this.#calls[0].at < now - windowMs))
      this.#calls.shift()
  }

  #halfFailed(): boolean {
    const bad = this.#calls.filter((call) => !call.ok).length
    return this.#calls.length >= callsToJudge && bad * 2 >= this.#calls.length
  }
}

export type CallClass = 'token' | 'command' | 'read'

export function classOf(request: CloudRequest): CallClass {
  if (request.priority === 'token') return 'token'
  return request.operation.method === 'GET' ? 'read' : 'command'
}

export type Breakers = Readonly<Record<CallClass, Breaker>>

/** Only the cloud's own trouble counts as failure; a refusal is an answer. */
export function breakerLayer(breakers: Breakers, onChange: () => void): Layer {
  return (next) => async (request) => {
    const breaker = breakers[classOf(request)]
    const before = breaker.status
    const pass = breaker.admit(request.priority === 'command' || request.urgent === true)
    if (pass === undefined) {
      const seconds = Math.ceil(breaker.waitMs / 1000)
      throw new CloudError('blocked', 'not-sent', `${breaker.lastFailure} The next try is in ${seconds} s.`, {
        code: 'cloud/unavailable',
      })
    }
    try {
      const reply = await next(request)
      breaker.succeeded(pass)
      return reply
    } catch (thrown) {
      if (isCloudError(thrown, 'transient')) breaker.failed(pass, thrown.message)
      else if (isCloudError(thrown) && thrown.kind !== 'budget' && thrown.kind !== 'blocked')
        breaker.succeeded(pass)
      else breaker.unjudged(pass)
      throw thrown
    } finally {
      if (breaker.status !== before) onChange()
    }
  }
}
