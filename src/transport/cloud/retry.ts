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
  return (next) => async (request) => {
    const delays = backoff({ baseMs: 1_000, capMs: 5_000, floor: 0.25 }, random)
    for (let attempt = 1; ; attempt++) {
      try {
        return await next(request)
      } catch (thrown) {
        if (attempt >= tries || !mayRepeat(request, thrown, attempt)) throw thrown
        await sleep(clock, delays.next().value, request.signal)
      }
    }
  }
}

function mayRepeat(request: CloudRequest, thrown: unknown, attempt: number): boolean {
  if (!(thrown instanceof CloudError)) return false
  if (thrown.kind === 'undelivered') return attempt === 1
  if (request.operation.repeatable) return thrown.kind === 'transient' || thrown.kind === 'throttled'
  return thrown.kind === 'transient' && thrown.outcome === 'not-sent'
}
