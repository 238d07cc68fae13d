import { operation, path } from '../operation.ts'
import { readDone, trueOrFalse } from '../shape.ts'

export const homeDelete = operation({
  id: 'home-delete',
  group: 'home',
  class: 'destructive',
  summary: 'Delete a home with its rooms, scenes and automations',
  method: 'DELETE',
  path: '/v1.0/homes/{home_id}',
  params: {
    home_id: path('long', undefined, { explicit: true }),
  },
  reply: trueOrFalse,
  read: readDone,
  repeatable: false,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
