import type { References, Referred } from '../domain/definition.ts'
import { type Device, isLock } from '../domain/device.ts'
import type { DeviceRecord } from '../inventory/events.ts'
import type { Inventory } from '../inventory/inventory.ts'

/** What scenes and automations may speak of: what is known here. Locks are watched only, unless the owner allows more. */
export function referencesTo(inventory: Inventory, allow: readonly string[]): References {
  const locksAllowed = allow.includes('lock')
  const lists = {
    device: () => [...inventory.devices.values()].map(({ device }) => referred(device)),
    scene: () => [...inventory.scenes.all.values()],
    automation: () => [...inventory.automations.all.values()],
  }
  return {
    device: (id) => {
      const record: DeviceRecord | undefined = inventory.device(id)
      if (!record) return undefined
      const { device, specification } = record
      return { ...referred(device), specification, locked: isLock(device) && !locksAllowed }
    },
    scene: (id) => inventory.scenes.get(id),
    automation: (id) => inventory.automations.get(id),
    all: (kind) => lists[kind](),
  }
}

function referred({ id, name, homeId }: Device): Referred {
  return { id, name, homeId }
}
