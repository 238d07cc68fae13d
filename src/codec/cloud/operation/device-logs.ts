import { operation, path, query, required } from '../operation.ts'
import { logPageSchema, readLogPage } from '../shape/log.ts'

/** The page of this operation prints no parameters; these are from the platform's own reference. */
export const deviceLogs = operation({
  id: 'device-logs',
  group: 'device',
  class: 'read',
  summary: 'Read what happened to a device',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/logs',
  params: {
    device_id: path('string'),
    type: required(
      query(
        'string',
        'comma-separated event ids: 1 online, 2 offline, 3 activated, 4 reset, 5 command, 6 firmware, 7 report, 8 signal, 9 restart, 10 timer',
        { separated: 10 },
      ),
    ),
    start_time: required(query('long', 'milliseconds')),
    end_time: required(query('long', 'milliseconds')),
    codes: query('string', 'comma-separated; all when absent'),
    size: query('integer', 'records a page', { least: 1, most: 100 }),
    query_type: query('integer'),
    start_row_key: query('string', 'next_row_key of the page before'),
    last_row_key: query('string'),
    last_event_time: query('long'),
  },
  reply: logPageSchema,
  read: readLogPage,
  repeatable: true,
  source: '002_cf38b75083055640.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
