import { operation, path } from '../operation.ts'
import { deviceUserSchema, readDeviceUsers } from '../shape/device-user.ts'
import { listOf } from '../shape.ts'

export const deviceUserList = operation({
  id: 'device-user-list',
  group: 'device-user',
  class: 'personal',
  summary: 'List the persons whom a device knows',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/users',
  params: {
    device_id: path('string'),
  },
  reply: listOf(deviceUserSchema),
  read: readDeviceUsers,
  repeatable: true,
  source: '002_cf38b75083055640.txt',
  confidence: 'documented',
})
