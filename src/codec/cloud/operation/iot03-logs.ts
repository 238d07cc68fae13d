import { operation, path, query, required } from '../operation.ts'
import { logPageSchema, logSpan, readLogPage } from '../shape/log.ts'

export const iot03Logs = operation({
  id: 'iot03-logs',
  group: 'extra',
  class: 'read',
  summary: 'Read what happened to a device (industry projects)',
  method: 'GET',
  path: '/v1.0/iot-03/devices/{device_id}/logs',
  params: {
    device_id: path('string'),
    event_types: required(query('string', 'comma-separated event ids, as of device-logs', { separated: 10 })),
    ...logSpan,
  },
  reply: logPageSchema,
  read: readLogPage,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
