import type { DiscoveryDocument } from '../../src/integration/homeassistant/document.ts'

/** What Home Assistant asks of each component, besides what they share; keys that it does not know are faults too. */
const components: Readonly<Record<string, { needs: readonly string[]; takes: readonly string[] }>> = {
  alarm_control_panel: {
    needs: ['command_topic', 'state_topic'],
    takes: [
      'value_template',
      'code_arm_required',
      'code_disarm_required',
      'code_trigger_required',
      'supported_features',
    ],
  },
  binary_sensor: {
    needs: ['state_topic'],
    takes: ['payload_on', 'payload_off', 'value_template', 'device_class'],
  },
  button: { needs: ['command_topic'], takes: ['payload_press'] },
  climate: {
    needs: ['temperature_command_topic', 'modes'],
    takes: [
      ...['mode', 'temperature', 'fan_mode', 'swing_mode'].flatMap((side) => [
        `${side}_state_topic`,
        `${side}_state_template`,
        `${side}_command_topic`,
      ]),
      'preset_mode_state_topic',
      'preset_mode_value_template',
      'preset_mode_command_topic',
      'preset_modes',
      'fan_modes',
      'swing_modes',
      'power_command_topic',
      'current_temperature_topic',
      'current_temperature_template',
      'current_humidity_topic',
      'current_humidity_template',
      'action_topic',
      'action_template',
      'min_temp',
      'max_temp',
      'temp_step',
      'temperature_unit',
    ],
  },
  cover: {
    needs: ['command_topic'],
    takes: [
      'state_topic',
      'value_template',
      'payload_stop',
      'position_topic',
      'position_template',
      'set_position_topic',
      'device_class',
    ],
  },
  event: { needs: ['state_topic', 'event_types'], takes: ['value_template', 'device_class'] },
  fan: {
    needs: ['command_topic'],
    takes: [
      'state_topic',
      'state_value_template',
      'preset_modes',
      ...['percentage', 'preset_mode', 'oscillation', 'direction'].flatMap((side) => [
        `${side}_state_topic`,
        `${side}_value_template`,
        `${side}_command_topic`,
      ]),
    ],
  },
  humidifier: {
    needs: ['command_topic', 'target_humidity_command_topic'],
    takes: [
      'state_topic',
      'state_value_template',
      'target_humidity_state_topic',
      'target_humidity_state_template',
      'current_humidity_topic',
      'current_humidity_template',
      'min_humidity',
      'max_humidity',
      'modes',
      'mode_state_topic',
      'mode_state_template',
      'mode_command_topic',
      'device_class',
    ],
  },
  light: {
    needs: ['command_topic', 'schema', 'supported_color_modes'],
    takes: [
      'state_topic',
      'brightness',
      'color_temp_kelvin',
      'min_kelvin',
      'max_kelvin',
      'effect',
      'effect_list',
      'transition',
      'flash',
    ],
  },
  lock: { needs: ['command_topic'], takes: ['state_topic', 'value_template'] },
  number: {
    needs: ['command_topic'],
    takes: [
      'state_topic',
      'min',
      'max',
      'step',
      'mode',
      'unit_of_measurement',
      'device_class',
      'payload_reset',
    ],
  },
  scene: { needs: ['command_topic'], takes: ['payload_on'] },
  select: { needs: ['command_topic', 'options'], takes: ['state_topic', 'value_template'] },
  sensor: {
    needs: ['state_topic'],
    takes: [
      'value_template',
      'unit_of_measurement',
      'device_class',
      'state_class',
      'options',
      'suggested_display_precision',
    ],
  },
  siren: {
    needs: ['command_topic'],
    takes: ['state_topic', 'available_tones', 'support_duration', 'support_volume_set'],
  },
  switch: { needs: ['command_topic'], takes: ['state_topic', 'payload_on', 'payload_off', 'device_class'] },
  text: { needs: ['command_topic'], takes: ['state_topic', 'min', 'max', 'value_template'] },
  update: {
    needs: ['state_topic'],
    takes: ['value_template', 'command_topic', 'payload_install', 'device_class'],
  },
  vacuum: {
    needs: ['command_topic'],
    takes: ['state_topic', 'supported_features', 'fan_speed_list', 'set_fan_speed_topic'],
  },
  valve: {
    needs: ['command_topic'],
    takes: ['state_topic', 'payload_open', 'payload_close', 'state_open', 'state_closed'],
  },
}

