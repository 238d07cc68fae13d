import type { DataPoint } from '../../domain/data-point.ts'

/** Decimal work on integers only: a binary fraction never touches a value. */

const decimalPattern = /^([+-]?)(\d{1,40})(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,3}))?$/

/** An exact decimal: value = digits / 10^places. */
export interface Decimal {
  readonly digits: bigint
  readonly places: number
}

/** A decimal number as text, "21.5" or "-1e3"; undefined when it is none. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = decimalPattern.exec(text.trim())
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const places = fraction.length - Number(exponent)
  if (places > 400 || places < -400) return undefined
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n)
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 }
}

/** A shown number in raw units: shown * 10^scale, half away from zero. `exact` is false when that altered it. */
export function toRaw(shown: Decimal, scale: number): { raw: bigint; exact: boolean } {
  const shift = shown.places - scale
  if (shift <= 0) return { raw: shown.digits * 10n ** BigInt(-shift), exact: true }
  const divisor = 10n ** BigInt(shift)
  const quotient = shown.digits / divisor
  const rest = abs(shown.digits % divisor)
  const roundUp = rest * 2n >= divisor
  const raw = roundUp ? quotient + (shown.digits < 0n ? -1n : 1n) : quotient
  return { raw, exact: rest === 0n }
}

/** The nearest `min + n * step` that is not above `max`; of two equally near the higher one. */
export function toGrid(raw: bigint, min: bigint, max: bigint | undefined, step: bigint): bigint {
  if (step <= 1n) return raw
  const above = (((raw - min) % step) + step) % step
  const below = raw - above
  const nearest = above * 2n >= step ? below + step : below
  return max !== undefined && nearest > max ? below : nearest
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}

/** A raw number of a point that counts the other way round: its smallest is its largest. Its own inverse. */
export function turned({ inverted, min, max }: DataPoint, raw: number): number {
  return inverted && min !== null && max !== null ? min + max - raw : raw
}
