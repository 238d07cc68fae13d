import { body, operation, path, required } from '../operation.ts'
import { done } from '../shape.ts'

export const deviceRename = operation({
  id: 'device-rename',
  group: 'device',
  class: 'config',
  summary: 'Rename a device',
  method: 'PUT',
  path: '/v1.0/devices/{device_id}',
  params: {
    device_id: path('string'),
    name: required(body('string')),
  },
  ...done,
  repeatable: true,
  source: '002_cf38b75083055640.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
