import { operation, path, query, required } from '../operation.ts'
import { logPageSchema, logSpan, readLogPage } from '../shape/log.ts'

export const iot03ReportLogs = operation({
  id: 'iot03-report-logs',
  group: 'extra',
  class: 'read',
  summary: 'Read the reports of some data points of a device (industry projects)',
  method: 'GET',
  path: '/v1.0/iot-03/devices/{device_id}/report-logs',
  params: {
    device_id: path('string'),
    codes: required(query('string', 'comma-separated')),
    ...logSpan,
  },
  reply: logPageSchema,
  read: readLogPage,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
