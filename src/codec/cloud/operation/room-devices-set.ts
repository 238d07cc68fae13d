import { operation } from '../operation.ts'
import { roomDevices } from '../shape/body.ts'
import { done } from '../shape.ts'

/** Replaces the whole set: devices that are not named leave the room. */
export const roomDevicesSet = operation({
  id: 'room-devices-set',
  group: 'room',
  class: 'config',
  summary: 'Say which devices are in a room, and no others',
  method: 'PUT',
  path: '/v1.0/homes/{home_id}/rooms/{room_id}/devices',
  params: roomDevices,
  ...done,
  repeatable: true,
  source: '001_557ed6638179a31b.txt',
  confidence: 'documented',
})
