import { body, operation, required } from '../operation.ts'
import { readToken, tokenProperties, type WireToken } from '../shape.ts'

/** The lifetime is called `expire` here. */
export const customLogin = operation({
  id: 'custom-login',
  group: 'extra',
  class: 'never',
  summary: 'Log in with an account of a custom project',
  method: 'POST',
  path: '/v1.0/iot-03/users/login',
  params: {
    username: required(body('string')),
    password: required(body('string', 'SHA-256 in lower-case hex')),
  },
  reply: {
    type: 'object',
    required: ['access_token', 'refresh_token', 'expire'],
    properties: { ...tokenProperties, expire: tokenProperties.expire_time },
  },
  read: ({ expire, ...token }: Omit<WireToken, 'expire_time'> & { expire: number }) =>
    readToken({ ...token, expire_time: expire }),
  repeatable: false,
  source: 'public',
  confidence: 'seen in code',
})
