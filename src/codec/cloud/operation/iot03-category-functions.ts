import { operation, path } from '../operation.ts'
import { readFunctions, specificationSchema } from '../specification.ts'

export const iot03CategoryFunctions = operation({
  id: 'iot03-category-functions',
  group: 'extra',
  class: 'read',
  summary: 'Read what devices of a category can accept (industry projects)',
  method: 'GET',
  path: '/v1.0/iot-03/categories/{category}/functions',
  params: {
    category: path('string'),
  },
  reply: specificationSchema,
  read: readFunctions,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
