import type { Ability } from '../../domain/ability.ts'
import type { Device } from '../../domain/device.ts'
import { digest, homieId, homieIds } from './id.ts'
import { type Property, propertiesOf } from './property.ts'

/** A property at its place in the tree of its device. */
export interface Placed {
  readonly id: string
  /** `<node>/<property>` */
  readonly path: string
  readonly property: Property
}

export interface HomieNode {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly properties: readonly Placed[]
}

/** What a device is in Homie, whatever its version. */
export interface HomieDevice {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly nodes: readonly HomieNode[]
}

/** No instance's name holds two hyphens at its end, so that the devices of one bridge are told from another's. */
export function rootId(instance: string): string {
  return `tuya-${instance}`
}

export function childPrefix(instance: string): string {
  return `${rootId(instance)}--`
}

export function childId(instance: string, deviceId: string): string {
  return `${childPrefix(instance)}${subjectId(deviceId)}`
}

/**
 * The same in Homie 4, some readers of which take no two hyphens in a row: whatever stands for the instance has none, so
 * that the first after it ends it.
 */
export function flatPrefix(instance: string): string {
  const word = instance.replaceAll('-', '')
  return `tuya-${word === instance ? word : `${word}${digest(instance)}`}-`
}

export function flatId(instance: string, deviceId: string): string {
  return `${flatPrefix(instance)}${subjectId(deviceId)}`
}

/** Homes have a slash in theirs, which no device has. */
function subjectId(id: string): string {
  return homieId(id.replace('/', '-'))
}

/** A node for each ability, a property for each point that it stands on. */
export function homieDevice(device: Device, abilities: readonly Ability[], id: string): HomieDevice {
  const nodeIds = homieIds(abilities.map(({ key }) => key))
  const nodes = abilities.map((ability): HomieNode => {
    const node = nodeIds.get(ability.key) ?? homieId(ability.key)
    const found = propertiesOf(ability)
    const ids = homieIds(found.map(({ id }) => id))
    const properties = found.map((property): Placed => {
      const own = ids.get(property.id) ?? homieId(property.id)
      return { id: own, path: `${node}/${own}`, property }
    })
    return { id: node, name: ability.name, type: ability.kind, properties }
  })
  return { id, name: device.name, type: device.category, nodes }
}

export function placesOf({ nodes }: HomieDevice): readonly Placed[] {
  return nodes.flatMap(({ properties }) => properties)
}
