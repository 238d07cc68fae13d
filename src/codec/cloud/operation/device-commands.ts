import { body, operation, path, required } from '../operation.ts'
import { pointWrite } from '../shape/body.ts'
import { done } from '../shape.ts'

/** True means that the cloud took the command, not that the device acted. */
export const deviceCommands = operation({
  id: 'device-commands',
  group: 'control',
  class: 'control',
  summary: 'Send standard commands to a device',
  method: 'POST',
  path: '/v1.0/devices/{device_id}/commands',
  params: {
    device_id: path('string'),
    commands: required(body('array<object>', '[{code, value}]', { made: pointWrite, least: 1 })),
  },
  ...done,
  repeatable: false,
  source: '000_c49138312fe75e52.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
