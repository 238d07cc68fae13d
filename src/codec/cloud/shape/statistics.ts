import type { Schema } from '../schema.ts'
import { finite, listOf, number, text, type WireNumber, type WireText } from '../shape.ts'

export interface WireStatisticType {
  readonly code: string
  readonly stat_type?: WireText
}

export const statisticTypesSchema: Schema = listOf({
  type: 'object',
  required: ['code'],
  properties: { code: { type: 'string', minLength: 1, maxLength: 128 }, stat_type: text },
})

export const readStatisticTypes = (types: readonly WireStatisticType[]) =>
  types.map(({ code, stat_type }) => ({ code, type: stat_type ?? '' }))

export interface WireStatisticTotal {
  readonly total?: WireNumber
}

export const statisticTotalSchema: Schema = { type: 'object', properties: { total: number } }

/** Sums come as text. */
export const readStatisticTotal = ({ total }: WireStatisticTotal): number | null => finite(total) ?? null
