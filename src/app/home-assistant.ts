import { abilitiesOf } from '../domain/ability.ts'
import { externalActions } from '../domain/automation.ts'
import { isLock } from '../domain/device.ts'
import { readOnly } from '../domain/specification.ts'
import { Discovery, type DiscoveryHouse } from '../integration/homeassistant/discovery.ts'
import type { Subject } from '../integration/homeassistant/discovery-topics.ts'
import type { DocumentedDevice } from '../integration/homeassistant/document.ts'
import type { DeviceRecord } from '../inventory/events.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { actionName } from '../mqtt/payload-scene.ts'
import type { Publisher } from '../mqtt/publisher.ts'
import type { TopicTree } from '../mqtt/topic.ts'
import type { Clock } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import type { Config } from './config-types.ts'
import { version } from './version.ts'

export interface HomeAssistantParts {
  readonly config: Config
  readonly inventory: Inventory
  readonly publisher: Publisher
  readonly tree: TopicTree
  readonly clock: Clock
  readonly random: Random
}

const group = 'homeassistant'

/** Discovery documents that follow the inventory, while the settings want them. */
export function followForHomeAssistant(parts: HomeAssistantParts): Discovery {
  const { config, inventory, publisher, tree, clock, random } = parts
  const discovery = new Discovery({
    prefix: config.publish.homeassistantPrefix,
    instance: config.mqtt.instance,
    version,
    tree,
    clock,
    random,
    house: house(parts),
    sink: {
      // Documents of discovery are retained like those of the bridge's own tree.
      retain: (topic, payload) => publisher.retainAt(group, 'metaDevice', topic, payload),
      repeat: (topic) => publisher.confirm(group, topic, () => {}),
      clear: (topic) => publisher.clear(group, topic),
    },
  })
  followInventory(inventory, discovery)
  if (config.publish.homeassistant) discovery.switchOn(subjects(inventory))
  return discovery
}

/** What there is to tell of by now, parents before their children. */
export function subjects(inventory: Inventory): Subject[] {
  const records = [...inventory.devices.values()].sort(
    (a, b) => Number(a.device.gatewayId !== null) - Number(b.device.gatewayId !== null),
  )
  return [
    ...[...inventory.homes.keys()].flatMap((id): Subject[] => [`scenes/${id}`, `automations/${id}`]),
    ...records.map(({ device }): Subject => `device/${device.id}`),
  ]
}

function house({ config, inventory }: HomeAssistantParts): DiscoveryHouse {
  return {
    device: (id) => documented(inventory, config, inventory.device(id)),
    isAwaited: (id) => {
      const record = inventory.device(id)
      return record !== undefined && isUndescribed(record)
    },
    home: (id) => inventory.homes.get(id),
    scenes: (homeId) => inventory.scenes.inHome(homeId),
    automations: (homeId) => inventory.automations.inHome(homeId),
    actionNames: (automation) =>
      externalActions(automation).flatMap(({ data }) => actionName(data, config.events.actionKeys) ?? []),
  }
}

function isUndescribed({ specification }: DeviceRecord): boolean {
  return specification === undefined || specification.partial === true
}

/** Undefined until the whole specification is known: entities that come and go again are worse than late ones. */
function documented(
  inventory: Inventory,
  { operations }: Config,
  record: DeviceRecord | undefined,
): DocumentedDevice | undefined {
  const specification = record?.specification
  if (!record || !specification || isUndescribed(record)) return undefined
  const { device } = record
  const mayWrite = !isLock(device) || operations.allow.includes('lock')
  const room = device.roomId === null ? undefined : inventory.rooms.get(device.roomId)
  return {
    device,
    abilities: abilitiesOf(device.category, mayWrite ? specification : readOnly(specification)),
    roomName: room?.name ?? null,
    firmware: (inventory.firmware.get(device.id)?.length ?? 0) > 0,
    installs: operations.allow.includes('firmware'),
  }
}

function followInventory({ events, scenes, automations, devices }: Inventory, discovery: Discovery): void {
  const device = (id: string) => discovery.touch(`device/${id}`)
  events.on('device', ({ record, before }) => {
    if (!before || changed(record.device, before)) device(record.device.id)
  })
  events.on('specification', ({ record }) => device(record.device.id))
  events.on('firmware', ({ deviceId }) => device(deviceId))
  events.on('deviceRemoved', ({ device: { id } }) => discovery.remove(`device/${id}`))
  events.on('room', ({ room }) => {
    for (const { device: one } of devices.values()) if (one.roomId === room.id) device(one.id)
  })
  events.on('home', ({ home }) => {
    discovery.touch(`scenes/${home.id}`)
    discovery.touch(`automations/${home.id}`)
  })
  events.on('homeRemoved', ({ id }) => {
    discovery.remove(`scenes/${id}`)
    discovery.remove(`automations/${id}`)
  })
  scenes.events.on('changed', ({ now }) => discovery.touch(`scenes/${now.homeId}`))
  scenes.events.on('removed', ({ homeId }) => discovery.touch(`scenes/${homeId}`))
  automations.events.on('changed', ({ now }) => discovery.touch(`automations/${now.homeId}`))
  automations.events.on('removed', ({ homeId }) => discovery.touch(`automations/${homeId}`))
}

/** Whether a document would read otherwise; coming and going of a device is said elsewhere. */
function changed(now: DeviceRecord['device'], before: DeviceRecord['device']): boolean {
  const keys = ['name', 'category', 'roomId', 'gatewayId'] as const
  return keys.some((key) => now[key] !== before[key]) || now.product.name !== before.product.name
}
