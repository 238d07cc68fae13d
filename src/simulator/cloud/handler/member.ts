import { memberAdd } from '../../../codec/cloud/operation/member-add.ts'
import { memberDelete } from '../../../codec/cloud/operation/member-delete.ts'
import { memberList } from '../../../codec/cloud/operation/member-list.ts'
import { memberUpdate } from '../../../codec/cloud/operation/member-update.ts'
import { own } from '../../../util/json.ts'
import type { SimHome, SimMember } from '../../world/home.ts'
import { limit } from '../../world/limit.ts'
import { accountOf } from '../../world/user.ts'
import { homeOf, ownHomeOf } from '../access.ts'
import { illegal, missing } from '../given.ts'
import { Refusal } from '../refusal.ts'
import { renderMember } from '../render/home.ts'
import { textOf, tooMany } from '../rule-check.ts'
import { serve } from '../serve.ts'
import { checkSchema } from './token.ts'

export const memberHandlers = [
  serve(memberAdd, (calling, { home_id, app_schema, member }) => {
    const { world } = calling
    const home = ownHomeOf(calling, home_id)
    checkSchema(world, app_schema)
    const account = textOf(member, 'member_account')
    const name = textOf(member, 'name')
    const admin = own(member, 'admin')
    textOf({ code: String(own(member, 'country_code') ?? '') }, 'code')
    if (admin === undefined) throw missing()
    if (typeof admin !== 'boolean') throw illegal()
    const user = [...world.users.values()].find((candidate) => accountOf(candidate) === account)
    if (!user) throw new Refusal(2006, 'user not exist')
    if (home.members.some((each) => each.uid === user.uid || each.name === name))
      throw new Refusal(2510, 'member name already exists')
    if (home.members.length >= limit.membersOfHome) throw tooMany()
    home.members.push({ uid: user.uid, name, admin })
    return true
  }),
  serve(memberUpdate, (calling, { home_id, uid, admin }) => {
    memberOf(ownHomeOf(calling, home_id), uid).admin = admin
    return true
  }),
  serve(memberDelete, (calling, { home_id, uid }) => {
    const home = ownHomeOf(calling, home_id)
    home.members.splice(home.members.indexOf(memberOf(home, uid)), 1)
    return true
  }),
  serve(memberList, (calling, { home_id }) =>
    homeOf(calling, home_id).members.map((member) =>
      renderMember(member, calling.world.users.get(member.uid)),
    ),
  ),
]

/** A member that can be changed: the owner stays what he is. */
function memberOf(home: SimHome, uid: string): SimMember {
  if (uid === home.owner) throw new Refusal(2508, 'the home owner can not be changed')
  const member = home.members.find((each) => each.uid === uid)
  if (!member) throw new Refusal(2509, 'member not exist')
  return member
}
