import { operation, query, required } from '../operation.ts'
import { devicePageSchema, readDevicePage } from '../shape/device-page.ts'

export const deviceListV2 = operation({
  id: 'device-list-v2',
  group: 'device',
  class: 'read',
  summary: 'List devices by app, product, ids or time of change',
  method: 'GET',
  path: '/v2.0/devices',
  params: {
    device_ids: query('string', 'comma-separated, 20 at most', { separated: 20 }),
    product_id: query('string'),
    schema: query('string', 'the app'),
    last_row_key: query('string', 'of the page before'),
    size: required(query('integer', 'devices a page', { least: 1, most: 100 })),
    start_update_time: query('long', 'seconds'),
    end_update_time: query('long', 'seconds'),
  },
  reply: devicePageSchema,
  read: readDevicePage,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
