import { operation, path } from '../operation.ts'
import { readThingModel, thingModelSchema } from '../specification.ts'

/** Every DP of the product, also those outside the standard set. */
export const thingModel = operation({
  id: 'thing-model',
  group: 'extra',
  class: 'read',
  summary: 'Read the thing model of a device',
  method: 'GET',
  path: '/v2.0/cloud/thing/{device_id}/model',
  params: {
    device_id: path('string'),
  },
  reply: thingModelSchema,
  read: readThingModel,
  repeatable: true,
  perSecond: 10,
  source: 'public',
  confidence: 'documented',
})
