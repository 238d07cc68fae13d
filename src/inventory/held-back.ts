import type { Report, ReportedPoint } from '../domain/report.ts'
import type { Clock, Timer } from '../util/clock.ts'
import type { Settle, Settlement } from '../util/settlement.ts'
import type { MutableRecord } from './report-merge.ts'

/** What waits: one point of a report. */
export interface Held {
  readonly record: MutableRecord
  /** With the one point alone. */
  readonly report: Report
  readonly code: string
  readonly settlement: Settlement | undefined
}

interface Waiting {
  readonly timer: Timer
  readonly done: Settle | undefined
}

/** What a device says in one go arrives together, but for this. */
const jitterMs = 500
/** Nobody waits longer for the truth, however long a reading took. */
const patienceMs = 5_000
const heldAtMost = 1_000

/**
 * Values that were reported while another one was read. The queue keeps the order of a device: when the one that was
 * read is the newer, its own report follows. When none does for a while, the one that waits is the newer.
 */
export class HeldBack {
  readonly #after: Clock['after']
  readonly #letIn: (held: Held) => void
  readonly #waiting = new Map<string, Waiting>()

  constructor(after: Clock['after'], letIn: (held: Held) => void) {
    this.#after = after
    this.#letIn = letIn
  }

  /** `answeredMs`: when the reading was over. False when too many wait already. */
  hold(held: Held, { timeMs }: ReportedPoint, answeredMs: number): boolean {
    const key = keyOf(held.record.device.id, held.code)
    if (this.#waiting.size >= heldAtMost && !this.#waiting.has(key)) return false
    this.#end(key)
    const done = held.settlement?.part()
    const timer = this.#after(Math.min(answeredMs - timeMs + jitterMs, patienceMs), () => {
      this.#waiting.delete(key)
      this.#letIn(held)
      done?.(true)
    })
    this.#waiting.set(key, { timer, done })
    return true
  }

  /** Something newer was reported of this point. */
  overtaken(deviceId: string, code: string): void {
    if (this.#waiting.size > 0) this.#end(keyOf(deviceId, code))
  }

  forget(deviceId: string): void {
    for (const key of [...this.#waiting.keys()]) if (key.startsWith(keyOf(deviceId, ''))) this.#end(key)
  }

  /** What waits is told by nobody any more; the queue brings it again. */
  stop(): void {
    for (const { timer } of this.#waiting.values()) timer.cancel()
    this.#waiting.clear()
  }

  #end(key: string): void {
    const waiting = this.#waiting.get(key)
    waiting?.timer.cancel()
    this.#waiting.delete(key)
    waiting?.done?.(true)
  }
}

function keyOf(deviceId: string, code: string): string {
  return `${deviceId} ${code}`
}
