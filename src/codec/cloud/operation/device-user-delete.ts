import { operation, path } from '../operation.ts'
import { done } from '../shape.ts'

export const deviceUserDelete = operation({
  id: 'device-user-delete',
  group: 'device-user',
  class: 'destructive',
  summary: 'Make a device forget a person',
  method: 'DELETE',
  path: '/v1.0/devices/{device_id}/users/{user_id}',
  params: {
    device_id: path('string'),
    user_id: path('string'),
  },
  ...done,
  repeatable: false,
  source: '002_cf38b75083055640.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
