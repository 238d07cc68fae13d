import { body, operation, path, required } from '../operation.ts'
import { done } from '../shape.ts'

export const roomUpdate = operation({
  id: 'room-update',
  group: 'room',
  class: 'config',
  summary: 'Rename a room',
  method: 'PUT',
  path: '/v1.0/homes/{home_id}/rooms/{room_id}',
  params: {
    home_id: path('long'),
    room_id: path('long'),
    name: required(body('string')),
  },
  ...done,
  repeatable: true,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
