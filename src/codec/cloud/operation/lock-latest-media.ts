import { operation, path, query, required } from '../operation.ts'
import { lockMediaSchema, readLockMedia } from '../shape/lock.ts'

export const lockLatestMedia = operation({
  id: 'lock-latest-media',
  group: 'lock',
  class: 'lock',
  summary: 'Get the newest picture of a door',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/door-lock/latest/media/url',
  params: {
    device_id: path('string'),
    file_type: required(query('integer', '1 = remote unlock, 2 = alarm', { choices: [1, 2] })),
  },
  reply: lockMediaSchema,
  read: readLockMedia,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
