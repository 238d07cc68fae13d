import { backoff } from '../../util/backoff.ts'
import { type Clock, sleep } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import { CloudError, type CloudRequest, type Layer } from './layer.ts'

const tries = 3

/**
 * R-C4, R-C5: repeatable calls go out up to three times; others again only when no byte of them left, or when the
 * cloud itself says that it did not deliver. The wait between tries obeys the caller's signal.
 */
export function retryLayer(clock: Clock, random: Random): Layer {
  /** A write that is given up between two tries ends as its last try did: nobody has to wonder what it did. */
  const pause = async (request: CloudRequest, ms: number, failure: unknown): Promise<void> => {
    try {
      await sleep(clock, ms, request.signal)
    } catch (givenUp) {
      throw request.operation.repeatable ? givenUp : failure
    }
  }
  return (next) => async (request) => {
    const delays = backoff({ baseMs: 1_000, capMs: 5_000, floor: 0.25 }, random)
    for (let attempt = 1; ; attempt++) {
      try {
        return await next(request)
      } catch (thrown) {
        if (attempt >= tries || !mayRepeat(request, thrown, attempt)) throw thrown
        await pause(request, delays.next().value, thrown)
      }
    }
  }
}

function mayRepeat(request: CloudRequest, thrown: unknown, attempt: number): boolean {
  if (!(thrown instanceof CloudError)) return false
  if (thrown.kind === 'undelivered') return attempt === 1 && !request.once
  if (request.operation.repeatable) return thrown.kind === 'transient' || thrown.kind === 'throttled'
  return thrown.kind === 'transient' && thrown.outcome === 'not-sent'
}
