import { operation, path } from '../operation.ts'
import { deviceListSchema, readDevices } from '../shape.ts'

/** Gives fewer members than other lists: no product name, no times, no icon. */
export const homeDevices = operation({
  id: 'home-devices',
  group: 'home',
  class: 'read',
  summary: 'List the devices of a home with their values',
  method: 'GET',
  path: '/v1.0/homes/{home_id}/devices',
  params: {
    home_id: path('long'),
  },
  reply: deviceListSchema,
  read: readDevices,
  repeatable: true,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
