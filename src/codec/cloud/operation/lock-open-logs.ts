import { operation, path, query, required } from '../operation.ts'
import { lockLogPageSchema, readLockLogPage } from '../shape/lock.ts'
import { pageAsked } from '../shape/page.ts'

export const lockOpenLogs = operation({
  id: 'lock-open-logs',
  group: 'lock',
  class: 'lock',
  summary: 'Read who opened a door',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/door-lock/open-logs',
  params: {
    device_id: path('string'),
    ...pageAsked,
    start_time: required(query('long', 'seconds')),
    end_time: required(query('long', 'seconds')),
  },
  reply: lockLogPageSchema,
  read: readLockLogPage,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
