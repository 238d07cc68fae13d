import { operation, query, required } from '../operation.ts'
import { readStatuses, statusesSchema } from '../shape.ts'

export const devicesStatusBatch = operation({
  id: 'devices-status-batch',
  group: 'extra',
  class: 'read',
  summary: 'Read the values of up to 20 devices',
  method: 'GET',
  path: '/v1.0/devices/status',
  params: {
    device_ids: required(query('string', 'comma-separated, 20 at most', { separated: 20 })),
  },
  reply: statusesSchema,
  read: readStatuses,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
