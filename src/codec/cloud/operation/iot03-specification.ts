import { operation, path } from '../operation.ts'
import { readSpecification, specificationSchema } from '../specification.ts'

export const iot03Specification = operation({
  id: 'iot03-specification',
  group: 'extra',
  class: 'read',
  summary: 'Read functions and status set of a device (industry projects)',
  method: 'GET',
  path: '/v1.2/iot-03/devices/{device_id}/specification',
  params: {
    device_id: path('string'),
  },
  reply: specificationSchema,
  read: readSpecification,
  repeatable: true,
  source: 'public',
  confidence: 'documented',
})