const shared = ['platform', 'unique_id', 'name', 'entity_category', 'enabled_by_default', 'availability']
const numeric = new Set(['measurement', 'total', 'total_increasing'])

/** What Home Assistant would refuse or warn of; empty for a document without fault. */
export function discoveryFaults(
  topic: string,
  document: DiscoveryDocument,
  prefix = 'homeassistant',
): string[] {
  const faults: string[] = []
  const [, object] = new RegExp(`^${prefix}/device/([a-zA-Z0-9_-]+)/config$`).exec(topic) ?? []
  if (object === undefined) faults.push(`${topic} is no topic of a device`)
  const { device, origin } = document
  if (!Array.isArray(device['identifiers']) || device['identifiers'].length === 0)
    faults.push('no identifiers')
  if (typeof origin['name'] !== 'string') faults.push('no origin')
  const ids = new Set<unknown>()
  for (const [key, component] of Object.entries(document.components)) {
    faults.push(...componentFaults(component).map((fault) => `${key}: ${fault}`))
    if (ids.has(component['unique_id'])) faults.push(`${key}: its unique_id is there twice`)
    ids.add(component['unique_id'])
  }
  if (Object.keys(document.components).length === 0) faults.push('no components')
  return faults
}

function componentFaults(component: Readonly<Record<string, unknown>>): string[] {
  const { platform, unique_id, name } = component
  const rule = components[String(platform)]
  if (!rule) return [`there is no component ${platform}`]
  const faults: string[] = []
  if (typeof unique_id !== 'string') faults.push('no unique_id')
  // Entities without a name have broken other consumers of these documents.
  if (typeof name !== 'string' || name === '') faults.push('no name')
  for (const key of rule.needs) if (component[key] === undefined) faults.push(`${key} is missing`)
  const known = new Set([...shared, ...rule.needs, ...rule.takes])
  for (const [key, value] of Object.entries(component)) {
    if (!known.has(key)) faults.push(`${key} is not known to ${platform}`)
    if (value === undefined) faults.push(`${key} is undefined`)
    if (key.endsWith('_topic') && !isTopic(value, key)) faults.push(`${key} is no topic: ${value}`)
  }
  const isTold = platform === 'sensor' || platform === 'binary_sensor'
  if (isTold && component['entity_category'] === 'config') faults.push('what is only told is no setting')
  if (platform === 'sensor') faults.push(...sensorFaults(component))
  if (platform === 'select' && !distinct(component['options']))
    faults.push('options are there twice or not at all')
  if (platform === 'event' && !distinct(component['event_types']))
    faults.push('event_types are there twice or not at all')
  if (platform === 'number' && !(Number(component['min']) < Number(component['max']))) faults.push('no range')
  if (platform === 'light') faults.push(...lightFaults(component))
  return faults
}

function isTopic(value: unknown, key: string): boolean {
  if (typeof value !== 'string' || value === '') return false
  return key === 'state_topic' ? !value.includes('#') : !/[#+]/.test(value)
}

function distinct(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0 && new Set(list).size === list.length
}

function sensorFaults(component: Readonly<Record<string, unknown>>): string[] {
  const { device_class, state_class, unit_of_measurement, options } = component
  const faults: string[] = []
  if (device_class === 'enum' && (state_class || unit_of_measurement)) faults.push('an enum counts nothing')
  if (device_class === 'enum' && !distinct(options)) faults.push('an enum needs options')
  if (device_class !== 'enum' && options) faults.push('options without an enum')
  if (state_class !== undefined && !numeric.has(String(state_class)))
    faults.push(`no such state_class ${state_class}`)
  if (device_class === 'energy' && state_class === 'measurement') faults.push('energy is no measurement')
  return faults
}

function lightFaults({
  supported_color_modes: modes,
  effect,
  effect_list,
}: Readonly<Record<string, unknown>>): string[] {
  const faults: string[] = []
  if (!distinct(modes)) return ['no colour modes']
  const list = modes as string[]
  if (list.length > 1 && (list.includes('onoff') || list.includes('brightness')))
    faults.push('onoff and brightness stand alone')
  if (effect === true && !distinct(effect_list)) faults.push('effects without a list')
  return faults
}
