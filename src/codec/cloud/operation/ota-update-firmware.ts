import { operation } from '../operation.ts'
import { moduleToUpgrade } from '../shape/ota.ts'
import { done } from '../shape.ts'

/** Named without a page; its twin of the industry projects is taken. */
export const otaUpdateFirmware = operation({
  id: 'ota-update-firmware',
  group: 'ota',
  class: 'firmware',
  summary: 'Upgrade the firmware of a device (industry projects)',
  method: 'POST',
  path: '/v1.0/iot-03/devices/{device_id}/confirm-upgrade',
  params: moduleToUpgrade,
  ...done,
  repeatable: false,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'inferred',
})
