import { operation, path } from '../operation.ts'
import { homeSchema, listOf, readHome, type WireHome } from '../shape.ts'

export const userHomes = operation({
  id: 'user-homes',
  group: 'home',
  class: 'read',
  summary: 'List the homes of an app user',
  method: 'GET',
  path: '/v1.0/users/{uid}/homes',
  params: {
    uid: path('string'),
  },
  reply: listOf(homeSchema),
  read: (homes: WireHome[]) => homes.map(readHome),
  repeatable: true,
  source: '001_557ed6638179a31b.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
