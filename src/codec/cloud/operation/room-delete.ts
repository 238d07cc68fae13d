import { operation, path } from '../operation.ts'
import { done } from '../shape.ts'

export const roomDelete = operation({
  id: 'room-delete',
  group: 'room',
  class: 'destructive',
  summary: 'Delete a room; its devices stay in the home',
  method: 'DELETE',
  path: '/v1.0/homes/{home_id}/rooms/{room_id}',
  params: {
    home_id: path('long'),
    room_id: path('long'),
  },
  ...done,
  repeatable: false,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
