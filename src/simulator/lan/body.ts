import { hasSession, type LanVersion } from '../../codec/lan/version.ts'

/** Values by data point id, as they stand on the wire. */
export type Dps = Readonly<Record<string, unknown>>

/** Whom a message speaks of; `cid` is null for the device of the connection itself. */
export interface Speaker {
  readonly version: LanVersion
  readonly deviceId: string
  readonly cid: string | null
}

/** What a device says of its own accord. */
export function pushBody({ version, deviceId, cid }: Speaker, dps: Dps, timeS: number): object {
  if (hasSession(version))
    return { protocol: 4, t: timeS, data: cid === null ? { dps } : { dps, cid, ctype: 0 } }
  return cid === null ? { devId: deviceId, dps, t: timeS } : { dps, cid, t: timeS }
}

/** What a device answers to a query. */
export function queryBody({ version, deviceId, cid }: Speaker, dps: Dps): object {
  if (cid !== null) return { cid, dps }
  return hasSession(version) ? { dps } : { devId: deviceId, dps }
}

/** So many devices go into one message. */
const cidsAMessage = 20

/** What a gateway says of those behind it, in more than one message when they are many. */
export function childrenBodies(online: readonly string[], offline: readonly string[]): readonly object[] {
  const all = [
    ...online.map((cid) => ({ cid, online: true })),
    ...offline.map((cid) => ({ cid, online: false })),
  ]
  const bodies: object[] = []
  for (let at = 0; at === 0 || at < all.length; at += cidsAMessage) {
    const part = all.slice(at, at + cidsAMessage)
    const cids = (wanted: boolean) => part.filter((each) => each.online === wanted).map(({ cid }) => cid)
    const data = { online: cids(true), offline: cids(false), nearby: [] }
    bodies.push({ reqType: 'subdev_online_stat_report', data })
  }
  return bodies
}
