/** The value below which so much of the sample lies; the sample need not be sorted. */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = [...sample].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function median(sample: readonly number[]): number {
  return quantile(sample, 0.5)
}

/** One measured figure beside its goal. */
export interface Figure {
  readonly what: string
  readonly measured: string
  readonly goal: string
  /** Null: nobody to compare with is installed, or nothing is asked of it. */
  readonly met: boolean | null
}

export function figure(what: string, measured: string, goal: string, met: boolean | null): Figure {
  return { what, measured, goal, met }
}
