import { userInfo } from '../../../codec/cloud/operation/user-info.ts'
import { userList } from '../../../codec/cloud/operation/user-list.ts'
import { userSync } from '../../../codec/cloud/operation/user-sync.ts'
import { type Random, randomText } from '../../../util/random.ts'
import { accountOf } from '../../world/user.ts'
import { pageOf, userOf } from '../access.ts'
import { illegal } from '../given.ts'
import { renderListedUser, renderUser } from '../render/user.ts'
import { serve } from '../serve.ts'
import { checkSchema } from './token.ts'

const longestSpanSeconds = 30 * 86_400

/** App users of the project. */
export const userHandlers = [
  serve(userSync, ({ world, clock, random }, { schema, username, ...rest }) => {
    checkSchema(world, schema)
    const changes = {
      username,
      countryCode: rest.country_code,
      passwordDigest: rest.password,
      ...(rest.nick_name === undefined ? {} : { nickName: rest.nick_name }),
      ...(rest.time_zone_id === undefined ? {} : { timeZone: rest.time_zone_id }),
    }
    const known = [...world.users.values()].find((user) => accountOf(user) === username)
    if (!known) {
      const uid = newUid(clock.now(), random)
      world.addUser({ uid, ...changes }, schema)
      return { uid }
    }
    world.changeUser(known.uid, changes, schema)
    return { uid: known.uid }
  }),
  serve(userInfo, (calling, { uid }) => renderUser(userOf(calling, uid))),
  serve(userList, ({ world }, { schema, page_no, page_size, username, start_time, end_time }) => {
    checkSchema(world, schema)
    const from = start_time ?? 0
    const until = end_time ?? Number.MAX_SAFE_INTEGER
    if (start_time !== undefined && end_time !== undefined && until - from > longestSpanSeconds)
      throw illegal()
    const users = [...world.users.values()].filter((user) => {
      const created = Math.floor(user.createdMs / 1000)
      const named = username === undefined || accountOf(user) === username
      return user.linked && named && created >= from && created <= until
    })
    const list = pageOf(users, page_no, page_size)
    return {
      list: list.map(renderListedUser),
      has_more: page_no * page_size < users.length,
      total: users.length,
    }
  }),
]

/** The region, the time of registration, and a few letters. */
function newUid(nowMs: number, random: Random): string {
  return `eu${nowMs}${randomText(random, 5)}`
}
