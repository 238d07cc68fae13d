import { type AlarmAbility, alarmWords } from '../../domain/ability/alarm.ts'
import { isWritable, whole } from '../../domain/ability/base.ts'
import {
  type ClimateAbility,
  climateModes,
  climatePresets,
  swingModes,
} from '../../domain/ability/climate.ts'
import { type CompositeAbility, entityParts } from '../../domain/ability/composite.ts'
import { type CoverAbility, coverWords, hasPosition } from '../../domain/ability/cover.ts'
import { type FanAbility, fanPresets, hasPercentage } from '../../domain/ability/fan.ts'
import type { HumidifierAbility } from '../../domain/ability/humidifier.ts'
import { kelvin, type LightAbility, lightEffects, lightModes } from '../../domain/ability/light.ts'
import type { LockAbility } from '../../domain/ability/lock.ts'
import { shownRange } from '../../domain/ability/scale.ts'
import type { SirenAbility } from '../../domain/ability/siren.ts'
import { type VacuumAbility, vacuumWords } from '../../domain/ability/vacuum.ts'
import { usualUnit } from '../../domain/unit.ts'
import { type Component, type DeviceContext, topicOf } from './component.ts'

function stateOf(context: DeviceContext, { key }: CompositeAbility): string {
  return topicOf(context, 'stateEntity', { key })
}

function commandOf(context: DeviceContext, { key }: CompositeAbility, part = whole): string {
  return part === whole
    ? topicOf(context, 'commandEntity', { key })
    : topicOf(context, 'commandEntityPart', { key, part })
}

/** One member of the entity topic; what it does not say is unknown. */
function member(name: string): string {
  return `{{ value_json.${name} | default(None) }}`
}

export function lightComponent(ability: LightAbility, context: DeviceContext): Component {
  const modes = lightModes(ability)
  const effects = lightEffects(ability)
  return {
    platform: 'light',
    schema: 'json',
    state_topic: stateOf(context, ability),
    command_topic: commandOf(context, ability),
    supported_color_modes: modes,
    brightness: !modes.includes('onoff'),
    ...(modes.includes('color_temp')
      ? { color_temp_kelvin: true, min_kelvin: kelvin.min, max_kelvin: kelvin.max }
      : {}),
    effect: effects.length > 0,
    effect_list: effects.length > 0 ? effects : undefined,
    transition: false,
    flash: false,
  }
}

export function coverComponent(ability: CoverAbility, context: DeviceContext): Component {
  const stops = coverWords(ability).includes('STOP')
  return {
    platform: 'cover',
    state_topic: stateOf(context, ability),
    value_template: member('state'),
    command_topic: commandOf(context, ability),
    payload_stop: stops ? 'STOP' : null,
    ...(hasPosition(ability)
      ? { position_topic: stateOf(context, ability), position_template: member('position') }
      : {}),
    ...(ability.target ? { set_position_topic: commandOf(context, ability, 'position') } : {}),
    device_class: ability.garage ? 'garage' : undefined,
  }
}

/** State and command of one side of a climate, where the device has it. */
function side(context: DeviceContext, ability: ClimateAbility, part: string, name = part) {
  if (!entityParts(ability).includes(part)) return {}
  return {
    [`${name}_state_topic`]: stateOf(context, ability),
    [`${name}_state_template`]: member(part),
    [`${name}_command_topic`]: commandOf(context, ability, part),
  }
}

export function climateComponent(ability: ClimateAbility, context: DeviceContext): Component {
  const { target, current, humidity, action, fan } = ability
  const { min, max, step } = shownRange(target, [5, 40])
  const told = (name: string, part: string) => ({
    [`${name}_topic`]: stateOf(context, ability),
    [`${name}_template`]: member(part),
  })
  const presets = climatePresets(ability)
  // The state of presets stands under another name than that of the other sides.
  const { preset_mode_state_template, ...preset } = side(context, ability, 'preset_mode') as Record<
    string,
    string
  >
  return {
    platform: 'climate',
    ...side(context, ability, 'mode'),
    modes: climateModes(ability),
    ...side(context, ability, 'temperature'),
    ...(current ? told('current_temperature', 'current_temperature') : {}),
    ...(humidity ? told('current_humidity', 'humidity') : {}),
    ...(action ? told('action', 'action') : {}),
    ...side(context, ability, 'fan_mode'),
    fan_modes: fan ? (fan.range ?? []) : undefined,
    ...side(context, ability, 'swing_mode'),
    swing_modes: ability.swing ? swingModes(ability) : undefined,
    ...preset,
    ...(presets.length > 0
      ? { preset_mode_value_template: preset_mode_state_template, preset_modes: presets }
      : {}),
    ...(ability.power ? { power_command_topic: commandOf(context, ability, 'power') } : {}),
    min_temp: min,
    max_temp: max,
    temp_step: step,
    temperature_unit: usualUnit(target.unit) === '°F' ? 'F' : 'C',
  }
}

