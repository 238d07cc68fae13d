import { body, operation, path, required } from '../operation.ts'
import { readDone, trueOrFalse } from '../shape.ts'

export const roomDevicesAdd = operation({
  id: 'room-devices-add',
  group: 'room',
  class: 'config',
  summary: 'Put devices into a room',
  method: 'POST',
  path: '/v1.0/homes/{home_id}/rooms/{room_id}/devices',
  params: {
    home_id: path('long'),
    room_id: path('long'),
    device_ids: required(body('array<string>')),
  },
  reply: trueOrFalse,
  read: readDone,
  repeatable: false,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
