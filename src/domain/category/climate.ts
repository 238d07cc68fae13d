import { type ClimateCodes, climate } from '../ability/climate.ts'
import type { Category } from './category.ts'

const heater: ClimateCodes = {
  power: ['switch', 'Power'],
  target: ['temp_set', 'temp_set_f'],
  current: ['temp_current', 'upper_temp', 'temp_current_f'],
  humidity: ['humidity_current', 'va_humidity'],
  mode: ['mode'],
  action: ['work_state', 'valve_state'],
}

export const thermostats: Category = {
  name: 'Thermostat or heater',
  codes: ['wk', 'wkf', 'qn', 'rs', 'wkcz'],
  rules: [climate('Thermostat', 'heat', heater)],
}

export const airConditioners: Category = {
  name: 'Air conditioner',
  codes: ['kt', 'ktkzq'],
  rules: [
    climate('Air conditioner', 'cool', {
      ...heater,
      fan: ['fan_speed_enum', 'windspeed'],
      swing: ['switch_vertical', 'switch_horizontal', 'shake', 'swing', 'windshake'],
      action: ['work_state'],
    }),
  ],
}
