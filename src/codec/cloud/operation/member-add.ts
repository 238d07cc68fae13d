import { body, operation, path, required } from '../operation.ts'
import { memberMade } from '../shape/body.ts'
import { done } from '../shape.ts'

export const memberAdd = operation({
  id: 'member-add',
  group: 'member',
  class: 'personal',
  summary: 'Add a member to a home',
  method: 'POST',
  path: '/v1.0/homes/{home_id}/members',
  params: {
    home_id: path('long'),
    app_schema: required(body('string', 'the app that the account belongs to')),
    member: required(body('object', '{country_code, member_account, admin, name}', { made: memberMade })),
  },
  ...done,
  repeatable: false,
  source: '001_557ed6638179a31b.txt',
  confidence: 'documented',
})
