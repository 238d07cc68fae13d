import { operation, query } from '../operation.ts'
import { devicePageSchema, readDevicePage } from '../shape/device-page.ts'

export const deviceList = operation({
  id: 'device-list',
  group: 'device',
  class: 'read',
  summary: 'List devices by app, product or ids',
  method: 'GET',
  path: '/v1.0/devices',
  params: {
    schema: query('string', 'the app'),
    product_id: query('string'),
    device_ids: query('string', 'comma-separated, 20 at most', { separated: 20 }),
    page_no: query('integer', 'from 1', { least: 1 }),
    page_size: query('integer', 'records a page', { least: 1, most: 100 }),
  },
  reply: devicePageSchema,
  read: readDevicePage,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
