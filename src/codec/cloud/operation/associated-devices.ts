import { operation, query } from '../operation.ts'
import { deviceSchema, type ListedDevice, listOrNull, readDevice, type WireDevice } from '../shape.ts'

interface DevicePage {
  readonly devices: readonly ListedDevice[]
  /** The row key of the next page; undefined on the last one. */
  readonly next: string | undefined
}

export const associatedDevices = operation({
  id: 'associated-devices',
  group: 'extra',
  class: 'read',
  summary: 'List the devices of all linked app accounts',
  method: 'GET',
  path: '/v1.0/iot-01/associated-users/devices',
  params: {
    size: query('integer', 'devices a page'),
    last_row_key: query('string'),
  },
  reply: {
    type: 'object',
    properties: {
      devices: listOrNull(deviceSchema),
      has_more: { type: ['boolean', 'null'] },
      last_row_key: { type: ['string', 'null'] },
    },
  },
  read: (page: {
    devices?: WireDevice[] | null
    has_more?: boolean | null
    last_row_key?: string | null
  }): DevicePage => ({
    devices: (page.devices ?? []).map(readDevice),
    next: page.has_more && page.last_row_key ? page.last_row_key : undefined,
  }),
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
