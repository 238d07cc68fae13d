import { type DataPoint, toShown } from '../data-point.ts'

/** The limits of a point in shown units, as far as somebody gave them. */
export interface ShownRange {
  readonly min: number
  readonly max: number
  readonly step: number
}

export function shownRange(point: DataPoint, otherwise: readonly [min: number, max: number]): ShownRange {
  const { min, max, step, scale } = point
  return {
    min: min === null ? otherwise[0] : toShown(min, scale),
    max: max === null ? otherwise[1] : toShown(max, scale),
    step: toShown(step === null || step < 1 ? 1 : step, scale),
  }
}

export interface Span {
  readonly min: number
  readonly max: number
}

/** A value of one span as the value at the same place of another, rounded to a whole number and kept inside. */
export function transfer(value: number, from: Span, to: Span): number {
  const share = from.max === from.min ? 0 : (value - from.min) / (from.max - from.min)
  const inside = Math.min(Math.max(share, 0), 1)
  return Math.round(to.min + inside * (to.max - to.min))
}
