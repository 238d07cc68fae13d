import type { AnyOperation } from '../operation.ts'
import { appLogin } from './app-login.ts'
import { associatedDevices } from './associated-devices.ts'
import { automationCreate } from './automation-create.ts'
import { automationDelete } from './automation-delete.ts'
import { automationDevices } from './automation-devices.ts'
import { automationDisable } from './automation-disable.ts'
import { automationEnable } from './automation-enable.ts'
import { automationExternalTrigger } from './automation-external-trigger.ts'
import { automationGet } from './automation-get.ts'
import { automationList } from './automation-list.ts'
import { automationListV10 } from './automation-list-v1-0.ts'
import { automationUpdate } from './automation-update.ts'
import { automationWeatherConditions } from './automation-weather-conditions.ts'
import { categoryFunctions } from './category-functions.ts'
import { customLogin } from './custom-login.ts'
import { dataAnalysis } from './data-analysis.ts'
import { deviceCommands } from './device-commands.ts'
import { deviceDelete } from './device-delete.ts'
import { deviceFactoryInfos } from './device-factory-infos.ts'
import { deviceFunctionRename } from './device-function-rename.ts'
import { deviceFunctions } from './device-functions.ts'
import { deviceGet } from './device-get.ts'
import { deviceLinkageCodes } from './device-linkage-codes.ts'
import { deviceList } from './device-list.ts'
import { deviceListV2 } from './device-list-v2.ts'
import { deviceLogs } from './device-logs.ts'
import { deviceMultipleNameSet } from './device-multiple-name-set.ts'
import { deviceMultipleNames } from './device-multiple-names.ts'
import { deviceRename } from './device-rename.ts'
import { deviceResetFactory } from './device-reset-factory.ts'
import { deviceSceneBind } from './device-scene-bind.ts'
import { deviceSceneList } from './device-scene-list.ts'
import { deviceSceneUnbind } from './device-scene-unbind.ts'
import { deviceSpecifications } from './device-specifications.ts'
import { deviceSpecificationsV11 } from './device-specifications-v1-1.ts'
import { deviceStatus } from './device-status.ts'
import { deviceSubDevices } from './device-sub-devices.ts'
import { deviceUserAdd } from './device-user-add.ts'
import { deviceUserDelete } from './device-user-delete.ts'
import { deviceUserGet } from './device-user-get.ts'
import { deviceUserList } from './device-user-list.ts'
import { deviceUserUpdate } from './device-user-update.ts'
import { devicesStatusBatch } from './devices-status-batch.ts'
import { gatewayEnableDiscovery } from './gateway-enable-discovery.ts'
import { gatewayListSub } from './gateway-list-sub.ts'
import { homeCreate } from './home-create.ts'
import { homeDelete } from './home-delete.ts'
import { homeDevices } from './home-devices.ts'
import { homeGet } from './home-get.ts'
import { homeLinkageCodes } from './home-linkage-codes.ts'
import { homeUpdate } from './home-update.ts'
import { iot03CategoryFunctions } from './iot03-category-functions.ts'
import { iot03Commands } from './iot03-commands.ts'
import { iot03DeviceGet } from './iot03-device-get.ts'
import { iot03DeviceList } from './iot03-device-list.ts'
import { iot03Devices } from './iot03-devices.ts'
import { iot03Functions } from './iot03-functions.ts'
import { iot03Logs } from './iot03-logs.ts'
import { iot03ReportLogs } from './iot03-report-logs.ts'
import { iot03Specification } from './iot03-specification.ts'
import { iot03SpecificationV10 } from './iot03-specification-v1-0.ts'
import { iot03Status } from './iot03-status.ts'
import { iot03StatusBatch } from './iot03-status-batch.ts'
import { iot03SubDevices } from './iot03-sub-devices.ts'
import { lockAlarmLogs } from './lock-alarm-logs.ts'
import { lockLatestMedia } from './lock-latest-media.ts'
import { lockMediaUrl } from './lock-media-url.ts'
import { lockOpenLogs } from './lock-open-logs.ts'
import { memberAdd } from './member-add.ts'
import { memberDelete } from './member-delete.ts'
import { memberList } from './member-list.ts'
import { memberUpdate } from './member-update.ts'
import { mqttAccessConfig } from './mqtt-access-config.ts'
import { otaConfirmUpgrade } from './ota-confirm-upgrade.ts'
import { otaUpdateFirmware } from './ota-update-firmware.ts'
import { otaUpgradeInfos } from './ota-upgrade-infos.ts'
import { pairingTokenCreate } from './pairing-token-create.ts'
import { pairingTokenDevices } from './pairing-token-devices.ts'
import { roomCreate } from './room-create.ts'
import { roomDelete } from './room-delete.ts'
import { roomDevicesAdd } from './room-devices-add.ts'
import { roomDevicesList } from './room-devices-list.ts'
import { roomDevicesRemove } from './room-devices-remove.ts'
import { roomDevicesSet } from './room-devices-set.ts'
import { roomList } from './room-list.ts'
import { roomUpdate } from './room-update.ts'
import { sceneCreate } from './scene-create.ts'
import { sceneDefaultPictures } from './scene-default-pictures.ts'
import { sceneDelete } from './scene-delete.ts'
import { sceneDevices } from './scene-devices.ts'
import { sceneDisable } from './scene-disable.ts'
import { sceneEnable } from './scene-enable.ts'
import { sceneList } from './scene-list.ts'
import { sceneListV10 } from './scene-list-v1-0.ts'
import { sceneTrigger } from './scene-trigger.ts'
import { sceneUpdate } from './scene-update.ts'
import { statTotal } from './stat-total.ts'
import { statTypes } from './stat-types.ts'
import { thingModel } from './thing-model.ts'
import { thingProperties } from './thing-properties.ts'
import { thingPropertiesIssue } from './thing-properties-issue.ts'
import { tokenGet } from './token-get.ts'
import { tokenRefresh } from './token-refresh.ts'
import { userDevices } from './user-devices.ts'
import { userHomes } from './user-homes.ts'
import { userInfo } from './user-info.ts'
import { userList } from './user-list.ts'
import { userSync } from './user-sync.ts'

