import { associatedDevices } from '../../../codec/cloud/operation/associated-devices.ts'
import { deviceList } from '../../../codec/cloud/operation/device-list.ts'
import { deviceListV2 } from '../../../codec/cloud/operation/device-list-v2.ts'
import { iot03DeviceList } from '../../../codec/cloud/operation/iot03-device-list.ts'
import { iot03Devices } from '../../../codec/cloud/operation/iot03-devices.ts'
import { userDevices } from '../../../codec/cloud/operation/user-devices.ts'
import type { SimDevice } from '../../world/device.ts'
import { livesIn } from '../../world/home.ts'
import { allDevices, deviceOf, idsOf, listed, pageOf, rowsAfter, userOf } from '../access.ts'
import { renderDevice, renderPlainDevice } from '../render/device.ts'
import { type Calling, serve } from '../serve.ts'
import { checkSchema } from './token.ts'

const idsPerCall = 20
const usualPage = 20

/** The platform has several lists of devices, each with its own way of turning pages. */
export const deviceListHandlers = [
  serve(deviceList, (calling, { schema, product_id, device_ids, page_no = 1, page_size = usualPage }) => {
    const devices = chosen(calling, { schema, product_id, device_ids })
    const page = pageOf(devices, page_no, page_size)
    return { devices: page.map(renderIn(calling)), total: devices.length, last_id: page.at(-1)?.id ?? '' }
  }),
  serve(deviceListV2, (calling, { size, last_row_key = '', start_update_time, end_update_time, ...by }) => {
    const from = start_update_time ?? 0
    const until = end_update_time ?? Number.MAX_SAFE_INTEGER
    const devices = chosen(calling, by).filter(({ updatedMs }) => {
      const seconds = Math.floor(updatedMs / 1000)
      return seconds >= from && seconds <= until
    })
    const { rows, hasMore, lastKey } = rowsAfter(devices, ({ id }) => id, last_row_key, size)
    return {
      devices: rows.map(renderIn(calling)),
      total: devices.length,
      has_more: hasMore,
      last_row_key: lastKey,
      last_id: lastKey,
    }
  }),
  serve(userDevices, (calling, { uid, from, page_no, page_size }) => {
    userOf(calling, uid)
    const { homes } = calling.world
    const devices = allDevices(calling).filter((device) => {
      const home = homes.get(device.homeId)
      return from !== 'sharing' && home !== undefined && livesIn(home, uid)
    })
    const shown = page_no === undefined ? devices : pageOf(devices, page_no, page_size ?? usualPage)
    return shown.map((device) => renderDevice(device, uid))
  }),
  serve(associatedDevices, (calling, { size = usualPage, last_row_key = '' }) => {
    const devices = allDevices(calling)
    const { rows, hasMore, lastKey } = rowsAfter(devices, ({ id }) => id, last_row_key, size)
    return {
      devices: rows.map(renderIn(calling)),
      has_more: hasMore,
      last_row_key: lastKey,
      total: devices.length,
    }
  }),
  serve(
    iot03Devices,
    (calling, { source_type, source_id, device_ids, page_size = usualPage, last_row_key = '' }) => {
      const ofUser = source_type === 'tuyaUser' ? source_id : undefined
      const devices = chosen(calling, { device_ids }).filter(
        (device) => ofUser === undefined || calling.world.ownerOf(device) === ofUser,
      )
      const { rows, hasMore, lastKey } = rowsAfter(devices, ({ id }) => id, last_row_key, page_size)
      return {
        list: rows.map((device) => renderPlainDevice(device, calling.world.ownerOf(device))),
        total: devices.length,
        has_more: hasMore,
        last_row_key: lastKey,
      }
    },
  ),
  serve(iot03DeviceList, (calling, { device_ids }) => {
    const devices = chosen(calling, { device_ids })
    const list = devices.map((device) => renderPlainDevice(device, calling.world.ownerOf(device)))
    return { list, total: list.length }
  }),
]

const renderIn = (calling: Calling) => (device: SimDevice) =>
  renderDevice(device, calling.world.ownerOf(device))

interface Choice {
  readonly schema?: string | undefined
  readonly product_id?: string | undefined
  readonly device_ids?: string | undefined
}

/** By ids, by product, or all that the caller sees. */
function chosen(calling: Calling, { schema, product_id, device_ids }: Choice): readonly SimDevice[] {
  if (schema !== undefined) checkSchema(calling.world, schema)
  const devices =
    device_ids === undefined
      ? allDevices(calling)
      : listed(
          calling,
          idsOf(device_ids, idsPerCall).map((id) => deviceOf(calling, id)),
        )
  return devices.filter(({ model }) => product_id === undefined || model.productId === product_id)
}
