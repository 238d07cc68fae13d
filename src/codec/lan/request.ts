import type { Json } from '../../domain/data-point.ts'
import { lanCommand } from './command.ts'
import { hasSession, type LanVersion } from './version.ts'

/** A command and its body, still without version header. */
export interface Request {
  readonly command: number
  readonly body: object
}

/** Whom a request is for: the device of the connection, or one behind it. */
export interface Target {
  readonly deviceId: string
  /** What the gateway calls a sub-device; null for the device of the connection itself. */
  readonly cid: string | null
}

/** By data point id; null asks for the value. */
export type Values = Readonly<Record<string, Json>>

/** Sets values; devices of 3.4 and 3.5 acknowledge a body without `data` and do nothing. */
export function setRequest(
  version: LanVersion,
  { deviceId, cid }: Target,
  dps: Values,
  timeS: number,
): Request {
  if (hasSession(version)) {
    const data = cid === null ? { dps } : { cid, ctype: 0, dps }
    return { command: lanCommand.controlNew, body: { protocol: 5, t: timeS, data } }
  }
  const body =
    cid === null ? { devId: deviceId, uid: deviceId, t: String(timeS), dps } : { t: timeS, cid, dps }
  return { command: lanCommand.control, body }
}

/** Asks for all values. */
export function queryRequest(version: LanVersion, { deviceId, cid }: Target, timeS: number): Request {
  if (hasSession(version)) return { command: lanCommand.queryNew, body: cid === null ? {} : { cid } }
  const body =
    cid === null ? { gwId: deviceId, devId: deviceId, uid: deviceId, t: String(timeS) } : { cid, t: timeS }
  return { command: lanCommand.query, body }
}

/** Asks for these values, where a device knows no other question. */
export function nullQueryRequest(
  version: LanVersion,
  target: Target,
  ids: readonly number[],
  timeS: number,
): Request {
  const dps = Object.fromEntries(ids.map((id) => [String(id), null]))
  return { ...setRequest(version, target, dps, timeS), command: lanCommand.controlNew }
}

export function heartbeatRequest(deviceId: string): Request {
  return { command: lanCommand.heartbeat, body: { gwId: deviceId, devId: deviceId } }
}

/** Asks the device to measure these points again. */
export function refreshRequest(ids: readonly number[]): Request {
  return { command: lanCommand.refresh, body: { dpId: ids } }
}

/** Asks a gateway which devices are behind it. */
export function subDevicesRequest(): Request {
  return {
    command: lanCommand.subDevices,
    body: { reqType: 'subdev_online_stat_query', data: { cids: [] } },
  }
}
