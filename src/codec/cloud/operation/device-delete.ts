import { operation, path } from '../operation.ts'
import { done } from '../shape.ts'

export const deviceDelete = operation({
  id: 'device-delete',
  group: 'device',
  class: 'destructive',
  summary: 'Remove a device from its account',
  method: 'DELETE',
  path: '/v1.0/devices/{device_id}',
  params: {
    device_id: path('string'),
  },
  ...done,
  repeatable: false,
  source: '002_cf38b75083055640.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
