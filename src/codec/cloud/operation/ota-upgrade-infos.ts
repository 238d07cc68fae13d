import { operation, path, query } from '../operation.ts'
import { readUpgradeInfos, upgradeInfosSchema } from '../shape/ota.ts'

export const otaUpgradeInfos = operation({
  id: 'ota-upgrade-infos',
  group: 'ota',
  class: 'read',
  summary: 'Read the firmware versions of a device',
  method: 'GET',
  path: '/v1.0/devices/{device_id}/upgrade-infos',
  params: {
    device_id: path('string'),
    lang: query('string', 'of the notes'),
  },
  reply: upgradeInfosSchema,
  read: readUpgradeInfos,
  repeatable: true,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