export function fanComponent(ability: FanAbility, context: DeviceContext): Component {
  const state_topic = stateOf(context, ability)
  const part = (name: string, key: string) => ({
    [`${name}_state_topic`]: state_topic,
    [`${name}_value_template`]: member(key),
    [`${name}_command_topic`]: commandOf(context, ability, key),
  })
  return {
    platform: 'fan',
    state_topic,
    state_value_template: member('state'),
    command_topic: commandOf(context, ability),
    ...(hasPercentage(ability) ? part('percentage', 'percentage') : {}),
    ...(ability.mode ? { ...part('preset_mode', 'preset_mode'), preset_modes: fanPresets(ability) } : {}),
    ...(ability.oscillation ? part('oscillation', 'oscillation') : {}),
    ...(ability.direction ? part('direction', 'direction') : {}),
  }
}

export function humidifierComponent(ability: HumidifierAbility, context: DeviceContext): Component {
  const state_topic = stateOf(context, ability)
  const { min, max } = shownRange(ability.target, [0, 100])
  return {
    platform: 'humidifier',
    device_class: ability.dries ? 'dehumidifier' : 'humidifier',
    state_topic,
    state_value_template: member('state'),
    command_topic: commandOf(context, ability),
    target_humidity_state_topic: state_topic,
    target_humidity_state_template: member('target'),
    target_humidity_command_topic: commandOf(context, ability, 'target'),
    min_humidity: min,
    max_humidity: max,
    ...(ability.current
      ? { current_humidity_topic: state_topic, current_humidity_template: member('current') }
      : {}),
    ...(ability.mode
      ? {
          modes: ability.mode.range ?? [],
          mode_state_topic: state_topic,
          mode_state_template: member('mode'),
          mode_command_topic: commandOf(context, ability, 'mode'),
        }
      : {}),
  }
}

export function vacuumComponent(ability: VacuumAbility, context: DeviceContext): Component {
  const words = vacuumWords(ability)
  return {
    platform: 'vacuum',
    state_topic: stateOf(context, ability),
    command_topic: commandOf(context, ability),
    supported_features: [
      ...words.map((word) => (word === 'return_to_base' ? 'return_home' : word)),
      'status',
      ...(ability.suction ? ['fan_speed'] : []),
    ],
    ...(ability.suction
      ? {
          fan_speed_list: ability.suction.range ?? [],
          set_fan_speed_topic: commandOf(context, ability, 'fan_speed'),
        }
      : {}),
  }
}

/** A lock that nobody may turn from here is told as open or shut. */
export function lockComponent(ability: LockAbility, context: DeviceContext): Component {
  const state_topic = stateOf(context, ability)
  if (!isWritable(ability.bolt)) {
    const value_template = "{{ 'ON' if value_json.state == 'UNLOCKED' else 'OFF' }}"
    return { platform: 'binary_sensor', state_topic, value_template, device_class: 'lock' }
  }
  return {
    platform: 'lock',
    state_topic,
    value_template: member('state'),
    command_topic: commandOf(context, ability),
  }
}

export function sirenComponent(ability: SirenAbility, context: DeviceContext): Component {
  return {
    platform: 'siren',
    state_topic: stateOf(context, ability),
    command_topic: commandOf(context, ability),
    available_tones: ability.tone?.range ?? undefined,
    support_duration: ability.duration !== undefined,
    support_volume_set: false,
  }
}

const alarmFeatures: Readonly<Record<string, string>> = {
  ARM_HOME: 'arm_home',
  ARM_AWAY: 'arm_away',
  TRIGGER: 'trigger',
}

export function alarmComponent(ability: AlarmAbility, context: DeviceContext): Component {
  return {
    platform: 'alarm_control_panel',
    state_topic: stateOf(context, ability),
    value_template: member('state'),
    command_topic: commandOf(context, ability),
    code_arm_required: false,
    code_disarm_required: false,
    code_trigger_required: false,
    supported_features: alarmWords(ability).flatMap((word) => alarmFeatures[word] ?? []),
  }
}
