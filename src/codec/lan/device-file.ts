import { codeOfDpId, type PointSource } from '../../domain/specification.ts'
import { asNumber, isRecord, own } from '../../util/json.ts'
import { Secret } from '../../util/secret.ts'
import { readFunctions, type WireSpecRow } from '../cloud/specification.ts'
import { type LanVersion, lanVersion } from './version.ts'

/** A device as some other program noted it. */
export interface NotedDevice {
  readonly id: string
  readonly name: string | null
  /** 16 characters of one byte each; whatever else stood there is null. */
  readonly localKey: Secret | null
  /** Where it was when the file was written. */
  readonly host: string | null
  readonly version: LanVersion | null
  /** What its gateway calls it; null for a device with a socket of its own. */
  readonly cid: string | null
  readonly gatewayId: string | null
  readonly category: string | null
  readonly points: readonly PointSource[]
}

export interface DeviceFile {
  /** Whose it is, in words for the user. */
  readonly kind: 'device list' | 'scan' | 'cloud list' | 'Home Assistant'
  readonly devices: readonly NotedDevice[]
}

type Row = Readonly<Record<string, unknown>>

const devicesAtMost = 4_096
const pointsAtMost = 500
const idPattern = /^[A-Za-z0-9_-]{1,64}$/

/**
 * What the files of other programs say: `devices.json`, `snapshot.json` and `tuya-raw.json` of tinytuya, the list of
 * tuya-cli's wizard, and Home Assistant's `core.config_entries` with the devices of tuya-local and localtuya in it.
 * Undefined when it is none of them.
 */
export function readDeviceFile(value: unknown): DeviceFile | undefined {
  if (Array.isArray(value)) return { kind: 'device list', devices: devicesOf(withChildren(value)) }
  if (!isRecord(value)) return undefined
  const entries = entriesOf(own(value, 'data'))
  if (entries) return { kind: 'Home Assistant', devices: devicesOf(entries.flatMap(rowsOfEntry)) }
  const scanned = own(value, 'devices')
  if (Array.isArray(scanned)) return { kind: 'scan', devices: devicesOf(scanned) }
  const listed = own(value, 'result')
  // The address there is the one by which the whole home goes out to the internet.
  if (Array.isArray(listed)) return { kind: 'cloud list', devices: devicesOf(listed.map(withoutAddress)) }
  return undefined
}

/** Two notes of one device: what the first leaves open is taken from the second. */
export function joinNotes(first: NotedDevice, second: NotedDevice): NotedDevice {
  return {
    id: first.id,
    name: first.name ?? second.name,
    localKey: first.localKey ?? second.localKey,
    host: first.host ?? second.host,
    version: first.version ?? second.version,
    cid: first.cid ?? second.cid,
    gatewayId: first.gatewayId ?? second.gatewayId,
    category: first.category ?? second.category,
    points: first.points.length > 0 ? first.points : second.points,
  }
}

/** Whether a text can be a local key: any characters of one byte, none of them trimmed. */
export function isLocalKey(text: string): boolean {
  return text.length === 16 && [...text].every((character) => character.charCodeAt(0) < 256)
}

function devicesOf(rows: readonly unknown[]): NotedDevice[] {
  const devices = new Map<string, NotedDevice>()
  for (const row of rows.filter(isRecord)) {
    const device = deviceOf(row)
    if (!device || devices.size >= devicesAtMost) continue
    const known = devices.get(device.id)
    devices.set(device.id, known ? joinNotes(known, device) : device)
  }
  return withParents([...devices.values()], rows.filter(isRecord))
}

function deviceOf(row: Row): NotedDevice | undefined {
  const id = textOf(row, 'id', 'gwId', 'device_id', 'devId')
  if (id === null || !idPattern.test(id)) return undefined
  const key = textOf(row, 'key', 'local_key', 'localKey')
  const gatewayId = textOf(row, 'parent', 'gateway_id')
  const isChild = gatewayId !== null || own(row, 'sub') === true
  return {
    id,
    name: textOf(row, 'name', 'friendly_name'),
    localKey: key !== null && isLocalKey(key) ? new Secret(key) : null,
    host: textOf(row, 'ip', 'host'),
    version: lanVersion(own(row, 'version') || own(row, 'ver') || own(row, 'protocol_version')) ?? null,
    cid: isChild ? textOf(row, 'node_id', 'cid', 'uuid') : textOf(row, 'cid'),
    gatewayId,
    category: textOf(row, 'category'),
    points: pointsOf(row),
  }
}

