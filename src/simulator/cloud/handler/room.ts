import { roomCreate } from '../../../codec/cloud/operation/room-create.ts'
import { roomDelete } from '../../../codec/cloud/operation/room-delete.ts'
import { roomDevicesAdd } from '../../../codec/cloud/operation/room-devices-add.ts'
import { roomDevicesList } from '../../../codec/cloud/operation/room-devices-list.ts'
import { roomDevicesRemove } from '../../../codec/cloud/operation/room-devices-remove.ts'
import { roomDevicesSet } from '../../../codec/cloud/operation/room-devices-set.ts'
import { roomList } from '../../../codec/cloud/operation/room-list.ts'
import { roomUpdate } from '../../../codec/cloud/operation/room-update.ts'
import type { SimDevice } from '../../world/device.ts'
import type { SimHome, SimRoom } from '../../world/home.ts'
import { limit } from '../../world/limit.ts'
import type { World } from '../../world.ts'
import { homeOf, listed, ownHomeOf, roomOf } from '../access.ts'
import { Refusal } from '../refusal.ts'
import { renderRoomDevice } from '../render/device.ts'
import { renderRooms } from '../render/home.ts'
import { tooMany } from '../rule-check.ts'
import { serve } from '../serve.ts'

export const roomHandlers = [
  serve(roomCreate, (calling, { home_id, name }) => {
    const home = ownHomeOf(calling, home_id)
    if (home.rooms.size >= limit.roomsOfHome) throw tooMany()
    return Number(calling.world.addRoom(home, name).id)
  }),
  serve(roomUpdate, (calling, { home_id, room_id, name }) => {
    const home = ownHomeOf(calling, home_id)
    calling.world.renameRoom(home, roomOf(home, room_id), name)
    return true
  }),
  serve(roomDelete, (calling, { home_id, room_id }) => {
    const home = ownHomeOf(calling, home_id)
    calling.world.removeRoom(home, roomOf(home, room_id))
    return true
  }),
  serve(roomList, (calling, { home_id }) => renderRooms(homeOf(calling, home_id))),
  serve(roomDevicesList, (calling, { home_id, room_id }) => {
    const home = homeOf(calling, home_id)
    const devices = devicesIn(calling.world, home, roomOf(home, room_id))
    return listed(calling, devices).map((device) => renderRoomDevice(device, home.owner))
  }),
  serve(roomDevicesAdd, (calling, { home_id, room_id, device_ids }) => {
    const { world } = calling
    const home = ownHomeOf(calling, home_id)
    const room = roomOf(home, room_id)
    const coming = ofHome(world, home, device_ids)
    if (new Set([...devicesIn(world, home, room), ...coming]).size > limit.devicesOfRoom) throw tooMany()
    for (const device of coming) world.moveToRoom(device.id, room.id)
    return true
  }),
  serve(roomDevicesSet, (calling, { home_id, room_id, device_ids }) => {
    const { world } = calling
    const home = ownHomeOf(calling, home_id)
    const room = roomOf(home, room_id)
    const staying = ofHome(world, home, device_ids)
    if (new Set(staying).size > limit.devicesOfRoom) throw tooMany()
    for (const device of devicesIn(world, home, room)) world.moveToRoom(device.id, null)
    for (const device of staying) world.moveToRoom(device.id, room.id)
    return true
  }),
  serve(roomDevicesRemove, (calling, { home_id, room_id, device_ids }) => {
    const { world } = calling
    const home = ownHomeOf(calling, home_id)
    const room = roomOf(home, room_id)
    for (const device of ofHome(world, home, device_ids))
      if (device.roomId === room.id) world.moveToRoom(device.id, null)
    return true
  }),
]

function devicesIn(world: World, home: SimHome, room: SimRoom): readonly SimDevice[] {
  return world.devicesOf(home.id).filter((device) => device.roomId === room.id)
}

/** All or nothing: a device of another home refuses them all. */
function ofHome(world: World, home: SimHome, ids: readonly string[]): readonly SimDevice[] {
  return ids.map((id) => {
    const device = world.devices.get(id)
    if (device?.homeId !== home.id) throw new Refusal(1106, 'permission deny')
    return device
  })
}
