import { operation, path } from '../operation.ts'
import { readStatusList, statusListSchema } from '../shape.ts'

export const iot03Status = operation({
  id: 'iot03-status',
  group: 'extra',
  class: 'read',
  summary: 'Read the values of one device (industry projects)',
  method: 'GET',
  path: '/v1.0/iot-03/devices/{device_id}/status',
  params: {
    device_id: path('string'),
  },
  reply: statusListSchema,
  read: readStatusList,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
