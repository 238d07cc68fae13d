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

export interface Deadline {
  readonly signal: AbortSignal
  /** Lets it go: from now on nothing aborts it but `end`. */
  cancel(): void
  /** Aborts it now, and lets it go. */
  end(reason: Error): void
}

/** A command takes two, and making one takes tens of microseconds when nothing ran for a while. */
const sparesAtMost = 2
const spares: AbortController[] = []
/** What waits for it waits for the end of this turn; queueMicrotask() does the same, and takes longer. */
const turn = Promise.resolve()

/** With its signal, which is what takes long. */
function newController(): AbortController {
  const controller = new AbortController()
  void controller.signal
  return controller
}

/**
 * A signal that aborts after `ms` on the given clock, or with its parent if that aborts before. One controller for
 * both, as AbortSignal.any takes several times as long. It begins to watch at the end of this turn: a command is on its
 * way by then, and need not wait for what is only looked at when something goes wrong.
 */
export function deadline(clock: Clock, ms: number, reason: () => Error, parent?: AbortSignal): Deadline {
  const controller = spares.pop() ?? newController()
  let timer: Timer | undefined
  let isOver = false
  const onParent = () => end(abortReason(parent as AbortSignal))
  const cancel = () => {
    isOver = true
    timer?.cancel()
    parent?.removeEventListener('abort', onParent)
  }
  const end = (why: Error) => {
    cancel()
    controller.abort(why)
  }
  const watch = () => {
    if (spares.length < sparesAtMost) spares.push(newController())
    if (isOver) return
    if (parent?.aborted) {
      onParent()
      return
    }
    timer = clock.after(ms, () => end(reason()))
    parent?.addEventListener('abort', onParent, { once: true })
  }
  if (parent?.aborted) onParent()
  else void turn.then(watch)
  return { signal: controller.signal, cancel, end }
}

/** Resolves when the promise has settled, when `ms` have passed, or when the signal aborts; never rejects. */
export function settledWithin(
  clock: Clock,
  ms: number,
  promise: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, over)
    function over() {
      timer.cancel()
      signal.removeEventListener('abort', over)
      resolve()
    }
    if (signal.aborted) over()
    else signal.addEventListener('abort', over, { once: true })
    promise.then(over, over)
  })
}
