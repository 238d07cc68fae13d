import { type Clock, systemClock } from '../../src/util/clock.ts'

/** The clock on the wall, on which every pause is over at once: for the ends of things, not for their times. */
export const hastyClock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic(),
  after(_ms, run) {
    const handle = setImmediate(run)
    return { cancel: () => clearImmediate(handle) }
  },
}
