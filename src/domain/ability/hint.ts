import type { AbilityRole } from './base.ts'
import type { SimpleKind } from './simple.ts'

/** What is known of a code besides what the device says of it. Whatever does not fit the device's own type is ignored. */
export interface Hint {
  /** Rather than what type and access make of it. */
  readonly as?: SimpleKind
  /** What a number, or a word in its place, tells. */
  readonly measures?: string
  /** In what, where the device names no unit. */
  readonly unit?: string
  /** What a state tells that holds or does not. */
  readonly holds?: string
  /** The words that say that it holds; every other word says that it does not. */
  readonly on?: readonly string[]
  /** A number that only grows. */
  readonly grows?: true
  readonly role?: AbilityRole
  readonly outlet?: true
  readonly quiet?: true
}

export type HintRow = readonly [pattern: RegExp, hint: Hint]

const config: Hint = { role: 'config' }
const diagnostic: Hint = { role: 'diagnostic' }

/**
 * Codes of the platform's standard sets, whatever the category; the first row that fits decides. A category may know
 * better, and a device's own specification always does.
 */
export const hints: readonly HintRow[] = [
  // Switches and what is set up around them.
  [/^switch(_\d+)?$/, { role: 'main' }],
  [/^switch_usb\d+$/, { role: 'main', outlet: true }],
  [/^(switch_led(_\d+)?|switch_night_light|switch_fan|floodlight_switch)$/, { role: 'main' }],
  [/^countdown(_\w+)?$/, { measures: 'duration', role: 'config' }],
  [/^(relay_status|light_mode|led_type_\d+|brightness_(min|max)_\d+|work_mode)(_\w+)?$/, config],
  [/^(child_lock|switch_backlight|switch_inching|do_not_disturb|cycle_time|random_time)$/, config],
  [/^(control_back(_mode)?|situation_set|countdown_set|time_total|control_data|music_data)(_\d+)?$/, config],
  [/^(flash_scene_\d+|scene_data(_v2)?|music_data|control_data)$/, { role: 'config', quiet: true }],
  // Electricity.
  [/^add_ele_?\d*$/, { measures: 'energy', unit: 'kWh', grows: true }],
  [/^cur_current_?\d*$/, { measures: 'current', role: 'diagnostic' }],
  [/^cur_power_?\d*$/, { measures: 'power' }],
  [/^cur_voltage_?\d*$/, { measures: 'voltage', role: 'diagnostic' }],
  [
    /^((total_)?(forward|reverse)_energy(_total)?|(forward|reverse)_energy_total|total_energy|energy_total)$/,
    { measures: 'energy', unit: 'kWh', grows: true },
  ],
  [/^power_factor$/, diagnostic],
  // Doors, movement, danger.
  [/^doorcontact_state(_\d+)?$/, { holds: 'door', role: 'main' }],
  [/^(closed_opened|open_close|door_opened)$/, { holds: 'door', on: ['open', 'true'], role: 'main' }],
  [/^window_(state|status)$/, { holds: 'window', on: ['opened', 'open'] }],
  [/^pir(_state)?$/, { holds: 'motion', on: ['pir'], role: 'main' }],
  [
    /^presence_state$/,
    { holds: 'occupancy', on: ['presence', 'peaceful', 'small_move', 'large_move'], role: 'main' },
  ],
  [/^watersensor_state$/, { holds: 'moisture', on: ['alarm', '1'], role: 'main' }],
  [/^smoke_sensor_(status|state)$/, { holds: 'smoke', on: ['alarm', '1'], role: 'main' }],
  [/^gas_sensor_(status|state)$/, { holds: 'gas', on: ['alarm', '1'], role: 'main' }],
  [/^co_(status|state)$/, { holds: 'carbon_monoxide', on: ['alarm', '1'], role: 'main' }],
  [/^(co2|ch2o|voc|pm25|ch4_sensor)_state$/, { holds: 'problem', on: ['alarm', '1'], role: 'main' }],
  [/^(smoke|gas)_sensor_value$/, {}],
  [/^co_value$/, { measures: 'carbon_monoxide' }],
  [/^co2_value$/, { measures: 'carbon_dioxide' }],
  [/^(ch2o_value|voc_value|tvoc)$/, { measures: 'volatile_organic_compounds' }],
  [/^pm25(_value)?$/, { measures: 'pm25' }],
  [/^pm1$/, { measures: 'pm1' }],
  [/^pm10$/, { measures: 'pm10' }],
  [/^shock_state$/, { holds: 'vibration', on: ['vibration', 'drop', 'tilt'], role: 'main' }],
  [/^(temper|tamper)_alarm$/, { holds: 'tamper', role: 'diagnostic' }],
  [/^muffling$/, config],
  [/^(alarm_switch|alarm_volume|alarm_time|alarm_ringtone)$/, config],
  [/^lock_motor_state$/, { holds: 'lock' }],
  [/^reverse_lock$/, { holds: 'lock' }],
  // What sensors tell.
  [/^(va_temperature|temp_current(_f|_external(_\d+)?)?|temp_indoor)$/, { measures: 'temperature' }],
  [/^(va_humidity|humidity_(value|current|indoor)|humidity_outdoor\d*)$/, { measures: 'humidity' }],
  [/^bright_state$/, diagnostic],
  [
    /^(battery_percentage|va_battery|residual_electricity|electricity_left|wireless_electricity)$/,
    { measures: 'battery', role: 'diagnostic' },
  ],
  [/^battery_state$/, { measures: 'battery', role: 'diagnostic' }],
  [/^battery_value$/, { measures: 'voltage', role: 'diagnostic' }],
  [/^(signal_strength|rssi)$/, { measures: 'signal_strength', role: 'diagnostic' }],
  [/^(temp_unit_convert|c_f)$/, config],
  [/^(max|min)(temp|hum)(_set|i_set)?$/, config],
  // Heating, cooling, air.
  [
    /^(upper_temp|lower_temp|temp_set|temp_set_f|temp_correction|floor_limit)(_f)?$/,
    { measures: 'temperature', role: 'config' },
  ],
  [/^(humidity_set|dehumidify_set_value)$/, { measures: 'humidity', role: 'config' }],
  [/^(eco|anion|sleep|frost|window_check|light|lock|uv|wet|cleaning)$/, config],
  [/^valve_state$/, { holds: 'opening', on: ['open'] }],
  [/^(level|fan_speed_enum|windspeed|fan_speed|fan_speed_percent|mode)$/, config],
  [/^(filter|filter_life)$/, diagnostic],
  [/^filter_reset$/, { as: 'button', role: 'config' }],
  // Vacuums, feeders, water.
  [/^(seek|reset_\w+)$/, { as: 'button' }],
  [/^(edge_brush|roll_brush)$/, diagnostic],
  [/^(total_clean_\w+|total_\w+_count)$/, { grows: true, role: 'diagnostic' }],
  [/^slow_feed$/, config],
  [/^(time_use|use_time)$/, { measures: 'duration', role: 'diagnostic' }],
  // Locks, cameras.
  [/^(automatic_lock|auto_lock_time|beep_volume|doorbell_volume|language|message)$/, config],
  [
    /^(motion_switch|basic_private|basic_flip|basic_osd|basic_indicator|motion_sensitivity|record_switch)$/,
    config,
  ],
  [/^fault(_?\d+)?$/, { holds: 'problem', role: 'diagnostic' }],
  [/^(time_zone|online_time|factory_reset)$/, { role: 'diagnostic', quiet: true }],
]

/** What a number measures by its unit alone, where its code says nothing. */
export const measuresByUnit: Readonly<Record<string, string>> = {
  '°C': 'temperature',
  '°F': 'temperature',
  V: 'voltage',
  mV: 'voltage',
  A: 'current',
  mA: 'current',
  W: 'power',
  kW: 'power',
  kWh: 'energy',
  Wh: 'energy',
  Hz: 'frequency',
  lx: 'illuminance',
  hPa: 'pressure',
  kPa: 'pressure',
  dBm: 'signal_strength',
  'µg/m³': 'pm25',
  s: 'duration',
  min: 'duration',
  h: 'duration',
}
