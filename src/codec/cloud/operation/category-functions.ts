import { operation, path } from '../operation.ts'
import { readFunctions, specificationSchema } from '../specification.ts'

export const categoryFunctions = operation({
  id: 'category-functions',
  group: 'control',
  class: 'read',
  summary: 'Read what devices of a category can accept',
  method: 'GET',
  path: '/v1.0/functions/{category}',
  params: {
    category: path('string', 'short code, such as dj'),
  },
  reply: specificationSchema,
  read: readFunctions,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
