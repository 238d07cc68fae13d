import type { Inventory } from '../inventory/inventory.ts'
import { DeviceTopics } from '../mqtt/device-topics.ts'
import type { EventTopics } from '../mqtt/event-topics.ts'
import type { Mirror } from '../mqtt/mirror.ts'

export interface Followers {
  readonly mirror: Mirror
  readonly happenings: EventTopics
  /** Something is said of a thing in this run. */
  readonly onPublished: (group: string) => void
}

/** Whatever changes in the inventory is said on MQTT. */
export function followInventory(inventory: Inventory, { mirror, happenings, onPublished }: Followers): void {
  const { events } = inventory
  events.on('home', ({ home, before }) => {
    mirror.homeChanged(home, before)
    onPublished(`home/${home.id}`)
  })
  events.on('homeRemoved', (home) => mirror.homeRemoved(home))
  events.on('room', ({ room, before }) => {
    mirror.roomChanged(room, before)
    onPublished(`room/${room.id}`)
  })
  events.on('roomRemoved', (room) => mirror.roomRemoved(room))
  events.on('device', ({ record, before }) => mirror.deviceChanged(record, before))
  events.on('deviceRemoved', ({ device }) => mirror.deviceRemoved(device))
  events.on('specification', ({ record }) => mirror.specificationChanged(record))
  // Two parts of one settlement: what happened, and the state that it led to.
  tellReports(inventory, happenings)
  events.on('report', ({ record, source, receivedMs, changed, observed, settlement }) => {
    const applied = { source, receivedMs, changed, isNews: observed.length > 0 }
    mirror.reported(record, applied, settlement?.part())
    // The first values of this run: whatever else stood below the device is of an earlier one.
    if (source !== 'snapshot') onPublished(DeviceTopics.group(record.device.id))
  })
  events.on('members', ({ homeId, members }) => mirror.beside.members(homeId, members))
  events.on('firmware', ({ deviceId, modules }) => mirror.beside.firmware(deviceId, modules))
  events.on('total', ({ record, code }) => mirror.totalChanged(record, code))
  events.on('bindings', ({ deviceId, bindings }) => mirror.beside.bindings(deviceId, bindings))
  inventory.scenes.events.on('changed', ({ now, before }) => {
    mirror.sceneChanged(now, before)
    onPublished(`scene/${now.id}`)
  })
  inventory.scenes.events.on('removed', (scene) => mirror.sceneRemoved(scene))
  inventory.automations.events.on('changed', ({ now, before }) => {
    mirror.automationChanged(now, before)
    onPublished(`automation/${now.id}`)
  })
  inventory.automations.events.on('removed', (automation) => mirror.automationRemoved(automation))
  events.on('namesForgotten', () => mirror.namesForgotten())
  events.on('staleness', (sources) => mirror.stalenessChanged(sources))
  events.on('lanStaleness', (record) => mirror.devices.staleness(record))
  events.on('lan', (record) => mirror.lanChanged(record))
}

/** What devices say is told as events. */
export function tellReports(inventory: Inventory, happenings: Pick<EventTopics, 'reported'>): void {
  inventory.events.on('report', ({ record, source, receivedMs, said, settlement, told }) => {
    const happened = { deviceId: record.device.id, source, receivedMs, said }
    const waiting = settlement ?? told
    if (waiting) waiting.join((part) => happenings.reported(happened, part))
    else happenings.reported(happened)
  })
}
