import { operation, query, required } from '../operation.ts'
import { readToken, tokenSchema } from '../shape.ts'

/** A living token is answered again with the time that it has left. */
export const tokenGet = operation({
  id: 'token-get',
  group: 'auth',
  class: 'never',
  summary: 'Get an access token',
  method: 'GET',
  path: '/v1.0/token',
  params: {
    grant_type: required(query('integer', '1 = by access id and secret', { choices: [1, 2] })),
    code: query('string'),
    terminal_id: query('string'),
  },
  reply: tokenSchema,
  read: readToken,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
