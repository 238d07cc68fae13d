import { operation, path, query } from '../operation.ts'
import { deviceListSchema, readDevices } from '../shape.ts'

export const userDevices = operation({
  id: 'user-devices',
  group: 'device',
  class: 'read',
  summary: 'List the devices of an app user',
  method: 'GET',
  path: '/v1.0/users/{uid}/devices',
  params: {
    uid: path('string'),
    from: query('string', 'both when absent', { choices: ['home', 'sharing'] }),
    page_no: query('integer'),
    page_size: query('integer'),
  },
  reply: deviceListSchema,
  read: readDevices,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
