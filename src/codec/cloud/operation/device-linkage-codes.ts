import { operation, path } from '../operation.ts'
import { linkageSchema, readLinkage } from '../shape/automation.ts'

export const deviceLinkageCodes = operation({
  id: 'device-linkage-codes',
  group: 'linkage',
  class: 'read',
  summary: 'Read what scenes and automations can use of a device',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/enable-linkage/codes',
  params: {
    device_id: path('string'),
  },
  reply: linkageSchema,
  read: readLinkage,
  repeatable: true,
  source: '004_a642b444de0def6a.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
