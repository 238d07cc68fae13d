import { body, operation, path, required } from '../operation.ts'
import { done } from '../shape.ts'

export const deviceMultipleNameSet = operation({
  id: 'device-multiple-name-set',
  group: 'extra',
  class: 'config',
  summary: 'Name a channel of a device',
  method: 'PUT',
  path: '/v1.0/devices/{device_id}/multiple-name',
  params: {
    device_id: path('string'),
    identifier: required(body('string', 'code of the data point, or main')),
    name: required(body('string')),
  },
  ...done,
  repeatable: true,
  source: 'public',
  confidence: 'documented',
})
