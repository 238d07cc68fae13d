import { homeCreate } from '../../../codec/cloud/operation/home-create.ts'
import { homeDelete } from '../../../codec/cloud/operation/home-delete.ts'
import { homeDevices } from '../../../codec/cloud/operation/home-devices.ts'
import { homeGet } from '../../../codec/cloud/operation/home-get.ts'
import { homeUpdate } from '../../../codec/cloud/operation/home-update.ts'
import { userHomes } from '../../../codec/cloud/operation/user-homes.ts'
import { isRecord, own } from '../../../util/json.ts'
import { type HomeChanges, livesIn } from '../../world/home.ts'
import { limit } from '../../world/limit.ts'
import type { SimUser } from '../../world/user.ts'
import type { World } from '../../world.ts'
import { homeOf, listed, ownHomeOf, userOf } from '../access.ts'
import { illegal, missing } from '../given.ts'
import { renderHomeDevice } from '../render/device.ts'
import { renderHome } from '../render/home.ts'
import { type Row, tooMany } from '../rule-check.ts'
import { serve } from '../serve.ts'

export const homeHandlers = [
  serve(homeCreate, (calling, { uid, home, rooms = [] }) => {
    const { world } = calling
    const user = userOf(calling, uid)
    const { name, ...place } = placeOf(home)
    if (name === undefined) throw missing()
    if (rooms.some((room) => room === '')) throw missing()
    const owned = [...world.homes.values()].filter(({ owner }) => owner === uid)
    if (owned.length >= limit.homesOfUser || rooms.length > limit.roomsOfHome) throw tooMany()
    const id = world.nextNumber()
    world.addHome({ id, name, ...place, owner: uid, ...filled(world, user, rooms) })
    return Number(id)
  }),
  serve(homeUpdate, (calling, { home_id, ...changes }) => {
    calling.world.changeHome(ownHomeOf(calling, home_id), placeOf(changes))
    return true
  }),
  serve(homeDelete, (calling, { home_id }) => {
    calling.world.removeHome(ownHomeOf(calling, home_id).id)
    return true
  }),
  serve(homeGet, (calling, { home_id }) => renderHome(homeOf(calling, home_id))),
  serve(homeDevices, (calling, { home_id }) => {
    const { id, owner } = homeOf(calling, home_id)
    return listed(calling, calling.world.devicesOf(id)).map((device) => renderHomeDevice(device, owner))
  }),
  serve(userHomes, (calling, { uid }) => {
    userOf(calling, uid)
    return [...calling.world.homes.values()].filter((home) => livesIn(home, uid)).map(renderHome)
  }),
]

/** The rooms that a home begins with, and the one who made it. */
function filled(world: World, user: SimUser, rooms: readonly string[]) {
  return {
    rooms: rooms.map((name) => ({ id: world.nextNumber(), name })),
    members: [{ uid: user.uid, name: user.nickName ?? user.username ?? user.uid, admin: true }],
  }
}

/** What of a home is given and may be changed. */
function placeOf(row: Row): HomeChanges {
  const { name, geo_name, lat, lon } = isRecord(row) ? row : {}
  for (const text of [name, geo_name]) if (text !== undefined && typeof text !== 'string') throw illegal()
  for (const number of [lat, lon]) if (number !== undefined && typeof number !== 'number') throw illegal()
  if (own(row, 'name') === '') throw missing()
  return {
    ...(name === undefined ? {} : { name: name as string }),
    ...(geo_name === undefined ? {} : { geoName: geo_name as string }),
    ...(lat === undefined ? {} : { lat: lat as number }),
    ...(lon === undefined ? {} : { lon: lon as number }),
  }
}
