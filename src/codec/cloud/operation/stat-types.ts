import { operation, path, query } from '../operation.ts'
import { readStatisticTypes, statisticTypesSchema } from '../shape/statistics.ts'

export const statTypes = operation({
  id: 'stat-types',
  group: 'extra',
  class: 'read',
  summary: 'List the statistics that a device has',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/all-statistic-type',
  params: {
    device_id: path('string'),
    code: query('string', 'all when absent'),
  },
  reply: statisticTypesSchema,
  read: readStatisticTypes,
  repeatable: true,
  source: 'public',
  confidence: 'documented',
})
