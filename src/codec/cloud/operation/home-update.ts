import { body, operation, path } from '../operation.ts'
import { done } from '../shape.ts'

export const homeUpdate = operation({
  id: 'home-update',
  group: 'home',
  class: 'config',
  summary: 'Change name or place of a home',
  method: 'PUT',
  path: '/v1.0/homes/{home_id}',
  params: {
    home_id: path('long'),
    name: body('string'),
    geo_name: body('string'),
    lon: body('double'),
    lat: body('double'),
  },
  ...done,
  repeatable: true,
  source: '001_557ed6638179a31b.txt',
  confidence: 'documented',
})
