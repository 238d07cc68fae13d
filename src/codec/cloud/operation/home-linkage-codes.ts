import { operation, path } from '../operation.ts'
import { linkageSchema, readLinkages } from '../shape/automation.ts'
import { listOf } from '../shape.ts'

export const homeLinkageCodes = operation({
  id: 'home-linkage-codes',
  group: 'linkage',
  class: 'read',
  summary: 'Read what scenes and automations can use of the devices of a home',
  method: 'GET',
  path: '/v1.0/homes/{home_id}/enable-linkage/codes',
  params: {
    home_id: path('long'),
  },
  reply: listOf(linkageSchema),
  read: readLinkages,
  repeatable: true,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
