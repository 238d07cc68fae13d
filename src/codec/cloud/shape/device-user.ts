import type { Schema } from '../schema.ts'
import { finite, idText, number, text, type WireNumber, type WireText } from '../shape.ts'

/** Somebody whom a device knows, as a scale knows who stands on it. */
export interface WireDeviceUser {
  readonly device_id?: WireText
  readonly user_id?: WireNumber
  readonly nick_name?: WireText
  readonly sex?: WireNumber
  readonly birthday?: WireNumber
  readonly height?: WireNumber
  readonly weight?: WireNumber
  readonly contact?: WireText
}

export const deviceUserSchema: Schema = {
  type: 'object',
  required: ['device_id'],
  properties: {
    device_id: idText,
    user_id: number,
    nick_name: text,
    sex: number,
    birthday: number,
    height: number,
    weight: number,
    contact: text,
  },
}

export interface DeviceUser {
  readonly deviceId: string
  readonly nickName: string
  readonly sex: number | null
  readonly birthdayMs: number | null
  readonly heightCm: number | null
  readonly weightG: number | null
  readonly contact: string | null
}

export function readDeviceUser(user: WireDeviceUser): DeviceUser {
  return {
    deviceId: user.device_id ?? '',
    nickName: user.nick_name ?? '',
    sex: finite(user.sex) ?? null,
    // Before 1970 it is negative, so every number is a date.
    birthdayMs: finite(user.birthday) ?? null,
    heightCm: finite(user.height) ?? null,
    weightG: finite(user.weight) ?? null,
    contact: user.contact || null,
  }
}

export const readDeviceUsers = (users: readonly WireDeviceUser[]): DeviceUser[] => users.map(readDeviceUser)
