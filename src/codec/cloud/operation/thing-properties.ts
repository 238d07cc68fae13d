import { operation, path, query } from '../operation.ts'
import { readShadow, shadowSchema } from '../specification.ts'

export const thingProperties = operation({
  id: 'thing-properties',
  group: 'extra',
  class: 'read',
  summary: 'Read every data point of a device with its time',
  method: 'GET',
  path: '/v2.0/cloud/thing/{device_id}/shadow/properties',
  params: {
    device_id: path('string'),
    codes: query('string', 'comma-separated; all when absent'),
  },
  reply: shadowSchema,
  read: readShadow,
  repeatable: true,
  perSecond: 50,
  source: 'public',
  confidence: 'documented',
})
