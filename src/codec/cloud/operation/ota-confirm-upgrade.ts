import { operation } from '../operation.ts'
import { moduleToUpgrade } from '../shape/ota.ts'
import { done } from '../shape.ts'

export const otaConfirmUpgrade = operation({
  id: 'ota-confirm-upgrade',
  group: 'ota',
  class: 'firmware',
  summary: 'Upgrade the firmware of a device',
  method: 'PUT',
  path: '/v1.0/devices/{device_id}/confirm-upgrade',
  params: moduleToUpgrade,
  ...done,
  repeatable: false,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'documented',
})
