import type { SimHome, SimMember } from '../../world/home.ts'
import { accountOf, type SimUser } from '../../world/user.ts'
import { mask } from './mask.ts'

export function renderHome(home: SimHome): object {
  return { name: home.name, lon: home.lon, lat: home.lat, home_id: Number(home.id), geo_name: home.geoName }
}

export function renderRooms(home: SimHome): object {
  const rooms = [...home.rooms.values()].map(({ id, name }) => ({ room_id: Number(id), name }))
  return { ...renderHome(home), rooms }
}

export function renderMember(member: SimMember, user: SimUser | undefined): object {
  return {
    country_code: user?.countryCode ?? '',
    member_account: mask(user ? accountOf(user) : member.uid),
    uid: member.uid,
    admin: member.admin,
    name: member.name,
  }
}
