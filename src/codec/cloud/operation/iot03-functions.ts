import { operation, path } from '../operation.ts'
import { readFunctions, specificationSchema } from '../specification.ts'

export const iot03Functions = operation({
  id: 'iot03-functions',
  group: 'extra',
  class: 'read',
  summary: 'Read what a device accepts (industry projects)',
  method: 'GET',
  path: '/v1.0/iot-03/devices/{device_id}/functions',
  params: {
    device_id: path('string'),
  },
  reply: specificationSchema,
  read: readFunctions,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
