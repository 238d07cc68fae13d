import type { Json } from './data-point.ts'
import type { Source } from './report.ts'

const never = Number.NEGATIVE_INFINITY

/** What is known of one data point, and since when. */
export interface PointFact {
  readonly raw: unknown
  readonly value: Json
  readonly odd: boolean
  /** The source time that counts for others: on one point it never goes back. */
  readonly timeMs: number
  /** The source's own word where that is earlier; of a reading, when it was asked for: it held at some time since. */
  readonly sinceMs?: number
  readonly receivedMs: number
  readonly source: Source
}

/** Values may be dated ahead of our clock by this much at most; beyond it they count as just received (R-Q2). */
export const futureToleranceMs = 5 * 60_000

/**
 * The newest fact per data point. I-2: what is older by source time than what is known never gets in; of two with
 * the same time the later arrival wins.
 */
export class DeviceState {
  readonly #facts = new Map<string, PointFact>()
  readonly #floors = new Map<string, number>()

  get(code: string): PointFact | undefined {
    return this.#facts.get(code)
  }

  get size(): number {
    return this.#facts.size
  }

  entries(): IterableIterator<[string, PointFact]> {
    return this.#facts.entries()
  }

  codes(): IterableIterator<string> {
    return this.#facts.keys()
  }

  /**
   * Takes the fact if it is not older than what is known; says what became of it. What is dated after `latestMs` is no
   * bound: the clock that dated it was wrong, and would lock out the truth until it comes true.
   */
  apply(code: string, fact: PointFact, latestMs = Number.POSITIVE_INFINITY): 'older' | 'same' | 'changed' {
    const timeMs = fact.timeMs > fact.receivedMs + futureToleranceMs ? fact.receivedMs : fact.timeMs
    const sinceMs = Math.min(fact.sinceMs ?? timeMs, timeMs)
    const known = this.#facts.get(code)
    if (sinceMs < this.bound(code, latestMs)) return 'older'
    const saidMs = known && known.timeMs <= latestMs ? saidAfter(known, fact, timeMs) : timeMs
    const isAsSaid = saidMs === fact.timeMs && sinceMs === (fact.sinceMs ?? saidMs)
    this.#facts.set(code, isAsSaid ? fact : { ...fact, timeMs: saidMs, sinceMs })
    if (known === undefined || known.source === 'snapshot') return 'changed'
    return known.odd === fact.odd && sameJson(known.value, fact.value) ? 'same' : 'changed'
  }

  /** Whether it is not to be told if this value came before the one that was read meanwhile, or after it. */
  isInDoubt(code: string, value: Json, timeMs: number): boolean {
    const known = this.#facts.get(code)
    if (known?.source !== 'poll' || known.sinceMs === undefined) return false
    return timeMs >= known.sinceMs && timeMs <= known.timeMs && !sameJson(known.value, value)
  }

  /** The source time below which a fact is old. */
  bound(code: string, latestMs: number): number {
    const known = this.#facts.get(code)
    const knownMs = known === undefined ? never : (known.sinceMs ?? known.timeMs)
    const floorMs = (this.#floors.size > 0 ? this.#floors.get(code) : undefined) ?? never
    return Math.max(knownMs > latestMs ? never : knownMs, floorMs > latestMs ? never : floorMs)
  }

  /** A lower bound for the source time of a point, besides that of its known value, which may be older (R-S4). */
  floor(code: string, timeMs: number): void {
    if (timeMs > (this.#floors.get(code) ?? Number.NEGATIVE_INFINITY)) this.#floors.set(code, timeMs)
  }

  forget(code: string): void {
    this.#facts.delete(code)
  }

  /** The newest source time, or undefined when nothing is known. */
  newestMs(): number | undefined {
    let newest: number | undefined
    for (const fact of this.#facts.values())
      if (newest === undefined || fact.timeMs > newest) newest = fact.timeMs
    return newest
  }
}

/**
 * Not before what is known, and after it where it says something else: whoever finds both after a restart, one on disk
 * and one with the broker, has to see which came later.
 */
function saidAfter(known: PointFact, { value }: PointFact, timeMs: number): number {
  if (timeMs > known.timeMs) return timeMs
  // Of two that a device dates alike each keeps its date; what was read, or put behind that, has none of its own.
  const isDated = known.sinceMs === undefined || known.sinceMs === known.timeMs
  if (timeMs === known.timeMs && isDated) return timeMs
  return sameJson(known.value, value) ? known.timeMs : known.timeMs + 1
}

/** Equality of JSON values; the order of object members does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      sameJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  )
}
