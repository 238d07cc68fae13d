import type { Schema } from '../schema.ts'
import {
  flag,
  idText,
  listOrNull,
  number,
  text,
  timeMs,
  type WireFlag,
  type WireNumber,
  type WireText,
} from '../shape.ts'

export interface WireUser {
  readonly uid: string
  readonly username?: WireText
  readonly country_code?: WireNumber
  readonly mobile?: WireText
  readonly email?: WireText
  readonly nick_name?: WireText
  readonly avatar?: WireText
  readonly create_time?: WireNumber
  readonly update_time?: WireNumber
  readonly time_zone_id?: WireText
  readonly temp_unit?: WireNumber
}

export const userSchema: Schema = {
  type: 'object',
  required: ['uid'],
  properties: {
    uid: idText,
    username: text,
    country_code: number,
    mobile: text,
    email: text,
    nick_name: text,
    avatar: text,
    create_time: number,
    update_time: number,
    time_zone_id: text,
    temp_unit: number,
  },
}

export interface User {
  readonly uid: string
  readonly username: string
  readonly nickName: string
  readonly countryCode: string | null
  readonly mobile: string | null
  readonly email: string | null
  readonly timeZone: string | null
  readonly createdMs: number | null
  readonly updatedMs: number | null
}

export function readUser(user: WireUser): User {
  return {
    uid: user.uid,
    username: user.username ?? '',
    nickName: user.nick_name ?? '',
    countryCode: user.country_code ? String(user.country_code) : null,
    mobile: user.mobile || null,
    email: user.email || null,
    timeZone: user.time_zone_id || null,
    createdMs: timeMs(user.create_time),
    updatedMs: timeMs(user.update_time),
  }
}

export interface WireUserPage {
  readonly list?: readonly WireUser[] | null
  readonly has_more?: WireFlag
}

export const userPageSchema: Schema = {
  type: 'object',
  properties: { list: listOrNull(userSchema), has_more: flag, total: number },
}

export const readUserPage = (page: WireUserPage) => ({
  users: (page.list ?? []).map(readUser),
  hasMore: page.has_more ?? false,
})
