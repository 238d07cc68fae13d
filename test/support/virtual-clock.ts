import type { Clock, Timer } from '../../src/util/clock.ts'

interface Pending {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** A clock that stands still until it is told how far to go; a day passes in moments. */
export class VirtualClock implements Clock {
  #now: number
  #monotonic = 0
  #order = 0
  readonly #pending = new Set<Pending>()

  constructor(startMs = Date.UTC(2026, 10, 21)) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#monotonic
  }

  after(ms: number, run: () => void): Timer {
    const pending = { at: this.#monotonic + Math.max(0, ms), order: this.#order++, run }
    this.#pending.add(pending)
    return { cancel: () => this.#pending.delete(pending) }
  }

  /** Timers that have not run. */
  get waiting(): number {
    return this.#pending.size
  }

  /** The wall clock alone jumps, as when somebody sets it. */
  jump(ms: number): void {
    this.#now += ms
  }

  /** Lets so much time pass, timer by timer, and after each lets everything run that became possible. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    await settle()
    for (let next = this.#next(); next && next.at <= end; next = this.#next()) {
      this.#pending.delete(next)
      this.#move(next.at)
      next.run()
      await settle()
    }
    this.#move(end)
    await settle()
  }

  /** Lets time pass until the work is done. */
  async during<T>(work: Promise<T>, stepMs = 100): Promise<T> {
    let over = false
    const done = work.finally(() => {
      over = true
    })
    // The caller hears of a failure by what is returned.
    done.catch(() => {})
    while (!over) await this.advance(stepMs)
    return done
  }

  #next(): Pending | undefined {
    let next: Pending | undefined
    for (const pending of this.#pending) {
      if (!next || pending.at < next.at || (pending.at === next.at && pending.order < next.order))
        next = pending
    }
    return next
  }

  #move(to: number): void {
    const by = Math.max(0, to - this.#monotonic)
    this.#monotonic += by
    this.#now += by
  }
}

/** Lets microtasks and immediates run until nothing new comes of them. */
export async function settle(turns = 3): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}
