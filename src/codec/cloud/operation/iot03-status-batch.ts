import { operation, query, required } from '../operation.ts'
import { readStatuses, statusesSchema } from '../shape.ts'

export const iot03StatusBatch = operation({
  id: 'iot03-status-batch',
  group: 'extra',
  class: 'read',
  summary: 'Read the values of up to 20 devices (industry projects)',
  method: 'GET',
  path: '/v1.0/iot-03/devices/status',
  params: {
    device_ids: required(query('string', 'comma-separated, 20 at most', { separated: 20 })),
  },
  reply: statusesSchema,
  read: readStatuses,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
