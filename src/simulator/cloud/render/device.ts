import type { SimDevice } from '../../world/device.ts'
import { standardPoints } from '../../world/device.ts'

/** The platform's shapes, with the quirks of its own examples. */

export interface WireStatusRow {
  readonly code: string
  readonly value: unknown
}

export function renderStatus(device: SimDevice): WireStatusRow[] {
  return standardPoints(device.model)
    .filter((dp) => dp.access !== 'wo')
    .map((dp) => ({ code: dp.code, value: device.status.get(dp.code) }))
}

const seconds = (ms: number) => Math.floor(ms / 1000)

/** The list of a home leaves out names of products, times and icons. */
export function renderHomeDevice(device: SimDevice, owner: string): object {
  return {
    uuid: device.uuid,
    uid: owner,
    name: device.name,
    ip: null,
    sub: device.gatewayId !== null,
    status: renderStatus(device),
    category: device.model.category,
    online: device.online,
    id: device.id,
    time_zone: '+08:00',
    local_key: device.localKey,
    owner_id: device.homeId,
    product_id: device.model.productId,
  }
}

/** The list of a room prints every value as text, and neither address nor time zone. */
export function renderRoomDevice(device: SimDevice, owner: string): object {
  const status = renderStatus(device).map(({ code, value }) => ({ code, value: String(value) }))
  return { ...renderDevice(device, owner), ip: '', time_zone: '', status }
}

export function renderDevice(device: SimDevice, owner: string): object {
  return {
    ...renderHomeDevice(device, owner),
    ip: device.ip,
    biz_type: 18,
    product_name: device.model.productName,
    icon: device.model.icon ?? `smart/icon/${device.model.category}.png`,
    active_time: seconds(device.createdMs),
    create_time: seconds(device.createdMs),
    update_time: seconds(device.updatedMs),
    ...(device.model.model === undefined ? {} : { model: device.model.model }),
    ...(device.gatewayId === null ? {} : { node_id: device.uuid, gateway_id: device.gatewayId }),
  }
}

/** The newer family of operations tells values apart from devices. */
export function renderPlainDevice(device: SimDevice, owner: string): object {
  const { status: _status, ...plain } = renderDevice(device, owner) as { status: unknown }
  return {
    ...plain,
    category_name: device.model.productName,
    sn: serialNumberOf(device),
    gateway_id: device.gatewayId ?? '',
  }
}

function serialNumberOf(device: SimDevice): string {
  return `SN${device.uuid.slice(0, 12).toUpperCase()}`
}

/** Ids of homes are text here, whatever the table says. */
export function renderSubDevice(device: SimDevice): object {
  return {
    id: device.id,
    name: device.name,
    online: device.online,
    owner_id: device.homeId,
    category: device.model.category,
    product_id: device.model.productId,
    active_time: seconds(device.createdMs),
    update_time: seconds(device.updatedMs),
  }
}

/** The address of a Zigbee device is its own id; serial numbers are not told. */
export function renderFactoryInfo(device: SimDevice): object {
  return { id: device.id, uuid: device.uuid, mac: device.gatewayId === null ? macOf(device) : device.uuid }
}

function macOf(device: SimDevice): string {
  const digits = Buffer.from(device.uuid).toString('hex').slice(0, 6).match(/../g) as string[]
  return ['5c', 'cf', '7f', ...digits].join(':')
}

/** What scenes and automations show of a device. */
export function renderLinkDevice(device: SimDevice): object {
  return {
    id: device.id,
    uuid: device.uuid,
    name: device.name,
    product_id: device.model.productId,
    home_id: device.homeId,
  }
}
