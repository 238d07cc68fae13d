import { operation, path } from '../operation.ts'
import { readSpecification, specificationSchema } from '../specification.ts'

export const iot03SpecificationV10 = operation({
  id: 'iot03-specification-v1-0',
  group: 'extra',
  class: 'read',
  summary: 'Read functions and status set of a device (industry projects, older)',
  method: 'GET',
  path: '/v1.0/iot-03/devices/{device_id}/specification',
  params: {
    device_id: path('string'),
  },
  reply: specificationSchema,
  read: readSpecification,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
