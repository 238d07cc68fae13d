import { body, operation, path, required } from '../operation.ts'
import { readDone, trueOrFalse } from '../shape.ts'

/** Replaces the whole set: devices that are not named leave the room. */
export const roomDevicesSet = operation({
  id: 'room-devices-set',
  group: 'room',
  class: 'config',
  summary: 'Say which devices are in a room, and no others',
  method: 'PUT',
  path: '/v1.0/homes/{home_id}/rooms/{room_id}/devices',
  params: {
    home_id: path('long'),
    room_id: path('long'),
    device_ids: required(body('array<string>')),
  },
  reply: trueOrFalse,
  read: readDone,
  repeatable: true,
  source: '001_557ed6638179a31b.txt',
  confidence: 'documented',
})
