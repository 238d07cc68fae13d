import { light } from '../ability/light.ts'
import type { Category } from './category.ts'

const brightness = ['bright_value_v2', 'bright_value']
const colour = ['colour_data_v2', 'colour_data_hsv', 'colour_data']

export const lights: Category = {
  name: 'Light',
  codes: ['dj', 'dd', 'dc', 'fwd', 'xdd', 'gyd', 'mbd', 'tyndj', 'tgq', 'tgkg', 'dsd', 'sxd'],
  rules: [
    light('light', 'Light', {
      power: ['switch_led', 'switch_led_1'],
      mode: ['work_mode'],
      brightness: [...brightness, 'bright_value_1'],
      temperature: ['temp_value_v2', 'temp_value'],
      colour,
    }),
    light('light_2', 'Light 2', { power: ['switch_led_2'], brightness: ['bright_value_2'] }),
    light('light_3', 'Light 3', { power: ['switch_led_3'], brightness: ['bright_value_3'] }),
    light('night_light', 'Night light', { power: ['switch_night_light'] }),
  ],
}
