import { Worker } from 'node:worker_threads'
import { type Clock, every, type Timer } from '../util/clock.ts'

const tickMs = 1_000
const stuckMs = 60_000
export const deafMs = 10_000

/** Runs beside the main loop: kills the process when that has not ticked for a minute (R-S7). */
const workerSource = `
  const { workerData } = require('node:worker_threads')
  const ticks = new Int32Array(workerData.ticks)
  let last = Atomics.load(ticks, 0)
  let since = Date.now()
  for (;;) {
    Atomics.wait(ticks, 1, 0, 1000)
    if (Atomics.load(ticks, 2) === 1) break
    const now = Atomics.load(ticks, 0)
    if (now !== last) { last = now; since = Date.now() }
    else if (Date.now() - since > workerData.stuckMs) process.kill(process.pid, 'SIGKILL')
  }
`

/** The pulse of the main loop. */
export class Watchdog {
  readonly #clock: Clock
  readonly #ticks = new Int32Array(new SharedArrayBuffer(12))
  #worker: Worker | undefined
  #timer: Timer | undefined
  #lastTickAt: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#lastTickAt = clock.monotonic()
  }

  start(killAfterMs = stuckMs): void {
    this.#worker = new Worker(workerSource, {
      eval: true,
      workerData: { ticks: this.#ticks.buffer, stuckMs: killAfterMs },
      resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
    })
    this.#worker.unref()
    this.#worker.on('error', () => {})
    this.#timer = every(this.#clock, tickMs, () => this.#tick())
  }

  /** False when the loop was busy for so long that nobody can have been served. */
  get alive(): boolean {
    return this.#clock.monotonic() - this.#lastTickAt < deafMs
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    Atomics.store(this.#ticks, 2, 1)
    Atomics.store(this.#ticks, 1, 1)
    Atomics.notify(this.#ticks, 1)
    await this.#worker?.terminate()
  }

  #tick(): void {
    this.#lastTickAt = this.#clock.monotonic()
    Atomics.add(this.#ticks, 0, 1)
  }
}
