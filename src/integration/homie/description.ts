import { type HomieDevice, rootId } from './device.ts'
import type { Property, Shape } from './property.ts'

/** What stands of a property in the description of its device. */
interface PropertyDescription {
  readonly name: string
  readonly datatype: 'integer' | 'float' | 'boolean' | 'string' | 'enum' | 'color' | 'json'
  readonly format?: string
  readonly settable?: true
  readonly retained?: false
  readonly unit?: string
}

/** A child of the bridge as Homie 5 describes it, the version of its description left out. */
export function deviceDescription(
  { name, type, nodes }: HomieDevice,
  instance: string,
): Readonly<Record<string, unknown>> {
  const root = rootId(instance)
  const described = nodes.map((node) => {
    const properties = Object.fromEntries(node.properties.map(({ id, property }) => [id, ofOne(property)]))
    return [node.id, { name: node.name, type: node.type, properties }]
  })
  return { homie: '5.0', name, type, root, parent: root, nodes: Object.fromEntries(described) }
}

export function rootDescription(
  instance: string,
  children: readonly string[],
): Readonly<Record<string, unknown>> {
  return { homie: '5.0', name: `dp2mqtt ${instance}`, type: 'bridge', children, nodes: {} }
}

function ofOne({ name, shape, unit, isSettable, isRetained }: Property): PropertyDescription {
  return {
    name,
    ...typed(shape, isSettable),
    ...(unit === null ? {} : { unit }),
    ...(isSettable ? { settable: true as const } : {}),
    ...(isRetained ? {} : { retained: false as const }),
  }
}

function typed(shape: Shape, isSettable: boolean): Pick<PropertyDescription, 'datatype' | 'format'> {
  switch (shape.kind) {
    case 'boolean':
    case 'json':
      return { datatype: shape.kind }
    case 'text':
      return { datatype: 'string' }
    case 'colour':
      return { datatype: 'color', format: 'hsv,rgb' }
    case 'enum':
      return { datatype: 'enum', format: shape.words.join(',') }
    case 'integer':
    case 'float': {
      const { kind, range } = shape
      if (range === null) return { datatype: kind }
      const { min, max, step } = range
      return { datatype: kind, format: isSettable ? `${min}:${max}:${step}` : `${min}:${max}` }
    }
  }
}
