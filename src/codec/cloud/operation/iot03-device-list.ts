import { operation, query, required } from '../operation.ts'
import { devicePageSchema, readDevicePage } from '../shape/device-page.ts'

/** Without their values. */
export const iot03DeviceList = operation({
  id: 'iot03-device-list',
  group: 'extra',
  class: 'read',
  summary: 'Read up to 20 devices (industry projects)',
  method: 'GET',
  path: '/v1.0/iot-03/devices',
  params: {
    device_ids: required(query('string', 'comma-separated, 20 at most', { separated: 20 })),
  },
  reply: devicePageSchema,
  read: readDevicePage,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
