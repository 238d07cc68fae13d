import { operation, query } from '../operation.ts'
import { devicePageSchema, readDevicePage } from '../shape/device-page.ts'

export const iot03Devices = operation({
  id: 'iot03-devices',
  group: 'extra',
  class: 'read',
  summary: 'List devices page by page (industry projects)',
  method: 'GET',
  path: '/v1.3/iot-03/devices',
  params: {
    source_type: query('string', 'whose devices, such as tuyaUser or homeApp'),
    source_id: query('string', 'of that type'),
    device_ids: query('string', 'comma-separated, 20 at most', { separated: 20 }),
    page_size: query('integer', 'devices a page', { least: 1, most: 100 }),
    last_row_key: query('string', 'of the page before'),
  },
  reply: devicePageSchema,
  read: readDevicePage,
  repeatable: true,
  source: 'public',
  confidence: 'seen in code',
})
