import { type Clock, systemClock } from '../../src/util/clock.ts'
import { arrival } from './transit.ts'
import { settle, VirtualClock } from './virtual-clock.ts'

/** Time as a scenario sees it: real, or compressed so that a minute passes in a moment. */
export interface TestTime {
  readonly clock: Clock
  /** Lets time pass until the condition holds; gives how long that took. Fails after `withinMs`. */
  until(condition: () => unknown, withinMs: number, what: string): Promise<number>
  pass(ms: number): Promise<void>
}

export interface Compression {
  readonly stepMs?: number
  /** The other end of the sockets is another process: it gets real time to answer, and steps stay short. */
  readonly elsewhere?: boolean
}

/** The real time that another process gets for each step. */
const elsewhereMs = 15

/** How far a measured time may be off: steps grow with the time that has passed. */
export const precision = 1.02

/**
 * Our own timers run on a virtual clock, sockets in real time: after each step of the clock whatever is on its way
 * over loopback gets time to arrive, and while there is progress the clock stands still. A machine that is busy
 * makes the test slower, never the timers faster.
 */
export class CompressedTime implements TestTime {
  readonly clock = new VirtualClock()
  /** A number that changes while something is getting done. */
  progress: () => number = () => 0
  /** Whether somebody elsewhere may answer; not while he stands still. */
  elsewhere: boolean
  readonly #stepMs: number

  constructor({ stepMs = 25, elsewhere = false }: Compression = {}) {
    this.#stepMs = stepMs
    this.elsewhere = elsewhere
  }

  async until(condition: () => unknown, withinMs: number, what: string): Promise<number> {
    const start = this.clock.monotonic()
    const passed = () => this.clock.monotonic() - start
    await this.#breathe()
    while (!condition()) {
      if (passed() >= withinMs)
        throw new Error(`${what} did not come true within ${withinMs} ms of the clock`)
      await this.#step(Math.min(this.#stepAfter(passed()), withinMs - passed()))
    }
    return passed()
  }

  async pass(ms: number): Promise<void> {
    const end = this.clock.monotonic() + ms
    const stepMs = Math.max(4 * this.#stepMs, this.#stepAfter(ms))
    for (let left = ms; left > 0; left = end - this.clock.monotonic())
      await this.#step(Math.min(stepMs, left))
  }

  async #step(ms: number): Promise<void> {
    await this.clock.advance(ms)
    for (let before = Number.NaN; before !== this.progress(); ) {
      before = this.progress()
      await this.#breathe()
    }
  }

  #stepAfter(passedMs: number): number {
    if (this.elsewhere) return this.#stepMs
    return Math.min(20 * this.#stepMs, Math.max(this.#stepMs, passedMs * (precision - 1)))
  }

  async #breathe(): Promise<void> {
    await settleSockets()
    if (!this.elsewhere) return
    const before = this.progress()
    for (let waitedMs = 0; waitedMs < elsewhereMs && before === this.progress(); waitedMs++)
      await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** What is on its way between sockets of this process arrives, and so do the answers to it. */
export async function settleSockets(): Promise<void> {
  do await settle(20)
  while (await arrival())
}

export const realTime: TestTime = {
  clock: systemClock,
  async until(condition, withinMs, what) {
    const start = performance.now()
    while (!condition()) {
      if (performance.now() - start >= withinMs)
        throw new Error(`${what} did not come true within ${withinMs} ms`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return performance.now() - start
  },
  async pass(ms) {
    await new Promise((resolve) => setTimeout(resolve, ms))
  },
}
