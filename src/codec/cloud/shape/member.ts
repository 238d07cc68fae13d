import type { Schema } from '../schema.ts'
import { flag, idText, listOf, text, type WireFlag, type WireText } from '../shape.ts'

export interface WireMember {
  readonly uid: string
  readonly name?: WireText
  /** So it stands in the platform's table. */
  readonly mame?: WireText
  readonly admin?: WireFlag
  readonly country_code?: WireText
  readonly member_account?: WireText
}

export const memberListSchema: Schema = listOf({
  type: 'object',
  required: ['uid'],
  properties: {
    uid: idText,
    name: text,
    mame: text,
    admin: flag,
    country_code: text,
    member_account: text,
  },
})

export interface ListedMember {
  readonly uid: string
  readonly name: string
  readonly admin: boolean
  readonly countryCode: string | null
  /** Masked by the platform. */
  readonly account: string | null
}

export const readMembers = (members: readonly WireMember[]): ListedMember[] =>
  members.map((member) => ({
    uid: member.uid,
    name: member.name ?? member.mame ?? '',
    admin: member.admin ?? false,
    countryCode: member.country_code || null,
    account: member.member_account || null,
  }))
