import { operation, path, query } from '../operation.ts'
import { deviceListSchema, readDevices } from '../shape.ts'

export const gatewayListSub = operation({
  id: 'gateway-list-sub',
  group: 'network',
  class: 'read',
  summary: 'List the devices that a gateway has paired',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/list-sub',
  params: {
    device_id: path('string'),
    discovery_time: query('long', 'since when'),
  },
  reply: deviceListSchema,
  read: readDevices,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
