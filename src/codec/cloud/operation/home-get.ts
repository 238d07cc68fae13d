import { operation, path } from '../operation.ts'
import { homeSchema, readHome } from '../shape.ts'

export const homeGet = operation({
  id: 'home-get',
  group: 'home',
  class: 'read',
  summary: 'Read one home',
  method: 'GET',
  path: '/v1.0/homes/{home_id}',
  params: {
    home_id: path('long'),
  },
  reply: homeSchema,
  read: readHome,
  repeatable: true,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
