import type { Write } from '../domain/command.ts'
import type { Clock, Timer } from '../util/clock.ts'

export type DropReason = 'superseded' | 'expired' | 'shutdown'

export interface LaneJob {
  readonly write: Write
  /** It was taken; told before it runs. */
  readonly accept?: () => void
  /** Runs alone in its lane; the lane goes on when it settles. */
  readonly run: () => Promise<void>
  /** It will not run. */
  readonly drop: (why: DropReason) => void
}

export const laneCapacity = 32

interface Waiting {
  readonly job: LaneJob
  readonly expiry: Timer
}

/**
 * R-K3: one command at a time per device, in order, 32 waiting. A waiting absolute write leaves when a newer one
 * covers all its points; the last value is always sent.
 */
export class Lane {
  readonly #clock: Clock
  readonly #onIdle: () => void
  readonly #waiting: Waiting[] = []
  #pause: Timer | undefined
  #busy = false
  #notBefore = 0

  /** `onIdle` is called when nothing runs, waits or pauses. */
  constructor(clock: Clock, onIdle: () => void) {
    this.#clock = clock
    this.#onIdle = onIdle
  }

  get length(): number {
    return this.#waiting.length
  }

  /** False when the lane is full. A job that has not started after its `ttlMs` is dropped. */
  offer(job: LaneJob): boolean {
    if (this.#isFree) {
      this.#run(job, job.accept)
      return true
    }
    if (!job.write.once) this.#supersede(job.write)
    if (this.#waiting.length >= laneCapacity) return false
    const expiry = this.#clock.after(job.write.ttlMs, () => {
      this.#remove(waiting)
      job.drop('expired')
    })
    const waiting = { job, expiry }
    this.#waiting.push(waiting)
    job.accept?.()
    this.#next()
    return true
  }

  /** The next command waits at least this long from now. */
  pause(ms: number): void {
    this.#notBefore = Math.max(this.#notBefore, this.#clock.monotonic() + ms)
  }

  /** Nothing that waits will run. */
  close(): void {
    this.#pause?.cancel()
    this.#pause = undefined
    for (const { job, expiry } of this.#waiting.splice(0)) {
      expiry.cancel()
      job.drop('shutdown')
    }
  }

  /** Looks back to the last `once` write: what came before it may be what it depends on. */
  #supersede(newer: Write): void {
    const covered = new Set(newer.points.map((point) => point.code))
    for (const waiting of [...this.#waiting].reverse()) {
      const { write, drop } = waiting.job
      if (write.once) return
      if (write.path !== newer.path || !write.points.every((point) => covered.has(point.code))) continue
      this.#remove(waiting)
      drop('superseded')
    }
  }

  #remove(waiting: Waiting): void {
    waiting.expiry.cancel()
    const at = this.#waiting.indexOf(waiting)
    if (at >= 0) this.#waiting.splice(at, 1)
  }

  /** Whoever comes now need not wait. */
  get #isFree(): boolean {
    return !this.#busy && !this.#pause && this.#waiting.length === 0 && this.#waitMs <= 0
  }

  get #waitMs(): number {
    return this.#notBefore - this.#clock.monotonic()
  }

  #next(): void {
    if (this.#busy || this.#pause) return
    const wait = this.#waitMs
    if (wait > 0) {
      this.#pause = this.#clock.after(wait, () => {
        this.#pause = undefined
        this.#next()
      })
      return
    }
    const first = this.#waiting[0]
    if (!first) {
      this.#onIdle()
      return
    }
    this.#remove(first)
    this.#run(first.job)
  }

  #run(job: LaneJob, accept?: () => void): void {
    this.#busy = true
    accept?.()
    void job.run().finally(() => {
      this.#busy = false
      this.#next()
    })
  }
}
