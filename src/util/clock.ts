import { abortReason } from './signal.ts'

export interface Timer {
  cancel(): void
}

/** All time comes from here, so that tests can compress it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. May jump. */
  now(): number
  /** Milliseconds that never jump; for deadlines and durations. */
  monotonic(): number
  /** Runs once after `ms`; a cancelled timer never runs. */
  after(ms: number, run: () => void): Timer
}

/** setTimeout wraps around above 2^31-1 ms and fires at once. */
const longestTimerMs = 2_147_483_647

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const handle = setTimeout(run, Math.min(Math.max(ms, 0), longestTimerMs))
    return { cancel: () => clearTimeout(handle) }
  },
}

/** Waits; rejects at once with the signal's reason when it aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortReason(signal))
      return
    }
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = () => {
      timer.cancel()
      reject(abortReason(signal as AbortSignal))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** Runs `run` every `ms` until cancelled; the next period starts when the last run has returned. */
export function every(clock: Clock, ms: number, run: () => void): Timer {
  let timer = clock.after(ms, tick)
  let cancelled = false
  function tick() {
    run()
    if (!cancelled) timer = clock.after(ms, tick)
  }
  return {
    cancel() {
      cancelled = true
      timer.cancel()
    },
  }
}

/** A signal that aborts after `ms` on the given clock, and a way to let it go early. */
export function deadline(
  clock: Clock,
  ms: number,
  reason: () => Error,
): { signal: AbortSignal; cancel(): void } {
  const controller = new AbortController()
  const timer = clock.after(ms, () => controller.abort(reason()))
  return { signal: controller.signal, cancel: () => timer.cancel() }
}
