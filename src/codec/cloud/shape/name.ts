import type { Schema } from '../schema.ts'
import { listOf, text, type WireText } from '../shape.ts'

export interface WireChannelName {
  readonly identifier: string
  readonly name?: WireText
}

export const channelNamesSchema: Schema = listOf({
  type: 'object',
  required: ['identifier'],
  properties: { identifier: { type: 'string', minLength: 1, maxLength: 128 }, name: text },
})

export interface ChannelName {
  /** The code of a data point; null for the device itself. */
  readonly code: string | null
  readonly name: string
}

/** `main` is the device itself, everything else a code. */
export const readChannelNames = (names: readonly WireChannelName[]): ChannelName[] =>
  names.map(({ identifier, name }) => ({ code: identifier === 'main' ? null : identifier, name: name ?? '' }))
