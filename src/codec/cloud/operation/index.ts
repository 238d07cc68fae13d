import type { AnyOperation } from '../operation.ts'
import { associatedDevices } from './associated-devices.ts'
import { deviceCommands } from './device-commands.ts'
import { deviceGet } from './device-get.ts'
import { deviceSpecifications } from './device-specifications.ts'
import { deviceSpecificationsV11 } from './device-specifications-v1-1.ts'
import { deviceStatus } from './device-status.ts'
import { devicesStatusBatch } from './devices-status-batch.ts'
import { homeDevices } from './home-devices.ts'
import { homeGet } from './home-get.ts'
import { roomDevicesList } from './room-devices-list.ts'
import { roomList } from './room-list.ts'
import { thingModel } from './thing-model.ts'
import { thingProperties } from './thing-properties.ts'
import { thingPropertiesIssue } from './thing-properties-issue.ts'
import { tokenGet } from './token-get.ts'
import { tokenRefresh } from './token-refresh.ts'
import { userDevices } from './user-devices.ts'
import { userHomes } from './user-homes.ts'

/** The list of all operations; one line for each file of this folder. */
export const operations: readonly AnyOperation[] = [
  tokenGet,
  tokenRefresh,
  userHomes,
  homeGet,
  homeDevices,
  roomList,
  roomDevicesList,
  userDevices,
  deviceGet,
  deviceStatus,
  devicesStatusBatch,
  deviceSpecifications,
  deviceSpecificationsV11,
  thingModel,
  thingProperties,
  deviceCommands,
  thingPropertiesIssue,
  associatedDevices,
]

const byId = new Map(operations.map((operation) => [operation.id, operation]))

export function operationById(id: string): AnyOperation | undefined {
  return byId.get(id)
}
