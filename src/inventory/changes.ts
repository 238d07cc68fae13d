import { backoff } from '../util/backoff.ts'
import type { Clock, Timer } from '../util/clock.ts'
import { isAbort, toBridgeError } from '../util/error.ts'
import type { Random } from '../util/random.ts'
import { type Area, AreaSet } from './area.ts'
import type { Troubles } from './troubles.ts'

export interface ChangesParts {
  readonly clock: Clock
  readonly random: Random
  readonly troubles: Troubles
  /** Reads an area again and gives what is to be looked at once more a little later. */
  readonly read: (area: Area) => Promise<readonly Area[]>
  /** Runs the work when nothing else is read. */
  readonly turn: (work: () => Promise<void>) => Promise<void>
  readonly homeOf: (deviceId: string) => string | undefined
  /** What was waiting has been read, as far as it could be. */
  readonly onRead: () => void
  /** So much has changed that everything is to be read instead. */
  readonly onFlood: () => void
}

/** The platform needs a moment until its lists show a change. */
const settleMs = 500
/** What others tell comes in bursts: it is read when nothing more has come for so long, or after so long in any case. */
const quietMs = 1_000
const burstAtMostMs = 4_000
/** A device that joins may take so long until the cloud knows it. */
const comingMs = 10_000
const areasAtMost = 500
const what = 'reading what was changed'

/** What has to be read again because something changed it: gathered for a moment, each once, then read in turn. */
export class Changes {
  readonly #parts: ChangesParts
  readonly #waiting = new AreaSet()
  readonly #later = new Set<Timer>()
  #timer: Timer | undefined
  #delays: Generator<number, never, void>
  #isReading = false
  /** The timer waits for trouble to be over, not for more changes. */
  #isPausing = false
  #isStopped = false
  /** Monotonic, when the oldest of what waits came. */
  #since: number | undefined

  constructor(parts: ChangesParts) {
    this.#parts = parts
    this.#delays = this.#newDelays()
  }

  /** We changed something ourselves. */
  ours(areas: readonly Area[]): void {
    if (!this.#gather(areas) || (this.#timer && !this.#isPausing)) return
    this.#schedule(settleMs)
  }

  /** Others did, and somebody told. */
  told(areas: readonly Area[]): void {
    if (!this.#gather(areas)) return
    const now = this.#parts.clock.monotonic()
    const waitedMs = now - (this.#since ?? now)
    this.#schedule(Math.max(0, Math.min(quietMs, burstAtMostMs - waitedMs)))
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    for (const timer of this.#later) timer.cancel()
    this.#waiting.clear()
  }

  #gather(areas: readonly Area[]): boolean {
    if (this.#isStopped || areas.length === 0) return false
    this.#since ??= this.#parts.clock.monotonic()
    for (const area of areas) this.#waiting.add(area)
    if (this.#waiting.size <= areasAtMost) return true
    this.#waiting.clear()
    this.#parts.onFlood()
    return false
  }

  #schedule(ms: number, isPause = false): void {
    if (this.#isReading || this.#isStopped) return
    this.#isPausing = isPause
    this.#timer?.cancel()
    this.#timer = this.#parts.clock.after(ms, () => this.#run())
  }

  #run(): void {
    this.#timer = undefined
    this.#isReading = true
    this.#parts
      .turn(() => this.#readAll())
      .then(
        () => this.#next(settleMs),
        (thrown) => {
          if (isAbort(thrown)) return
          this.#parts.troubles.tell(what, toBridgeError(thrown))
          this.#next(this.#delays.next().value, true)
        },
      )
  }

  #next(ms: number, isPause = false): void {
    this.#isReading = false
    if (this.#waiting.size > 0) this.#schedule(ms, isPause)
  }

  async #readAll(): Promise<void> {
    const { homeOf, troubles, onRead } = this.#parts
    this.#since = undefined
    const areas = this.#waiting.take(homeOf)
    let failed: unknown
    for (let next = areas.shift(); next; next = areas.shift()) {
      try {
        await this.#read(next)
      } catch (thrown) {
        if (isAbort(thrown)) throw thrown
        // What one operation keeps back keeps nothing else back; where nothing works the breaker makes it short.
        this.#waiting.add(next)
        failed ??= thrown
      }
    }
    onRead()
    if (failed !== undefined) throw failed
    this.#delays = this.#newDelays()
    troubles.over(what)
  }

  /** A refusal is told and keeps nothing else; trouble on the way is thrown. */
  async #read(area: Area): Promise<void> {
    const { read, troubles } = this.#parts
    const which = `reading the ${area.of} again`
    try {
      const coming = await read(area)
      if (coming.length > 0) this.#readLater(coming)
      troubles.over(which)
    } catch (thrown) {
      const error = toBridgeError(thrown)
      if (isAbort(thrown) || error.retry !== 'never') throw thrown
      troubles.tell(which, error)
    }
  }

  #readLater(areas: readonly Area[]): void {
    const timer = this.#parts.clock.after(comingMs, () => {
      this.#later.delete(timer)
      this.ours(areas)
    })
    this.#later.add(timer)
  }

  #newDelays(): Generator<number, never, void> {
    return backoff({ baseMs: 1_000, capMs: 300_000, floor: 0.25 }, this.#parts.random)
  }
}
