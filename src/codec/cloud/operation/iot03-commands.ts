import { body, operation, path, required } from '../operation.ts'
import { pointWrite } from '../shape/body.ts'
import { done } from '../shape.ts'

/** Serves devices outside the standard categories too. True means that the cloud took the command. */
export const iot03Commands = operation({
  id: 'iot03-commands',
  group: 'extra',
  class: 'control',
  summary: 'Send commands to a device (industry projects)',
  method: 'POST',
  path: '/v1.0/iot-03/devices/{device_id}/commands',
  params: {
    device_id: path('string'),
    commands: required(body('array<object>', '[{code, value}]', { made: pointWrite, least: 1 })),
  },
  ...done,
  repeatable: false,
  source: 'public',
  confidence: 'documented',
})
