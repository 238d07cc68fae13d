import { operation, query } from '../operation.ts'
import { devicePageSchema, readDevicePage } from '../shape/device-page.ts'

export const associatedDevices = operation({
  id: 'associated-devices',
  group: 'extra',
  class: 'read',
  summary: 'List the devices of all linked app accounts',
  method: 'GET',
  path: '/v1.0/iot-01/associated-users/devices',
  params: {
    size: query('integer', 'devices a page', { least: 1, most: 100 }),
    last_row_key: query('string', 'of the page before'),
  },
  reply: devicePageSchema,
  read: readDevicePage,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
