import type { Room } from '../../../domain/home.ts'
import { operation, path } from '../operation.ts'
import {
  homeProperties,
  homeSchema,
  listOrNull,
  readRoom,
  roomSchema,
  type WireHome,
  type WireRoom,
} from '../shape.ts'

export const roomList = operation({
  id: 'room-list',
  group: 'room',
  class: 'read',
  summary: 'List the rooms of a home',
  method: 'GET',
  path: '/v1.0/homes/{home_id}/rooms',
  params: {
    home_id: path('long'),
  },
  reply: { ...homeSchema, properties: { ...homeProperties, rooms: listOrNull(roomSchema) } },
  read: (home: WireHome & { rooms?: WireRoom[] | null }): Room[] =>
    (home.rooms ?? []).map((room) => readRoom(room, String(home.home_id))),
  repeatable: true,
  source: '001_557ed6638179a31b.txt',
  confidence: 'documented',
})
