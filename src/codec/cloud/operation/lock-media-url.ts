import { operation, path, query, required } from '../operation.ts'
import { lockMediaSchema, readLockMedia } from '../shape/lock.ts'

export const lockMediaUrl = operation({
  id: 'lock-media-url',
  group: 'lock',
  class: 'lock',
  summary: 'Get a picture or recording of a door',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/door-lock/media/url',
  params: {
    device_id: path('string'),
    bucket: required(query('string')),
    file_path: required(query('string')),
  },
  reply: lockMediaSchema,
  read: readLockMedia,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'seen in code',
})
