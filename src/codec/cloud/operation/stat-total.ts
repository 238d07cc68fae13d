import { operation, path, query, required } from '../operation.ts'
import { readStatisticTotal, statisticTotalSchema } from '../shape/statistics.ts'

export const statTotal = operation({
  id: 'stat-total',
  group: 'extra',
  class: 'read',
  summary: 'Read the running total of a data point',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/statistics/total',
  params: {
    device_id: path('string'),
    code: required(query('string')),
  },
  reply: statisticTotalSchema,
  read: readStatisticTotal,
  repeatable: true,
  source: 'public',
  confidence: 'documented',
})
