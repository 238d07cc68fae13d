import type { Random } from './random.ts'

export interface BackoffOptions {
  readonly baseMs: number
  readonly capMs: number
  /** Share of the interval that is fixed: 0 = full jitter, 0.5 = at least half of it. */
  readonly floor?: number
}

/** R-B1: endless intervals in milliseconds, `random(0, min(cap, base * 2^n))`. */
export function* backoff(options: BackoffOptions, random: Random): Generator<number, never, void> {
  const floor = options.floor ?? 0
  for (let attempt = 0; ; attempt++) {
    const ceiling = Math.min(options.capMs, options.baseMs * 2 ** Math.min(attempt, 40))
    yield Math.round(ceiling * (floor + (1 - floor) * random()))
  }
}
