import { body, operation, path, required } from '../operation.ts'
import { newId } from '../shape.ts'

/** The only operation that tells the user id. */
export const deviceUserAdd = operation({
  id: 'device-user-add',
  group: 'device-user',
  class: 'personal',
  summary: 'Make a device know another person',
  method: 'POST',
  path: '/v1.0/devices/{device_id}/user',
  params: {
    device_id: path('string'),
    nick_name: required(body('string')),
    sex: required(body('integer')),
    birthday: body('long', 'milliseconds'),
    height: body('integer', 'centimetres'),
    weight: body('integer', 'grams'),
    contact: body('string'),
  },
  ...newId,
  repeatable: false,
  source: '002_cf38b75083055640.txt',
  confidence: 'documented',
})
