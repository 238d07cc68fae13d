import { operation, path } from '../operation.ts'
import { deviceUserSchema, readDeviceUser } from '../shape/device-user.ts'

export const deviceUserGet = operation({
  id: 'device-user-get',
  group: 'device-user',
  class: 'personal',
  summary: 'Read a person whom a device knows',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/users/{user_id}',
  params: {
    device_id: path('string'),
    user_id: path('string'),
  },
  reply: deviceUserSchema,
  read: readDeviceUser,
  repeatable: true,
  source: '002_cf38b75083055640.txt',
  confidence: 'documented',
})
