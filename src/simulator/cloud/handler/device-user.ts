import { deviceUserAdd } from '../../../codec/cloud/operation/device-user-add.ts'
import { deviceUserDelete } from '../../../codec/cloud/operation/device-user-delete.ts'
import { deviceUserGet } from '../../../codec/cloud/operation/device-user-get.ts'
import { deviceUserList } from '../../../codec/cloud/operation/device-user-list.ts'
import { deviceUserUpdate } from '../../../codec/cloud/operation/device-user-update.ts'
import type { SimDevice } from '../../world/device.ts'
import { changedUser, type DeviceUser, type DeviceUserChanges } from '../../world/device-user.ts'
import { deviceOf, ownDeviceOf } from '../access.ts'
import { Refusal } from '../refusal.ts'
import { renderDeviceUser } from '../render/user.ts'
import { serve } from '../serve.ts'

/** The people whom a device knows. */
export const deviceUserHandlers = [
  serve(deviceUserAdd, (calling, { device_id, ...given }) => {
    const device = ownDeviceOf(calling, device_id)
    const id = calling.world.nextNumber()
    device.deviceUsers.set(id, changedUser(undefined, changesOf(given)))
    return id
  }),
  serve(deviceUserUpdate, (calling, { device_id, user_id, ...given }) => {
    const device = ownDeviceOf(calling, device_id)
    device.deviceUsers.set(user_id, changedUser(knownUser(device, user_id), changesOf(given)))
    return true
  }),
  serve(deviceUserDelete, (calling, { device_id, user_id }) => {
    const device = ownDeviceOf(calling, device_id)
    knownUser(device, user_id)
    device.deviceUsers.delete(user_id)
    return true
  }),
  serve(deviceUserGet, (calling, { device_id, user_id }) => {
    const device = deviceOf(calling, device_id)
    return renderDeviceUser(device.id, knownUser(device, user_id))
  }),
  serve(deviceUserList, (calling, { device_id }) => {
    const device = deviceOf(calling, device_id)
    return [...device.deviceUsers.values()].map((user) => renderDeviceUser(device.id, user))
  }),
]

function knownUser(device: SimDevice, id: string): DeviceUser {
  const user = device.deviceUsers.get(id)
  if (!user) throw new Refusal(2006, 'user not exist')
  return user
}

interface GivenUser extends Partial<Omit<DeviceUser, 'nickName' | 'sex'>> {
  readonly nick_name: string
  readonly sex: number
}

function changesOf({ nick_name, ...rest }: GivenUser): DeviceUserChanges {
  return { nickName: nick_name, ...rest }
}
