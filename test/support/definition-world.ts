import type { DataPoint, DataPointType } from '../../src/domain/data-point.ts'
import type { ReferredDevice } from '../../src/domain/definition.ts'
import { type DpType, demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'
import { background, bedtime, goodNight, homeId, lamp, thermostat } from './definition.ts'

const types: Readonly<Partial<Record<DataPointType, DpType>>> = {
  boolean: 'Boolean',
  integer: 'Integer',
  enum: 'Enum',
  json: 'Json',
  string: 'String',
  bitmap: 'Bitmap',
}

function valuesOf({ min, max, step, scale, range, labels }: DataPoint): Record<string, unknown> {
  if (min !== null) return { min, max, step, scale, unit: '' }
  if (range !== null) return { range }
  return labels === null ? {} : { label: labels, maxlen: labels.length }
}

function modelOf({ name, specification }: ReferredDevice) {
  const points = [...(specification?.points.values() ?? [])]
  return {
    category: 'dj',
    productId: name.replaceAll(' ', ''),
    productName: name,
    dps: points.map((point, i) => ({
      id: i + 1,
      code: point.code,
      type: types[point.type] ?? 'String',
      access: point.access,
      values: valuesOf(point),
      initial: point.min ?? point.range?.[0] ?? (point.type === 'boolean' ? false : ''),
    })),
  }
}

/** The small house of the definitions as a world of the simulator. */
export function definitionWorld(): WorldFile {
  const [owner] = demoWorld().users
  const later = { action_executor: 'delay', executor_property: { seconds: '5' } }
  return {
    ...demoWorld(),
    homes: [
      {
        id: homeId,
        name: 'Home',
        owner: owner?.uid ?? '',
        rooms: [],
        scenes: [{ ...goodNight, background, enabled: true, actions: [later] }],
        automations: [
          {
            ...bedtime,
            background,
            enabled: true,
            match_type: 1,
            conditions: [
              {
                entity_type: 15,
                entity_id: 'c1',
                order_num: 1,
                display: { code: 'bedtime', operator: '==', value: 'true' },
              },
            ],
            actions: [later],
          },
        ],
      },
    ] as unknown as WorldFile['homes'],
    models: { lamp: modelOf(lamp), thermostat: modelOf(thermostat) },
    devices: [
      { id: lamp.id, name: lamp.name, model: 'lamp', home: homeId },
      { id: thermostat.id, name: thermostat.name, model: 'thermostat', home: homeId },
    ],
  }
}
