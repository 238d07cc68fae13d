import { operation, path } from '../operation.ts'
import { deviceSchema, readDevice } from '../shape.ts'

export const deviceGet = operation({
  id: 'device-get',
  group: 'device',
  class: 'read',
  summary: 'Read one device with its values',
  method: 'GET',
  path: '/v1.0/devices/{device_id}',
  params: {
    device_id: path('string'),
  },
  reply: deviceSchema,
  read: readDevice,
  repeatable: true,
  source: '002_cf38b75083055640.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