function textOf(row: Row, ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = own(row, key)
    if (typeof value === 'string' && value !== '' && value.length <= 256) return value
  }
  return null
}

/** Cloud lists often leave out whose child a device is; it has its gateway's key. */
function withParents(devices: readonly NotedDevice[], rows: readonly Row[]): NotedDevice[] {
  const children = new Set(rows.filter((row) => own(row, 'sub') === true).map((row) => textOf(row, 'id')))
  const byKey = new Map<string, string>()
  for (const { id, localKey } of devices) if (localKey && !children.has(id)) byKey.set(localKey.reveal(), id)
  return devices.map((device) => {
    if (!children.has(device.id) || device.gatewayId !== null || device.localKey === null) return device
    return { ...device, gatewayId: byKey.get(device.localKey.reveal()) ?? null }
  })
}

function withoutAddress(row: unknown): unknown {
  return isRecord(row) ? { ...row, ip: null } : row
}

/** The wizard of tuya-cli lists children within their gateways. */
function withChildren(rows: readonly unknown[]): unknown[] {
  return rows.filter(isRecord).flatMap((row) => {
    const children = own(row, 'subDevices')
    if (!Array.isArray(children)) return [row]
    return [row, ...children.filter(isRecord).map((child) => ({ ...child, parent: own(row, 'id') }))]
  })
}

function entriesOf(data: unknown): Row[] | undefined {
  const entries = isRecord(data) ? own(data, 'entries') : undefined
  return Array.isArray(entries) ? entries.filter(isRecord) : undefined
}

function rowsOfEntry(entry: Row): Row[] {
  const data = own(entry, 'data')
  const options = own(entry, 'options')
  if (!isRecord(data)) return []
  const name = own(entry, 'title')
  switch (own(entry, 'domain')) {
    case 'tuya_local':
      return rowsOfTuyaLocal({ name, ...data, ...(isRecord(options) ? options : {}) })
    case 'localtuya': {
      const devices = own(data, 'devices')
      return isRecord(devices) ? Object.values(devices).filter(isRecord) : [{ name, ...data }]
    }
    default:
      return []
  }
}

/** There a child stands with the id, key and address of its gateway, and has no other id than its `cid`. */
function rowsOfTuyaLocal(row: Row): Row[] {
  const cid = textOf(row, 'device_cid')
  if (cid === null) return [row]
  const gateway = textOf(row, 'device_id')
  return [
    { ...row, name: null },
    { id: cid, cid, name: own(row, 'name'), parent: gateway },
  ]
}

function pointsOf(row: Row): PointSource[] {
  const mapping = own(row, 'mapping')
  if (isRecord(mapping)) return mappedPoints(mapping)
  const noted = new Map<number, PointSource>()
  const note = (dpId: number, name: unknown) => {
    if (!Number.isInteger(dpId) || dpId < 1 || dpId > 99_999 || noted.size >= pointsAtMost) return
    const named = typeof name === 'string' && name !== '' ? { name } : {}
    noted.set(dpId, { code: codeOfDpId(dpId), dpId, ...named })
  }
  for (const text of listOf(row, 'dps_strings')) note(Number.parseInt(String(text), 10), null)
  for (const entity of listOf(row, 'entities').filter(isRecord))
    note(asNumber(own(entity, 'id')), own(entity, 'friendly_name'))
  return [...noted.values()]
}

function listOf(row: Row, key: string): readonly unknown[] {
  const list = own(row, key)
  return Array.isArray(list) ? list.slice(0, pointsAtMost) : []
}

/** What the cloud said of the points, by their number. */
function mappedPoints(mapping: Row): PointSource[] {
  const rows = Object.entries(mapping)
    .slice(0, pointsAtMost)
    .flatMap(([dpId, row]): WireSpecRow[] => {
      const code = isRecord(row) ? textOf(row, 'code') : null
      if (!isRecord(row) || code === null || code.length > 128) return []
      return [{ code, dp_id: dpId, type: textOf(row, 'type'), values: own(row, 'values') }]
    })
  return readFunctions({ functions: rows }).filter(({ dpId }) => dpId !== undefined)
}
