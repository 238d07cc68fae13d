import { backoff } from '../../util/backoff.ts'
import type { Clock, Timer } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import { abortReason } from '../../util/signal.ts'
import { CloudError, type CloudRequest, isCloudError, type Layer, neverLeft, priorities } from './layer.ts'

const waitingAtMost = 200
const itsTurn = 'its turn'

interface Waiter {
  readonly request: CloudRequest
  readonly go: () => void
  readonly fail: (reason: Error) => void
}

export interface PaceOptions {
  readonly perSecond: number
  readonly burst: number
  /** False: the rates that single operations publish are left out. */
  readonly perOperation?: boolean
}

/**
 * Lets calls through at the platform's pace: a bucket for all, one interval per operation that publishes a rate,
 * and a hold after the cloud asked for fewer calls. The more important waits shorter.
 */
export class Pacer {
  readonly #options: PaceOptions
  readonly #clock: Clock
  readonly #waiting: Waiter[] = []
  readonly #nextOf = new Map<string, number>()
  #tokens: number
  #filledMs: number
  #heldUntilMs = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined

  constructor(options: PaceOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#tokens = options.burst
    this.#filledMs = clock.monotonic()
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Nothing leaves for so long, whoever asks. */
  hold(ms: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#clock.monotonic() + ms)
  }

  /** Resolves when the call may go; rejects when it is refused or given up. */
  admit(request: CloudRequest): Promise<void> {
    if (request.signal.aborted) return Promise.reject(neverLeft(abortReason(request.signal), itsTurn))
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#remove(waiter)
        reject(neverLeft(abortReason(request.signal), itsTurn))
      }
      const settled = () => request.signal.removeEventListener('abort', onAbort)
      const waiter: Waiter = {
        request,
        go: () => {
          settled()
          resolve()
        },
        fail: (reason) => {
          settled()
          reject(reason)
        },
      }
      request.signal.addEventListener('abort', onAbort, { once: true })
      this.#enqueue(waiter)
      this.#release()
      this.#refuseLast()
    })
  }

  /** By priority, then by arrival. */
  #enqueue(waiter: Waiter): void {
    const rank = priorities.indexOf(waiter.request.priority)
    const at = this.#waiting.findIndex((other) => priorities.indexOf(other.request.priority) > rank)
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, waiter)
  }

  /** At the cap the least important last one is refused. */
  #refuseLast(): void {
    if (this.#waiting.length <= waitingAtMost) return
    this.#waiting.pop()?.fail(
      new CloudError('blocked', 'not-sent', `More than ${waitingAtMost} cloud calls are waiting.`, {
        code: 'command/busy',
      }),
    )
  }

  #remove(waiter: Waiter): void {
    const at = this.#waiting.indexOf(waiter)
    if (at >= 0) this.#waiting.splice(at, 1)
  }

  /** Lets go who may; one that waits for the rate of its own operation does not hold up the others. */
  #release(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    for (let i = 0; i < this.#waiting.length; ) {
      const waiter = this.#waiting[i] as Waiter
      if (this.#delay(waiter.request) > 0) {
        i++
        continue
      }
      this.#waiting.splice(i, 1)
      this.#take(waiter.request)
      waiter.go()
    }
    this.#schedule()
  }

  #schedule(): void {
    if (this.#waiting.length === 0) return
    const soonest = Math.min(...this.#waiting.map((waiter) => this.#delay(waiter.request)))
    this.#timer = this.#clock.after(Math.max(1, Math.ceil(soonest)), () => this.#release())
  }

  #delay(request: CloudRequest): number {
    const now = this.#clock.monotonic()
    this.#fill(now)
    const forBucket = this.#tokens >= 1 ? 0 : ((1 - this.#tokens) / this.#options.perSecond) * 1000
    const forOperation = (this.#nextOf.get(request.operation.id) ?? now) - now
    return Math.max(0, forBucket, forOperation, this.#heldUntilMs - now)
  }

  #take(request: CloudRequest): void {
    this.#tokens -= 1
    const { id, perSecond } = request.operation
    if (perSecond !== undefined && this.#options.perOperation !== false)
      this.#nextOf.set(id, this.#clock.monotonic() + 1000 / perSecond)
  }

  #fill(now: number): void {
    const gained = ((now - this.#filledMs) / 1000) * this.#options.perSecond
    this.#tokens = Math.min(this.#options.burst, this.#tokens + gained)
    this.#filledMs = now
  }
}

/** Waits for the pace, and slows it down when the cloud says so. */
export function paceLayer(pacer: Pacer, random: Random): Layer {
  let delays = backoff({ baseMs: 2_000, capMs: 60_000, floor: 0.5 }, random)
  return (next) => async (request) => {
    await pacer.admit(request)
    try {
      const reply = await next(request)
      delays = backoff({ baseMs: 2_000, capMs: 60_000, floor: 0.5 }, random)
      return reply
    } catch (thrown) {
      if (isCloudError(thrown, 'throttled')) pacer.hold(thrown.retryAfterMs ?? delays.next().value)
      throw thrown
    }
  }
}
