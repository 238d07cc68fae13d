import { operation, query, required } from '../operation.ts'
import { factoryInfosSchema, readFactoryInfos } from '../shape/factory-info.ts'

export const deviceFactoryInfos = operation({
  id: 'device-factory-infos',
  group: 'device',
  class: 'personal',
  summary: 'Read serial numbers and MAC addresses of up to 50 devices',
  method: 'GET',
  path: '/v1.0/devices/factory-infos',
  params: {
    device_ids: required(query('string', 'comma-separated, 50 at most', { separated: 50 })),
  },
  reply: factoryInfosSchema,
  read: readFactoryInfos,
  repeatable: true,
  source: '002_cf38b75083055640.txt, 003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
