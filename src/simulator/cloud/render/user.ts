import type { DeviceUser } from '../../world/device-user.ts'
import type { SimUser } from '../../world/user.ts'
import { mask } from './mask.ts'

const seconds = (ms: number) => Math.floor(ms / 1000)

export function renderUser(user: SimUser): object {
  return {
    uid: user.uid,
    username: user.username ?? '',
    country_code: user.countryCode ?? '',
    mobile: user.mobile ?? '',
    email: user.email ?? '',
    nick_name: user.nickName ?? '',
    avatar: '',
    create_time: seconds(user.createdMs),
    update_time: seconds(user.updatedMs),
    time_zone_id: user.timeZone ?? 'Europe/Berlin',
    temp_unit: 1,
    user_properties: [],
  }
}

/** Lists mask what is personal. */
export function renderListedUser(user: SimUser): object {
  const { username = '', mobile = '', email = '' } = user
  return { ...renderUser(user), username: mask(username), mobile: mask(mobile), email: mask(email) }
}

/** What was never told is left out, but for how to reach the person; whose number is not told either. */
export function renderDeviceUser(deviceId: string, user: DeviceUser): object {
  const { nickName, sex, birthday, height, weight, contact } = user
  return {
    device_id: deviceId,
    nick_name: nickName,
    sex,
    ...(birthday === undefined ? {} : { birthday }),
    ...(height === undefined ? {} : { height }),
    ...(weight === undefined ? {} : { weight }),
    contact: contact ?? '',
  }
}
