import { createHash } from 'node:crypto'
import { appLogin } from '../../../codec/cloud/operation/app-login.ts'
import { customLogin } from '../../../codec/cloud/operation/custom-login.ts'
import { tokenGet } from '../../../codec/cloud/operation/token-get.ts'
import { tokenRefresh } from '../../../codec/cloud/operation/token-refresh.ts'
import { accountOf, type SimUser } from '../../world/user.ts'
import type { World } from '../../world.ts'
import { Refusal } from '../refusal.ts'
import { serve } from '../serve.ts'

/** Tokens of the project and of app users who log in. */
export const tokenHandlers = [
  serve(tokenGet, ({ tokens }, { grant_type }) => {
    if (grant_type !== 1) throw new Refusal(1003, 'grant type invalid')
    return tokens.get()
  }),
  serve(tokenRefresh, ({ tokens }, { refresh_token }) => tokens.refresh(refresh_token)),
  serve(appLogin, ({ world, tokens }, { country_code, username, password, schema }) => {
    checkSchema(world, schema)
    const user = authenticated(world, username, password, 'md5')
    if (user.countryCode !== undefined && user.countryCode !== country_code)
      throw new Refusal(2402, 'country code error')
    return { ...tokens.login(user.uid), platform_url: world.project.platformUrl ?? '' }
  }),
  serve(customLogin, ({ world, tokens }, { username, password }) => {
    const { expire_time, ...token } = tokens.login(authenticated(world, username, password, 'sha256').uid)
    return { ...token, expire: expire_time }
  }),
]

/** Passwords come as digests, in lower case. */
function authenticated(world: World, name: string, given: string, algorithm: 'md5' | 'sha256'): SimUser {
  const user = [...world.users.values()].find((candidate) => accountOf(candidate) === name)
  if (!user || given !== digestOf(user, algorithm)) throw new Refusal(2401, 'username or password is wrong')
  if (!user.linked) throw new Refusal(2406, 'app is not linked to this project')
  return user
}

function digestOf(user: SimUser, algorithm: 'md5' | 'sha256'): string | undefined {
  const { password, passwordDigest } = user
  if (password !== undefined) return createHash(algorithm).update(password).digest('hex')
  return algorithm === 'md5' ? passwordDigest : undefined
}

export function checkSchema(world: World, schema: string): void {
  const { schemas } = world.project
  if (schemas && !schemas.includes(schema)) throw new Refusal(2017, 'schema does not exist')
}
