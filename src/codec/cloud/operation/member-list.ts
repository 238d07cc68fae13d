import { operation, path } from '../operation.ts'
import { memberListSchema, readMembers } from '../shape/member.ts'

export const memberList = operation({
  id: 'member-list',
  group: 'member',
  class: 'personal',
  summary: 'List the members of a home',
  method: 'GET',
  path: '/v1.0/homes/{home_id}/members',
  params: {
    home_id: path('long'),
  },
  reply: memberListSchema,
  read: readMembers,
  repeatable: true,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
