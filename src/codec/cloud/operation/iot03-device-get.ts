import { operation, path } from '../operation.ts'
import { deviceSchema, readDevice } from '../shape.ts'

/** Without its values. */
export const iot03DeviceGet = operation({
  id: 'iot03-device-get',
  group: 'extra',
  class: 'read',
  summary: 'Read one device (industry projects)',
  method: 'GET',
  path: '/v1.0/iot-03/devices/{device_id}',
  params: {
    device_id: path('string'),
  },
  reply: deviceSchema,
  read: readDevice,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
