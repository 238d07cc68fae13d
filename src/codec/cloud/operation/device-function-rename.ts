import { body, operation, path, required } from '../operation.ts'
import { done } from '../shape.ts'

export const deviceFunctionRename = operation({
  id: 'device-function-rename',
  group: 'control',
  class: 'config',
  summary: 'Rename a data point of a device',
  method: 'PUT',
  path: '/v1.0/devices/{device_id}/functions/{function_code}',
  params: {
    device_id: path('string'),
    function_code: path('string', 'the code of the data point'),
    name: required(body('string')),
  },
  ...done,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
