import { operation, path } from '../operation.ts'
import { readSpecification, specificationSchema } from '../specification.ts'

export const deviceSpecifications = operation({
  id: 'device-specifications',
  group: 'control',
  class: 'read',
  summary: 'Read the standard functions and status set of a device',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/specifications',
  params: {
    device_id: path('string'),
  },
  reply: specificationSchema,
  read: readSpecification,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
