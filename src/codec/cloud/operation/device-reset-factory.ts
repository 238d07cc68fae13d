import { operation, path } from '../operation.ts'
import { done } from '../shape.ts'

export const deviceResetFactory = operation({
  id: 'device-reset-factory',
  group: 'device',
  class: 'destructive',
  summary: 'Reset a device to its factory settings',
  method: 'PUT',
  path: '/v1.0/devices/{device_id}/reset-factory',
  params: {
    device_id: path('string'),
  },
  ...done,
  repeatable: false,
  source: '002_cf38b75083055640.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
