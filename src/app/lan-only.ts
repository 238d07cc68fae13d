import type { Specification } from '../domain/data-point.ts'
import type { Device } from '../domain/device.ts'
import { joinSpecification } from '../domain/specification.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { ConfiguredDevice } from './lan-import.ts'

/** Where devices live that no account knows. */
export const lanHome = { id: 'lan', name: 'LAN', local: true } as const

/** Devices that only the configuration knows join the house, with the points that it names; others appear as they speak. */
export function adoptLanDevices(entries: readonly ConfiguredDevice[], inventory: Inventory): void {
  const unknown = entries.filter(({ id }) => inventory.device(id) === undefined)
  if (unknown.length === 0) return
  inventory.setHome(lanHome)
  inventory.setDevices(unknown.map(deviceOf))
  for (const entry of unknown) inventory.setSpecification(entry.id, specificationOf(entry))
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

function specificationOf({ points }: ConfiguredDevice): Specification {
  return { ...joinSpecification({ standard: points, thing: [], shadow: [] }, {}), source: 'lan' }
}