/** The list of all operations; one line for each file of this folder. */
export const operations: readonly AnyOperation[] = [
  tokenGet,
  tokenRefresh,
  userSync,
  userInfo,
  userList,
  homeCreate,
  homeUpdate,
  homeDelete,
  homeGet,
  homeDevices,
  userHomes,
  roomCreate,
  roomUpdate,
  roomDelete,
  roomList,
  roomDevicesList,
  roomDevicesAdd,
  roomDevicesSet,
  roomDevicesRemove,
  memberAdd,
  memberUpdate,
  memberDelete,
  memberList,
  deviceGet,
  deviceList,
  deviceListV2,
  userDevices,
  deviceRename,
  deviceDelete,
  deviceResetFactory,
  deviceLogs,
  deviceSubDevices,
  deviceFactoryInfos,
  deviceStatus,
  deviceMultipleNames,
  deviceUserAdd,
  deviceUserUpdate,
  deviceUserDelete,
  deviceUserGet,
  deviceUserList,
  deviceCommands,
  deviceFunctions,
  deviceSpecifications,
  categoryFunctions,
  deviceFunctionRename,
  gatewayListSub,
  gatewayEnableDiscovery,
  pairingTokenDevices,
  otaUpgradeInfos,
  otaConfirmUpgrade,
  otaUpdateFirmware,
  sceneList,
  sceneDefaultPictures,
  sceneTrigger,
  sceneCreate,
  sceneUpdate,
  sceneDelete,
  sceneEnable,
  sceneDisable,
  sceneDevices,
  deviceSceneBind,
  deviceSceneUnbind,
  deviceSceneList,
  automationCreate,
  automationUpdate,
  automationDelete,
  automationList,
  automationGet,
  automationExternalTrigger,
  automationDevices,
  automationWeatherConditions,
  automationEnable,
  automationDisable,
  homeLinkageCodes,
  deviceLinkageCodes,
  dataAnalysis,
  lockOpenLogs,
  lockAlarmLogs,
  lockLatestMedia,
  lockMediaUrl,
  appLogin,
  customLogin,
  sceneListV10,
  automationListV10,
  devicesStatusBatch,
  associatedDevices,
  iot03Devices,
  iot03Status,
  iot03Commands,
  iot03Specification,
  deviceSpecificationsV11,
  thingModel,
  thingProperties,
  thingPropertiesIssue,
  pairingTokenCreate,
  deviceMultipleNameSet,
  statTypes,
  statTotal,
  mqttAccessConfig,
  iot03DeviceGet,
  iot03DeviceList,
  iot03Functions,
  iot03SpecificationV10,
  iot03StatusBatch,
  iot03SubDevices,
  iot03CategoryFunctions,
  iot03Logs,
  iot03ReportLogs,
]

const byId = new Map(operations.map((operation) => [operation.id, operation]))

export function operationById(id: string): AnyOperation | undefined {
  return byId.get(id)
}
