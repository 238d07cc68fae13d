import { operation, path } from '../operation.ts'
import { readUser, userSchema } from '../shape/user.ts'

export const userInfo = operation({
  id: 'user-info',
  group: 'user',
  class: 'personal',
  summary: 'Read an app user',
  method: 'GET',
  path: '/v1.0/users/{uid}/infos',
  params: {
    uid: path('string'),
  },
  reply: userSchema,
  read: readUser,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
