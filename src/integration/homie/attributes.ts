import type { HomieDevice, HomieNode, Placed } from './device.ts'
import { homieId } from './id.ts'
import type { Shape } from './property.ts'

/** Below the topic of the device: where it stands, and what. */
export type Attribute = readonly [path: string, payload: string]

/**
 * A device in the words of Homie 4, in the order in which they are told: what a list names stands there before the list.
 * What is as the convention takes it for granted is left out.
 */
export function attributesOf(device: HomieDevice): readonly Attribute[] {
  // MQTT keeps no empty list.
  const nodes = device.nodes.filter(({ properties }) => properties.length > 0)
  return [
    ['$homie', '4.0.0'],
    ['$name', named(device.name, device.id)],
    ['$implementation', 'dp2mqtt'],
    ...nodes.flatMap(ofNode),
    ...(nodes.length === 0 ? [] : [['$nodes', nodes.map(({ id }) => id).join(',')] as const]),
  ]
}

function ofNode({ id, name, type, properties }: HomieNode): readonly Attribute[] {
  return [
    ...properties.flatMap(ofProperty),
    [`${id}/$name`, named(name, id)],
    [`${id}/$type`, named(type, id)],
    [`${id}/$properties`, properties.map((placed) => placed.id).join(',')],
  ]
}

function ofProperty({ id, path, property }: Placed): readonly Attribute[] {
  const { name, shape, unit, isSettable, isRetained } = property
  const { datatype, format } = typed(shape)
  return [
    [`${path}/$name`, named(name, id)],
    [`${path}/$datatype`, datatype],
    ...(format === null ? [] : [[`${path}/$format`, format] as const]),
    ...(isSettable ? [[`${path}/$settable`, 'true'] as const] : []),
    ...(isRetained ? [] : [[`${path}/$retained`, 'false'] as const]),
    ...(unit === null || unit === '' ? [] : [[`${path}/$unit`, unit] as const]),
  ]
}

/** Lists and objects are text here, ranges have no step, and a colour has one form alone. */
function typed(shape: Shape): { readonly datatype: string; readonly format: string | null } {
  switch (shape.kind) {
    case 'boolean':
      return { datatype: 'boolean', format: null }
    case 'text':
    case 'json':
      return { datatype: 'string', format: null }
    case 'colour':
      return { datatype: 'color', format: 'hsv' }
    case 'enum':
      return { datatype: 'enum', format: shape.words.join(',') }
    case 'integer':
    case 'float':
      return { datatype: shape.kind, format: shape.range && `${shape.range.min}:${shape.range.max}` }
  }
}

const longestName = 256

/** Nothing keeps an empty payload, and every name must be there. */
function named(name: string, id: string): string {
  const text = name.trim().slice(0, longestName)
  return text === '' ? homieId(id) : text
}
