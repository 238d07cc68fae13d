import type { DataPoint, Specification } from '../domain/data-point.ts'
import type { Device } from '../domain/device.ts'
import type { LanAccess } from '../domain/link.ts'
import type { LanDevice } from '../transport/lan/device.ts'
import { BoundedMap } from '../util/bounded-map.ts'
import type { ConfiguredDevice } from './lan-import.ts'

/** A device as the inventory knows it. */
export interface KnownDevice {
  readonly device: Pick<Device, 'id' | 'sub' | 'gatewayId' | 'category'>
  readonly specification: Specification | undefined
}

const devicesAtMost = 10_000
/** What metering plugs measure only when asked; older ones by other numbers. */
const metered = new Set(['cur_current', 'cur_power', 'cur_voltage'])
/** Devices that run on batteries: awake for seconds at a time. */
const sleepyCategories = new Set(['mcs', 'wsdcg', 'ywbj', 'rqbj', 'sj', 'pir', 'zd', 'ldcg', 'cobj'])

/** Which devices can be reached on the LAN, and how: from the account, and what the configuration says goes before. */
export class LanBook {
  readonly #told = new BoundedMap<string, LanAccess>(devicesAtMost)

  /** The account lists a device with its key; true when that is news. What one list leaves out another has told. */
  learn(access: LanAccess): boolean {
    const known = this.#told.get(access.deviceId)
    const nodeId = access.nodeId ?? known?.nodeId ?? null
    const uuid = access.uuid ?? known?.uuid ?? null
    const isSame =
      known?.localKey.reveal() === access.localKey.reveal() && known.nodeId === nodeId && known.uuid === uuid
    if (!isSame) this.#told.set(access.deviceId, { ...access, nodeId, uuid })
    return !isSame
  }

  /** All that the account has told. */
  *accesses(): IterableIterator<LanAccess> {
    for (const [, access] of this.#told.entries()) yield access
  }

  /** All devices with a connection of their own; those without a key are left out. */
  devices(configured: readonly ConfiguredDevice[], known: Iterable<KnownDevice>): LanDevice[] {
    const byId = new Map(configured.map((entry) => [entry.id, entry]))
    const records = new Map([...known].map((record) => [record.device.id, record]))
    const ids = new Set([...records.keys(), ...byId.keys()])
    const children = this.#children(ids, byId, records)
    return [...ids].flatMap((id) => {
      const entry = byId.get(id)
      const record = records.get(id)
      const isBehind = (entry?.gatewayId ?? null) !== null || (record?.device.sub ?? false)
      const localKey = entry?.localKey ?? this.#told.get(id)?.localKey
      if (isBehind || !localKey) return []
      const points = [...(record?.specification?.points.values() ?? [])]
      return {
        id,
        localKey,
        address: entry?.address ?? null,
        version: entry?.version ?? null,
        children: children.get(id) ?? new Map(),
        pointIds: points.flatMap(({ dpId }) => dpId ?? []),
        refreshIds: points.filter(isMetered).flatMap(({ dpId }) => dpId ?? []),
        sleeps: sleepyCategories.has(record?.device.category ?? entry?.category ?? ''),
      }
    })
  }

  /** By gateway, the devices behind it by what it calls them. */
  #children(
    ids: ReadonlySet<string>,
    entries: ReadonlyMap<string, ConfiguredDevice>,
    records: ReadonlyMap<string, KnownDevice>,
  ): Map<string, Map<string, string>> {
    const children = new Map<string, Map<string, string>>()
    for (const id of ids) {
      const entry = entries.get(id)
      const gatewayId = entry?.gatewayId ?? records.get(id)?.device.gatewayId
      const told = this.#told.get(id)
      const cid = entry?.cid ?? told?.nodeId ?? told?.uuid
      if (!gatewayId || !cid) continue
      const behind = children.get(gatewayId) ?? new Map<string, string>()
      children.set(gatewayId, behind.set(cid, id))
    }
    return children
  }
}

function isMetered({ code, access }: DataPoint): boolean {
  return access === 'ro' && metered.has(code)
}
