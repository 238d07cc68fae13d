import { body, operation, path, required } from '../operation.ts'
import { idText } from '../shape.ts'

export const userSync = operation({
  id: 'user-sync',
  group: 'user',
  class: 'never',
  summary: "Make an app account for a user of a system of one's own",
  method: 'POST',
  path: '/v1.0/apps/{schema}/user',
  params: {
    schema: path('string'),
    country_code: required(body('string')),
    username: required(body('string')),
    password: required(body('string')),
    username_type: required(body('integer', '1 = mobile, 2 = e-mail, 3 = other')),
    nick_name: body('string'),
    time_zone_id: body('string'),
  },
  reply: { type: 'object', required: ['uid'], properties: { uid: idText } },
  read: ({ uid }: { uid: string }) => uid,
  repeatable: false,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
