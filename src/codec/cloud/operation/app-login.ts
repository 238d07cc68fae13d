import { body, operation, required } from '../operation.ts'
import { readToken, text, tokenProperties, tokenSchema, type WireToken } from '../shape.ts'

/** The answer also names the data centre of the account. */
export const appLogin = operation({
  id: 'app-login',
  group: 'extra',
  class: 'never',
  summary: 'Log in with an app account',
  method: 'POST',
  path: '/v1.0/iot-01/associated-users/actions/authorized-login',
  params: {
    country_code: required(body('string')),
    username: required(body('string')),
    password: required(body('string', 'MD5 in lower-case hex')),
    schema: required(body('string')),
  },
  reply: { ...tokenSchema, properties: { ...tokenProperties, platform_url: text } },
  read: (token: WireToken & { platform_url?: string | null }) => ({
    ...readToken(token),
    uid: token.uid ?? null,
    endpoint: token.platform_url || null,
  }),
  repeatable: false,
  source: 'public',
  confidence: 'documented',
})
