import { operation, path } from '../operation.ts'
import { readStatusList, statusListSchema } from '../shape.ts'

export const deviceStatus = operation({
  id: 'device-status',
  group: 'device',
  class: 'read',
  summary: 'Read the values of one device',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/status',
  params: {
    device_id: path('string'),
  },
  reply: statusListSchema,
  read: readStatusList,
  repeatable: true,
  source: '002_cf38b75083055640.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
