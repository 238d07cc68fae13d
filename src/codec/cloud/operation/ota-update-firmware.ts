import { body, operation, path, required } from '../operation.ts'
import { readDone, trueOrFalse } from '../shape.ts'

/** Named without a page; its twin of the industry projects is taken. */
export const otaUpdateFirmware = operation({
  id: 'ota-update-firmware',
  group: 'ota',
  class: 'firmware',
  summary: 'Upgrade the firmware of a device (industry projects)',
  method: 'POST',
  path: '/v1.0/iot-03/devices/{device_id}/confirm-upgrade',
  params: {
    device_id: path('string'),
    module_type: required(
      body('integer', '0 Wi-Fi, 1 Bluetooth, 2 GPRS, 3 Zigbee, 4 infrared, 5 433 MHz, 6 NB-IoT, 9 MCU', {
        least: 0,
        most: 99,
      }),
    ),
  },
  reply: trueOrFalse,
  read: readDone,
  repeatable: false,
  source: '003_00dcb33aa3e381a5.txt',
  confidence: 'inferred',
})
