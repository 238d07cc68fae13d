import { operation, path } from '../operation.ts'
import { deviceListSchema, readDevices } from '../shape.ts'

/** Every value comes as text here ("false", "10"), so only the membership is taken from this list. */
export const roomDevicesList = operation({
  id: 'room-devices-list',
  group: 'room',
  class: 'read',
  summary: 'List the devices of a room',
  method: 'GET',
  path: '/v1.0/homes/{home_id}/rooms/{room_id}/devices',
  params: {
    home_id: path('long'),
    room_id: path('long'),
  },
  reply: deviceListSchema,
  read: readDevices,
  repeatable: true,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
