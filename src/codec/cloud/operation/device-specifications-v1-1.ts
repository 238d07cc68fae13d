import { operation, path } from '../operation.ts'
import { readSpecification, specificationSchema } from '../specification.ts'

export const deviceSpecificationsV11 = operation({
  id: 'device-specifications-v1-1',
  group: 'extra',
  class: 'read',
  summary: 'Read the standard specification with DP ids',
  method: 'GET',
  path: '/v1.1/devices/{device_id}/specifications',
  params: {
    device_id: path('string'),
  },
  reply: specificationSchema,
  read: readSpecification,
  repeatable: true,
  source: 'public',
  confidence: 'documented',
})
