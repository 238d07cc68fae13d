import { operation, path, query } from '../operation.ts'
import { done } from '../shape.ts'

export const gatewayEnableDiscovery = operation({
  id: 'gateway-enable-discovery',
  group: 'network',
  class: 'config',
  summary: 'Let a gateway pair new devices for a while',
  method: 'PUT',
  path: '/v1.0/devices/{device_id}/enabled-sub-discovery',
  params: {
    device_id: path('string'),
    duration: query('integer', 'seconds; 0 ends it, 100 when absent', { least: 0, most: 3600 }),
  },
  ...done,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
