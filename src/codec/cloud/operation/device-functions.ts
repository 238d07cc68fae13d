import { operation, path } from '../operation.ts'
import { readFunctions, specificationSchema } from '../specification.ts'

export const deviceFunctions = operation({
  id: 'device-functions',
  group: 'control',
  class: 'read',
  summary: 'Read what a device accepts',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/functions',
  params: {
    device_id: path('string'),
  },
  reply: specificationSchema,
  read: readFunctions,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
