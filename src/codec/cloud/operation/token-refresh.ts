import { operation, path } from '../operation.ts'
import { readToken, tokenSchema } from '../shape.ts'

/** The old pair dies at once, and a refresh token works once. */
export const tokenRefresh = operation({
  id: 'token-refresh',
  group: 'auth',
  class: 'never',
  summary: 'Exchange a refresh token for a new pair',
  method: 'GET',
  path: '/v1.0/token/{refresh_token}',
  params: {
    refresh_token: path('string'),
  },
  reply: tokenSchema,
  read: readToken,
  repeatable: false,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
