import type { DataPoint } from '../data-point.ts'

/** What people read better than what stands in the code. */
const words: Readonly<Record<string, string>> = {
  va: '',
  cur: '',
  v2: '',
  add: 'used',
  ele: 'energy',
  temp: 'temperature',
  hum: 'humidity',
  pir: 'motion',
  co: 'CO',
  co2: 'CO₂',
  pm25: 'PM2.5',
  pm10: 'PM10',
  pm1: 'PM1',
  usb1: 'USB 1',
  usb2: 'USB 2',
  ir: 'IR',
}

/** What several codes are called that mean the same. */
const names: Readonly<Record<string, string>> = {
  add_ele: 'Energy',
  cur_current: 'Current',
  cur_power: 'Power',
  cur_voltage: 'Voltage',
  va_temperature: 'Temperature',
  va_humidity: 'Humidity',
  battery_percentage: 'Battery',
  va_battery: 'Battery',
  residual_electricity: 'Battery',
  electricity_left: 'Battery',
  doorcontact_state: 'Door',
  closed_opened: 'Door',
  watersensor_state: 'Leak',
  smoke_sensor_status: 'Smoke',
  smoke_sensor_state: 'Smoke',
  gas_sensor_status: 'Gas',
  gas_sensor_state: 'Gas',
  temper_alarm: 'Tampering',
  fault: 'Fault',
  muffling: 'Muted',
  pir: 'Motion',
  switch_led: 'Light',
  work_mode: 'Mode',
  bright_value: 'Brightness',
  bright_value_v2: 'Brightness',
  temp_value: 'White tone',
  temp_value_v2: 'White tone',
  colour_data: 'Colour',
  colour_data_v2: 'Colour',
  colour_data_hsv: 'Colour',
  temp_set: 'Target temperature',
  temp_current: 'Temperature',
  percent_control: 'Position',
  percent_state: 'Position now',
}

/** What the owner or the maker calls the point, else its code in words. */
export function readableName({ name, code }: Pick<DataPoint, 'name' | 'code'>): string {
  const given = name?.trim() ?? ''
  if (given !== '') return given
  return names[code] ?? wordsOf(code)
}

function wordsOf(code: string): string {
  const text = code
    .split(/[_ ]+/)
    .map((word) => (Object.hasOwn(words, word) ? (words[word] ?? '') : word.replace(/([a-z])(\d)/, '$1 $2')))
    .filter((word) => word !== '')
    .join(' ')
  return text === '' ? code : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}
