import type { Inventory } from '../../inventory/inventory.ts'

/** The lists that are told whole when anything in them changes. */
export type ListName = 'homes' | 'rooms' | 'scenes' | 'automations'

export interface HouseFollower {
  readonly device: (id: string) => void
  /** New, or with other points, or of another category, so that they mean something else. */
  readonly described: (id: string) => void
  readonly removed: (id: string) => void
  /** What counts as stale has changed. */
  readonly staleness: () => void
  readonly list: (name: ListName) => void
}

/** Tells what changes in the house. */
export function followHouse(inventory: Inventory, follower: HouseFollower): void {
  const { events, scenes, automations } = inventory
  const changed = (name: ListName) => () => follower.list(name)
  events.on('home', changed('homes'))
  events.on('homeRemoved', changed('homes'))
  events.on('room', changed('rooms'))
  events.on('roomRemoved', changed('rooms'))
  for (const kind of ['changed', 'removed'] as const) {
    scenes.events.on(kind, changed('scenes'))
    automations.events.on(kind, changed('automations'))
  }
  events.on('device', ({ record, before }) =>
    before && before.category === record.device.category
      ? follower.device(record.device.id)
      : follower.described(record.device.id),
  )
  events.on('specification', ({ record }) => follower.described(record.device.id))
  events.on('report', ({ record }) => follower.device(record.device.id))
  events.on('total', ({ record }) => follower.device(record.device.id))
  events.on('deviceRemoved', ({ device }) => follower.removed(device.id))
  events.on('staleness', () => follower.staleness())
  events.on('lanStaleness', ({ device }) => follower.device(device.id))
}
