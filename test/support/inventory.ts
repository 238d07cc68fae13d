import { valueCodec } from '../../src/codec/data-point/codec.ts'
import type { InventoryEvents } from '../../src/inventory/events.ts'
import { Inventory } from '../../src/inventory/inventory.ts'
import type { Clock } from '../../src/util/clock.ts'

/** An empty inventory with the real codec. */
export function newInventory(clock: Pick<Clock, 'now'> & Partial<Clock>, isDated = true): Inventory {
  const later = clock.after ? { after: clock.after.bind(clock) } : {}
  return new Inventory({ codec: valueCodec, now: () => clock.now(), isDated: () => isDated, ...later })
}

export type Told = {
  [K in keyof InventoryEvents]: readonly [kind: K, event: InventoryEvents[K]]
}[keyof InventoryEvents]

/** Every kind of event; the compiler misses the one that is left out. */
const kinds: Readonly<Record<keyof InventoryEvents, true>> = {
  home: true,
  homeRemoved: true,
  room: true,
  roomRemoved: true,
  members: true,
  bindings: true,
  device: true,
  deviceRemoved: true,
  specification: true,
  report: true,
  total: true,
  firmware: true,
  namesForgotten: true,
  staleness: true,
  lan: true,
  lanStaleness: true,
  doubted: true,
}

/** All that an inventory tells from now on, in order. */
export function toldBy(inventory: Inventory): Told[] {
  const told: Told[] = []
  for (const kind of Object.keys(kinds) as (keyof InventoryEvents)[])
    inventory.events.on(kind, (event) => told.push([kind, event] as unknown as Told))
  return told
}
