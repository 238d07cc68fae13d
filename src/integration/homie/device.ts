import type { Ability } from '../../domain/ability.ts'
import type { Device } from '../../domain/device.ts'
import { homieId, homieIds } from './id.ts'
import { type Property, type PropertyDescription, propertiesOf } from './property.ts'

/** A property at its place in the tree of its device. */
export interface Placed {
  /** `<node>/<property>` */
  readonly path: string
  readonly property: Property
}

/** What a device is in Homie, the version of its description left out. */
export interface HomieDevice {
  readonly id: string
  readonly description: Readonly<Record<string, unknown>>
  readonly properties: readonly Placed[]
}

/** No instance's name holds two hyphens at its end, so that the devices of one bridge are told from another's. */
export function rootId(instance: string): string {
  return `tuya-${instance}`
}

export function childPrefix(instance: string): string {
  return `${rootId(instance)}--`
}

export function childId(instance: string, deviceId: string): string {
  return `${childPrefix(instance)}${homieId(deviceId)}`
}

/** A node for each ability, a property for each point that it stands on. */
export function homieDevice(device: Device, abilities: readonly Ability[], instance: string): HomieDevice {
  const nodeIds = homieIds(abilities.map(({ key }) => key))
  const nodes: Record<string, unknown> = {}
  const placed: Placed[] = []
  for (const ability of abilities) {
    const node = nodeIds.get(ability.key) ?? homieId(ability.key)
    const found = propertiesOf(ability)
    const ids = homieIds(found.map(({ id }) => id))
    const described: Record<string, PropertyDescription> = {}
    for (const property of found) {
      const id = ids.get(property.id) ?? homieId(property.id)
      described[id] = property.description
      placed.push({ path: `${node}/${id}`, property })
    }
    nodes[node] = { name: ability.name, type: ability.kind, properties: described }
  }
  const root = rootId(instance)
  return {
    id: childId(instance, device.id),
    description: { homie: '5.0', name: device.name, type: device.category, root, parent: root, nodes },
    properties: placed,
  }
}

export function rootDescription(
  instance: string,
  children: readonly string[],
): Readonly<Record<string, unknown>> {
  return { homie: '5.0', name: `dp2mqtt ${instance}`, type: 'bridge', children, nodes: {} }
}
