import type { Device } from '../domain/device.ts'
import { joinSpecification, pointByDpId } from '../domain/specification.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { ConfiguredDevice } from './lan-import.ts'

/** Where devices live that no account knows. */
export const lanHome = { id: 'lan', name: 'LAN', local: true } as const

/**
 * Devices that only the configuration knows are in the house, with the points that it names; others appear as they
 * speak. Those that it does not name any more leave, and their home with the last of them.
 */
export function adoptLanDevices(configured: readonly ConfiguredDevice[], inventory: Inventory): void {
  const ids = new Set(configured.map(({ id }) => id))
  for (const { device } of inventory.devicesOf(lanHome.id))
    if (!ids.has(device.id)) inventory.removeDevice(device.id)
  const ours = configured.filter(({ id }) => isOurs(inventory.device(id)?.device))
  if (ours.length === 0) inventory.removeHome(lanHome.id)
  else inventory.setHome(lanHome)
  for (const one of ours) put(one, inventory)
}

/** Whatever an account lists is the account's. */
function isOurs(known: Device | undefined): boolean {
  return known === undefined || known.homeId === lanHome.id
}

function deviceOf({ id, name, category, gatewayId }: ConfiguredDevice): Device {
  return {
    id,
    name: name ?? id,
    category: category ?? '',
    product: { id: '', name: '' },
    homeId: lanHome.id,
    roomId: null,
    gatewayId,
    sub: gatewayId !== null,
    online: false,
    icon: null,
    timeZone: null,
    createdMs: null,
    updatedMs: null,
    ownerUid: null,
  }
}

/** What the device has told of itself besides stays; where a point has another name now, it begins anew. */
function put(one: ConfiguredDevice, inventory: Inventory): void {
  const named = joinSpecification({ standard: one.points, thing: [], shadow: [] }, {}).points
  const before = inventory.specification(one.id)
  const isRenamed = [...named.values()].some(({ dpId, code }) => {
    const known = dpId === null ? undefined : pointByDpId(before, dpId)
    return known !== undefined && known.code !== code
  })
  if (isRenamed) inventory.removeDevice(one.id)
  inventory.setDevices([deviceOf(one)])
  const told = isRenamed ? [] : [...(before?.points ?? [])].filter(([code]) => /^dp_\d+$/.test(code))
  inventory.setSpecification(one.id, { source: 'lan', points: new Map([...told, ...named]) })
}
