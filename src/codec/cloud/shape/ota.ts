import { type FirmwareModule, firmwareStates } from '../../../domain/firmware.ts'
import { body, path, required } from '../operation.ts'
import type { Schema } from '../schema.ts'
import { finite, listOf, number, text, timeMs, type WireNumber, type WireText } from '../shape.ts'

export interface WireUpgradeInfo {
  readonly module_type: number | string
  readonly module_desc?: WireText
  readonly upgrade_status?: WireNumber
  readonly current_version?: WireText
  readonly upgrade_version?: WireText
  readonly upgrade_desc?: WireText
  readonly last_upgrade_time?: WireNumber
}

export const upgradeInfosSchema: Schema = listOf({
  type: 'object',
  required: ['module_type'],
  properties: {
    module_type: { type: ['integer', 'string'] },
    module_desc: text,
    upgrade_status: number,
    current_version: text,
    upgrade_version: text,
    upgrade_desc: text,
    last_upgrade_time: number,
  },
})

const moduleNames: Readonly<Record<number, string>> = {
  0: 'Wi-Fi',
  1: 'Bluetooth',
  2: 'GPRS',
  3: 'Zigbee',
  4: 'infrared',
  5: '433 MHz',
  6: 'NB-IoT',
  9: 'MCU',
}

export const readUpgradeInfos = (modules: readonly WireUpgradeInfo[]): FirmwareModule[] =>
  modules.map((module) => {
    const type = finite(module.module_type) ?? 0
    const current = module.current_version || null
    return {
      type,
      name: module.module_desc || moduleNames[type] || String(type),
      current,
      latest: module.upgrade_version || current,
      status: firmwareStates[finite(module.upgrade_status) ?? 0] ?? 'none',
      notes: module.upgrade_desc || null,
      upgradedMs: timeMs(module.last_upgrade_time),
    }
  })

/** Which processor of which device. */
export const moduleToUpgrade = {
  device_id: path('string'),
  module_type: required(
    body('integer', '0 Wi-Fi, 1 Bluetooth, 2 GPRS, 3 Zigbee, 4 infrared, 5 433 MHz, 6 NB-IoT, 9 MCU', {
      least: 0,
      most: 99,
    }),
  ),
}
