import { body, operation, path, required } from '../operation.ts'
import { done } from '../shape.ts'

export const deviceUserUpdate = operation({
  id: 'device-user-update',
  group: 'device-user',
  class: 'personal',
  summary: 'Change a person whom a device knows',
  method: 'PUT',
  path: '/v1.0/devices/{device_id}/users/{user_id}',
  params: {
    device_id: path('string'),
    user_id: path('string'),
    nick_name: required(body('string')),
    sex: required(body('integer')),
    birthday: body('long', 'milliseconds'),
    height: body('integer', 'centimetres'),
    weight: body('integer', 'grams'),
  },
  ...done,
  repeatable: true,
  source: '002_cf38b75083055640.txt',
  confidence: 'documented',
})
