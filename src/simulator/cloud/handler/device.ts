import { deviceDelete } from '../../../codec/cloud/operation/device-delete.ts'
import { deviceFactoryInfos } from '../../../codec/cloud/operation/device-factory-infos.ts'
import { deviceFunctionRename } from '../../../codec/cloud/operation/device-function-rename.ts'
import { deviceGet } from '../../../codec/cloud/operation/device-get.ts'
import { deviceMultipleNameSet } from '../../../codec/cloud/operation/device-multiple-name-set.ts'
import { deviceMultipleNames } from '../../../codec/cloud/operation/device-multiple-names.ts'
import { deviceRename } from '../../../codec/cloud/operation/device-rename.ts'
import { deviceResetFactory } from '../../../codec/cloud/operation/device-reset-factory.ts'
import { deviceSubDevices } from '../../../codec/cloud/operation/device-sub-devices.ts'
import { iot03DeviceGet } from '../../../codec/cloud/operation/iot03-device-get.ts'
import { iot03SubDevices } from '../../../codec/cloud/operation/iot03-sub-devices.ts'
import { pointOf, type SimDevice, standardPoints } from '../../world/device.ts'
import type { DpEntry } from '../../world-file.ts'
import { deviceOf, idsOf, listed, ownDeviceOf } from '../access.ts'
import { illegal } from '../given.ts'
import { Refusal } from '../refusal.ts'
import { renderDevice, renderFactoryInfo, renderPlainDevice, renderSubDevice } from '../render/device.ts'
import { pointNameOf } from '../render/specification.ts'
import { serve } from '../serve.ts'

const factoryInfosPerCall = 50

export const deviceHandlers = [
  serve(deviceGet, (calling, { device_id }) => {
    const device = deviceOf(calling, device_id)
    return renderDevice(device, calling.world.ownerOf(device))
  }),
  serve(iot03DeviceGet, (calling, { device_id }) => {
    const device = deviceOf(calling, device_id)
    return renderPlainDevice(device, calling.world.ownerOf(device))
  }),
  serve(deviceRename, (calling, { device_id, name }) => {
    const device = ownDeviceOf(calling, device_id)
    // The platform's own example sends an empty name; the device then has its product's.
    calling.world.rename(device.id, name === '' ? device.model.productName : name)
    return true
  }),
  serve(deviceDelete, (calling, { device_id }) => {
    calling.world.removeDevice(ownDeviceOf(calling, device_id).id)
    return true
  }),
  serve(deviceResetFactory, (calling, { device_id }) => {
    calling.world.removeDevice(ownDeviceOf(calling, device_id).id)
    return true
  }),
  serve(deviceSubDevices, (calling, { device_id }) =>
    listed(calling, calling.world.subDevicesOf(deviceOf(calling, device_id).id)).map(renderSubDevice),
  ),
  serve(iot03SubDevices, (calling, { device_id }) => {
    const gateway = deviceOf(calling, device_id)
    const owner = calling.world.ownerOf(gateway)
    return listed(calling, calling.world.subDevicesOf(gateway.id)).map((device) =>
      renderPlainDevice(device, owner),
    )
  }),
  serve(deviceFactoryInfos, (calling, { device_ids }) =>
    idsOf(device_ids, factoryInfosPerCall).map((id) => renderFactoryInfo(deviceOf(calling, id))),
  ),
  serve(deviceFunctionRename, (calling, { device_id, function_code, name }) => {
    const device = ownDeviceOf(calling, device_id)
    const dp = pointOf(device, function_code)
    if (!dp || dp.access === 'ro') throw new Refusal(2003, 'function not support')
    calling.world.renamePoint(device, dp, name)
    return true
  }),
  serve(deviceMultipleNames, (calling, { device_id }) => {
    const device = deviceOf(calling, device_id)
    const channels = channelsOf(device).map((dp) => ({
      identifier: dp.code,
      name: pointNameOf(device, dp),
    }))
    return [{ identifier: 'main', name: device.name }, ...channels]
  }),
  serve(deviceMultipleNameSet, (calling, { device_id, identifier, name }) => {
    const device = ownDeviceOf(calling, device_id)
    if (identifier === 'main') {
      calling.world.rename(device.id, name)
      return true
    }
    const dp = channelsOf(device).find(({ code }) => code === identifier)
    if (!dp) throw illegal()
    calling.world.renamePoint(device, dp, name)
    return true
  }),
]

/** What of a device people see as a thing of its own: each switch, each button. */
function channelsOf(device: SimDevice): readonly DpEntry[] {
  return standardPoints(device.model).filter(({ code }) =>
    /^(switch(_led|_mode|_usb|_type)?_?\d+|switch\d+_value|scene_\d+)$/.test(code),
  )
}
