import { operation, path } from '../operation.ts'
import { done } from '../shape.ts'

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
  ...done,
  repeatable: false,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
