import type { SimDevice, SimHome } from '../world.ts'
import type { DpEntry } from '../world-file.ts'

/** The platform's shapes, with the quirks of its own examples. */

export interface WireStatusRow {
  readonly code: string
  readonly value: unknown
}

function standard(device: SimDevice): readonly DpEntry[] {
  return device.model.dps.filter((dp) => dp.standard !== false)
}

export function renderStatus(device: SimDevice): WireStatusRow[] {
  return standard(device)
    .filter((dp) => dp.access !== 'wo')
    .map((dp) => ({ code: dp.code, value: device.status.get(dp.code) }))
}

/** The list of a room prints every value as text. */
export function renderRoomDevice(device: SimDevice, owner: string): object {
  const status = renderStatus(device).map(({ code, value }) => ({ code, value: String(value) }))
  return { ...renderHomeDevice(device, owner), status }
}

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

export function renderDevice(device: SimDevice, owner: string): object {
  const seconds = (ms: number) => Math.floor(ms / 1000)
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

export function renderHome(home: SimHome): object {
  return { name: home.name, lon: home.lon, lat: home.lat, home_id: Number(home.id), geo_name: home.geoName }
}

/** `values` is JSON text; functions are what is accepted, status what is reported. */
export function renderSpecification(device: SimDevice, withDpIds: boolean): object {
  const row = (dp: DpEntry) => ({
    code: dp.code,
    type: dp.type,
    values: JSON.stringify(dp.values),
    ...(withDpIds ? { dp_id: dp.id, name: dp.name ?? dp.code, lang_config: {} } : {}),
  })
  const dps = standard(device)
  return {
    category: device.model.category,
    functions: dps.filter((dp) => dp.access !== 'ro').map(row),
    status: dps.filter((dp) => dp.access !== 'wo').map(row),
  }
}

const thingTypes = {
  Boolean: 'bool',
  Integer: 'value',
  Enum: 'enum',
  String: 'string',
  Json: 'string',
  Raw: 'raw',
  Bitmap: 'bitmap',
} as const

const thingModes = { ro: 'ro', rw: 'rw', wo: 'wr' } as const

/** The thing model stands as JSON text inside JSON. */
export function renderThingModel(device: SimDevice): object {
  const properties = device.model.dps.map((dp) => ({
    abilityId: dp.id,
    accessMode: thingModes[dp.access],
    code: dp.thingCode ?? dp.code,
    description: '',
    name: dp.name ?? dp.code,
    typeSpec: { type: thingTypes[dp.type], ...dp.values, typeDefaultValue: dp.initial },
  }))
  const services = [{ actions: [], code: '', description: '', events: [], name: 'Default', properties }]
  return { model: JSON.stringify({ modelId: device.model.productId, services }) }
}

export function renderShadow(device: SimDevice, codes: readonly string[] | undefined): object {
  const rows = device.model.dps
    .filter((dp) => dp.access !== 'wo')
    .map((dp) => ({
      code: dp.thingCode ?? dp.code,
      custom_name: '',
      dp_id: dp.id,
      time: device.updatedMs,
      value: device.status.get(dp.code),
    }))
  return { properties: codes ? rows.filter(({ code }) => codes.includes(code)) : rows }
}
