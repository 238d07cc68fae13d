import { operation, path } from '../operation.ts'
import { done } from '../shape.ts'

export const memberDelete = operation({
  id: 'member-delete',
  group: 'member',
  class: 'destructive',
  summary: 'Remove a member from a home',
  method: 'DELETE',
  path: '/v1.0/homes/{home_id}/members/{uid}',
  params: {
    home_id: path('long'),
    uid: path('string', 'which member', { explicit: true }),
  },
  ...done,
  repeatable: false,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
