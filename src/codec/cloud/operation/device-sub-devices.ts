import { operation, path } from '../operation.ts'
import { deviceListSchema, readDevices } from '../shape.ts'

/** Fewer members than other lists; the home id comes as text or as a number. */
export const deviceSubDevices = operation({
  id: 'device-sub-devices',
  group: 'device',
  class: 'read',
  summary: 'List the devices below a gateway',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/sub-devices',
  params: {
    device_id: path('string'),
  },
  reply: deviceListSchema,
  read: readDevices,
  repeatable: true,
  source: '002_cf38b75083055640.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
