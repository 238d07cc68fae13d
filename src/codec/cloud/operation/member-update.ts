import { body, operation, path, required } from '../operation.ts'
import { done } from '../shape.ts'

export const memberUpdate = operation({
  id: 'member-update',
  group: 'member',
  class: 'personal',
  summary: 'Make a member of a home an administrator, or no longer',
  method: 'PUT',
  path: '/v1.0/homes/{home_id}/members/{uid}',
  params: {
    home_id: path('long'),
    uid: path('string', 'which member', { explicit: true }),
    admin: required(body('boolean')),
  },
  ...done,
  repeatable: true,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
