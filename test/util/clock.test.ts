import { describe, expect, it } from 'vitest'
import { deadline, every, settledWithin, sleep, systemClock } from '../../src/util/clock.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

/** What became of a promise so far. */
function watched(promise: Promise<void>): { state: 'waiting' | 'done' | 'rejected'; reason?: unknown } {
  const seen: ReturnType<typeof watched> = { state: 'waiting' }
  promise.then(
    () => {
      seen.state = 'done'
    },
    (reason) => {
      seen.state = 'rejected'
      seen.reason = reason
    },
  )
  return seen
}

describe('sleep', () => {
  it('ends when the time has passed and not before', async () => {
    const clock = new VirtualClock()
    const seen = watched(sleep(clock, 1_000))
    await clock.advance(999)
    expect(seen.state).toBe('waiting')
    await clock.advance(1)
    expect(seen.state).toBe('done')
  })

  it('obeys its signal at once, with the reason of the abort, and leaves no timer', async () => {
    const clock = new VirtualClock()
    const controller = new AbortController()
    const seen = watched(sleep(clock, 60_000, controller.signal))
    const reason = new Error('stopping')
    controller.abort(reason)
    await settle()
    expect(seen).toEqual({ state: 'rejected', reason })
    expect(clock.waiting).toBe(0)
  })

  it('does not begin when its signal has aborted already', async () => {
    const clock = new VirtualClock()
    await expect(sleep(clock, 0, AbortSignal.abort(new Error('over')))).rejects.toThrow('over')
    expect(clock.waiting).toBe(0)
  })

  it('gives an AbortError when the signal was aborted with something that is no error', async () => {
    const clock = new VirtualClock()
    await expect(sleep(clock, 1, AbortSignal.abort('words'))).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('lets go of a signal that lives longer than it', async () => {
    const clock = new VirtualClock()
    const controller = new AbortController()
    const seen = watched(sleep(clock, 10, controller.signal))
    await clock.advance(10)
    controller.abort(new Error('later'))
    await settle()
    expect(seen.state).toBe('done')
  })

  it('is not moved by jumps of the wall clock', async () => {
    const clock = new VirtualClock()
    const seen = watched(sleep(clock, 1_000))
    clock.jump(3_600_000)
    await clock.advance(999)
    expect(seen.state).toBe('waiting')
    clock.jump(-7_200_000)
    await clock.advance(1)
    expect(seen.state).toBe('done')
  })
})

describe('every', () => {
  it('runs once a period until it is cancelled', async () => {
    const clock = new VirtualClock()
    let runs = 0
    const timer = every(clock, 100, () => runs++)
    await clock.advance(350)
    expect(runs).toBe(3)
    timer.cancel()
    await clock.advance(1_000)
    expect(runs).toBe(3)
    expect(clock.waiting).toBe(0)
  })

  it('can be cancelled from inside its own run', async () => {
    const clock = new VirtualClock()
    let runs = 0
    const timer = every(clock, 100, () => {
      runs++
      if (runs === 2) timer.cancel()
    })
    await clock.advance(1_000)
    expect(runs).toBe(2)
    expect(clock.waiting).toBe(0)
  })
})

describe('deadline', () => {
  it('aborts with its reason when the time is over', async () => {
    const clock = new VirtualClock()
    const reason = new Error('too late')
    const { signal } = deadline(clock, 500, () => reason)
    await clock.advance(499)
    expect(signal.aborted).toBe(false)
    await clock.advance(1)
    expect(signal.reason).toBe(reason)
  })

  it.each([
    ['at once', () => {}],
    ['later', settle],
  ])('that was let go %s never aborts', async (_, wait) => {
    const clock = new VirtualClock()
    const { signal, cancel } = deadline(clock, 500, () => new Error('too late'))
    await wait()
    cancel()
    await clock.advance(10_000)
    expect(signal.aborted).toBe(false)
    expect(clock.waiting).toBe(0)
  })
})

describe('a deadline with a parent', () => {
  const late = new Error('too late')

  it.each([
    ['in the same turn', () => {}],
    ['later', settle],
  ])('ends with it %s, for its reason, and leaves no timer', async (_, wait) => {
    const clock = new VirtualClock()
    const parent = new AbortController()
    const { signal } = deadline(clock, 500, () => late, parent.signal)
    await wait()
    const reason = new Error('the bridge stops')
    parent.abort(reason)
    await Promise.resolve()
    expect(signal.reason).toBe(reason)
    expect(clock.waiting).toBe(0)
  })

  it('that has ended already is over at once', () => {
    const clock = new VirtualClock()
    const reason = new Error('stopped before')
    expect(deadline(clock, 500, () => late, AbortSignal.abort(reason)).signal.reason).toBe(reason)
    expect(clock.waiting).toBe(0)
  })

  it('keeps its own end when the parent ends later, and leaves it when it is let go', async () => {
    const clock = new VirtualClock()
    const parent = new AbortController()
    const passed = deadline(clock, 500, () => late, parent.signal)
    const left = deadline(clock, 500, () => late, parent.signal)
    left.cancel()
    await clock.advance(500)
    parent.abort(new Error('after all'))
    expect(passed.signal.reason).toBe(late)
    expect(left.signal.aborted).toBe(false)
  })

  it('can be ended before its time', () => {
    const clock = new VirtualClock()
    const { signal, end } = deadline(clock, 500, () => late)
    const done = new Error('done')
    end(done)
    expect(signal.reason).toBe(done)
    expect(clock.waiting).toBe(0)
  })
})

describe('settledWithin', () => {
  it.each([
    ['succeeds', () => Promise.resolve(1)],
    ['fails', () => Promise.reject(new Error('no'))],
  ])('ends when the promise %s', async (_, make) => {
    const clock = new VirtualClock()
    await settledWithin(clock, 500, make(), new AbortController().signal)
    expect(clock.waiting).toBe(0)
  })

  it('ends when the time is over, and when the signal aborts', async () => {
    const clock = new VirtualClock()
    const life = new AbortController()
    const never = new Promise(() => {})
    const [timed, ended] = [new AbortController().signal, life.signal].map((signal) =>
      watched(settledWithin(clock, 500, never, signal)),
    )
    life.abort()
    await settle()
    expect([timed?.state, ended?.state]).toEqual(['waiting', 'done'])
    await clock.advance(500)
    expect(timed?.state).toBe('done')
    expect(clock.waiting).toBe(0)
  })
})

describe('the system clock', () => {
  it('does not fire at once when asked for more than a timer can hold', async () => {
    let fired = false
    const timer = systemClock.after(40 * 86_400_000, () => {
      fired = true
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
    timer.cancel()
    expect(fired).toBe(false)
  })

  it('has a monotonic time that never goes back', () => {
    let last = systemClock.monotonic()
    for (let i = 0; i < 1_000; i++) {
      const now = systemClock.monotonic()
      expect(now).toBeGreaterThanOrEqual(last)
      last = now
    }
  })

  it('a cancelled timer never runs', async () => {
    let fired = false
    systemClock
      .after(0, () => {
        fired = true
      })
      .cancel()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(fired).toBe(false)
  })
})
