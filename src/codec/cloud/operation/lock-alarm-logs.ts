import { operation, path, query } from '../operation.ts'
import { lockLogPageSchema, readLockLogPage } from '../shape/lock.ts'
import { pageAsked } from '../shape/page.ts'

export const lockAlarmLogs = operation({
  id: 'lock-alarm-logs',
  group: 'lock',
  class: 'lock',
  summary: 'Read the alarms of a door',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/door-lock/alarm-logs',
  params: {
    device_id: path('string'),
    ...pageAsked,
    codes: query('string', 'comma-separated; all when absent'),
  },
  reply: lockLogPageSchema,
  read: readLockLogPage,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
