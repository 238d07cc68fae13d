import { body, operation, path, required } from '../operation.ts'

export const thingPropertiesIssue = operation({
  id: 'thing-properties-issue',
  group: 'extra',
  class: 'control',
  summary: 'Set data points through the thing model',
  method: 'POST',
  path: '/v2.0/cloud/thing/{device_id}/shadow/properties/issue',
  params: {
    device_id: path('string'),
    properties: required(body('string', 'JSON text: {"code": value}')),
  },
  reply: {},
  read: () => true,
  repeatable: false,
  perSecond: 4,
  source: 'public',
  confidence: 'documented',
})
