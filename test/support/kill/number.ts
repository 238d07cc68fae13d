/** The number that a value carries: as a number, in a text, or in bytes as base64. NaN where there is none. */
export function numberIn(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value === '') return Number.NaN
  const number = Number(value)
  return Number.isNaN(number) ? Number(Buffer.from(value, 'base64').toString()) : number
}

/** The same as bytes in base64, which no number looks like. */
export function asBytes(number: number): string {
  return Buffer.from(` ${number}`).toString('base64')
}
