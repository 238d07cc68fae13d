import { operation, path } from '../operation.ts'
import { deviceListSchema, readDevices } from '../shape.ts'

/** Without their values. */
export const iot03SubDevices = operation({
  id: 'iot03-sub-devices',
  group: 'extra',
  class: 'read',
  summary: 'List the devices below a gateway (industry projects)',
  method: 'GET',
  path: '/v1.0/iot-03/devices/{device_id}/sub-devices',
  params: {
    device_id: path('string'),
  },
  reply: deviceListSchema,
  read: readDevices,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
