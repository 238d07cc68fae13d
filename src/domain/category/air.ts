import { fan } from '../ability/fan.ts'
import { humidifier } from '../ability/humidifier.ts'
import { light } from '../ability/light.ts'
import type { Category } from './category.ts'

const fanRule = fan('Fan', {
  power: ['switch_fan', 'fan_switch', 'switch', 'switch_1'],
  speed: ['fan_speed_percent', 'fan_speed', 'fan_speed_enum', 'windspeed', 'speed'],
  mode: ['mode', 'fan_mode'],
  oscillation: ['switch_horizontal', 'switch_vertical', 'shake', 'fan_horizontal'],
  direction: ['fan_direction'],
})

export const fans: Category = {
  name: 'Fan',
  codes: ['fs', 'fsd', 'fskg'],
  rules: [
    fanRule,
    light('light', 'Light', {
      power: ['switch_led', 'light'],
      mode: ['work_mode'],
      brightness: ['bright_value_v2', 'bright_value'],
      temperature: ['temp_value_v2', 'temp_value'],
      colour: ['colour_data_v2', 'colour_data'],
    }),
  ],
}

export const purifiers: Category = { name: 'Air purifier', codes: ['kj'], rules: [fanRule] }

export const humidifiers: Category = {
  name: 'Humidifier',
  codes: ['jsq'],
  rules: [
    humidifier('Humidifier', {
      power: ['switch', 'switch_spray'],
      target: ['humidity_set'],
      current: ['humidity_current'],
      mode: ['mode', 'work_mode'],
    }),
    light('light', 'Light', {
      power: ['switch_led', 'light'],
      mode: ['work_mode'],
      colour: ['colour_data_hsv', 'colour_data'],
    }),
  ],
}

export const dehumidifiers: Category = {
  name: 'Dehumidifier',
  codes: ['cs'],
  rules: [
    humidifier(
      'Dehumidifier',
      {
        power: ['switch'],
        target: ['dehumidify_set_value', 'humidity_set'],
        current: ['humidity_indoor', 'humidity_current'],
        mode: ['mode'],
      },
      true,
    ),
  ],
}
