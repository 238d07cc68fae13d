import { operation, path, query } from '../operation.ts'
import { pageAsked } from '../shape/page.ts'
import { readUserPage, userPageSchema } from '../shape/user.ts'

/** Personal members are masked by the platform; a span of more than 30 days is refused. */
export const userList = operation({
  id: 'user-list',
  group: 'user',
  class: 'personal',
  summary: 'List the app users of a schema',
  method: 'GET',
  path: '/v2.0/apps/{schema}/users',
  params: {
    schema: path('string'),
    ...pageAsked,
    username: query('string'),
    start_time: query('long', 'seconds; 30 days at most'),
    end_time: query('long', 'seconds'),
  },
  reply: userPageSchema,
  read: readUserPage,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
