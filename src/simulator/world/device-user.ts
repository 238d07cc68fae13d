/** A person whom a device knows, such as those who stand on a scale. */
export interface DeviceUser {
  readonly nickName: string
  readonly sex: number
  readonly birthday: number | undefined
  readonly height: number | undefined
  readonly weight: number | undefined
  readonly contact: string | undefined
}

export type DeviceUserChanges = Partial<DeviceUser> & Pick<DeviceUser, 'nickName' | 'sex'>

/** What a change does not name stays. */
export function changedUser(user: DeviceUser | undefined, changes: DeviceUserChanges): DeviceUser {
  return {
    nickName: changes.nickName,
    sex: changes.sex,
    birthday: changes.birthday ?? user?.birthday,
    height: changes.height ?? user?.height,
    weight: changes.weight ?? user?.weight,
    contact: changes.contact ?? user?.contact,
  }
}
