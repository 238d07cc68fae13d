import { operation, query, required } from '../operation.ts'
import { listOf, listOrNull, statusSchema, type WireStatus } from '../shape.ts'

export const devicesStatusBatch = operation({
  id: 'devices-status-batch',
  group: 'extra',
  class: 'read',
  summary: 'Read the values of up to 20 devices',
  method: 'GET',
  path: '/v1.0/devices/status',
  params: {
    device_ids: required(query('string', 'comma-separated, 20 at most')),
  },
  reply: listOf({
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string' }, status: listOrNull(statusSchema) },
  }),
  read: (devices: { id: string; status?: WireStatus[] | null }[]) =>
    devices.map((device) => ({ id: device.id, status: device.status ?? [] })),
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
