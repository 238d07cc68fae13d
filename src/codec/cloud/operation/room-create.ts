import { body, operation, path, required } from '../operation.ts'
import { newId } from '../shape.ts'

export const roomCreate = operation({
  id: 'room-create',
  group: 'room',
  class: 'config',
  summary: 'Make a room in a home',
  method: 'POST',
  path: '/v1.0/homes/{home_id}/room',
  params: {
    home_id: path('long'),
    name: required(body('string')),
  },
  ...newId,
  repeatable: false,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
