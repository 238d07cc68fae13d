import { shownRange } from '../../domain/ability/scale.ts'
import type {
  BinaryAbility,
  ButtonAbility,
  EventAbility,
  NumberAbility,
  SelectAbility,
  SensorAbility,
  SwitchAbility,
  TextAbility,
  ValveAbility,
} from '../../domain/ability/simple.ts'
import { type DataPoint, toShown } from '../../domain/data-point.ts'
import type { MomentaryKind } from '../../domain/momentary.ts'
import type { TopicName } from '../../mqtt/topic.ts'
import { type Component, type DeviceContext, longestState, orUnknown, topicOf } from './component.ts'
import { deviceClass, stateClass } from './measures.ts'

function stateTopic(context: DeviceContext, { code }: DataPoint, view: string | null = null): string {
  return view === null ? topicOf(context, 'stateDp', { code }) : topicOf(context, 'stateView', { code, view })
}

/** What is only written says nothing; Home Assistant then shows what it wrote last. */
function topicsOf(context: DeviceContext, point: DataPoint): Record<string, unknown> {
  return {
    ...(point.access === 'wo' ? {} : { state_topic: stateTopic(context, point) }),
    command_topic: topicOf(context, 'commandDp', { code: point.code }),
  }
}

export function switchComponent({ point, outlet }: SwitchAbility, context: DeviceContext): Component {
  return {
    platform: 'switch',
    ...topicsOf(context, point),
    payload_on: 'true',
    payload_off: 'false',
    device_class: outlet ? 'outlet' : 'switch',
  }
}

export function valveComponent({ point }: ValveAbility, context: DeviceContext): Component {
  return {
    platform: 'valve',
    ...topicsOf(context, point),
    payload_open: 'true',
    payload_close: 'false',
    state_open: 'true',
    state_closed: 'false',
  }
}

export function numberComponent({ point, measures, unit }: NumberAbility, context: DeviceContext): Component {
  const { min, max, step } = shownRange(point, [-1_000_000, 1_000_000])
  return {
    platform: 'number',
    ...topicsOf(context, point),
    min,
    max: Math.max(max, min + step),
    step,
    mode: (max - min) / step > 200 ? 'box' : 'auto',
    unit_of_measurement: unit ?? undefined,
    device_class: deviceClass(measures, unit),
    payload_reset: 'null',
  }
}

export function selectComponent({ point, options }: SelectAbility, context: DeviceContext): Component {
  return { platform: 'select', ...topicsOf(context, point), options, value_template: orUnknown }
}

export function textComponent({ point }: TextAbility, context: DeviceContext): Component {
  const max = Math.min(point.maxlen ?? longestState, longestState)
  const value_template = `{{ '' if value == 'null' or value == '""' else value[:${max}] }}`
  return { platform: 'text', ...topicsOf(context, point), min: 0, max, value_template }
}

export function buttonComponent({ point }: ButtonAbility, context: DeviceContext): Component {
  const command_topic = topicOf(context, 'commandDp', { code: point.code })
  return { platform: 'button', command_topic, payload_press: 'true' }
}

export function sensorComponent(ability: SensorAbility, context: DeviceContext): Component {
  const { point, view, unit, options, counts } = ability
  const measured = deviceClass(ability.measures, unit)
  const isText = counts === null && options === null
  return {
    platform: 'sensor',
    state_topic: stateTopic(context, point, view),
    value_template: isText ? `{{ value[:${longestState}] }}` : orUnknown,
    unit_of_measurement: unit ?? undefined,
    device_class: options === null ? measured : 'enum',
    state_class: stateClass(counts, measured),
    options: options ?? undefined,
    suggested_display_precision: counts === null ? undefined : precision(point),
  }
}

function precision({ scale, step }: DataPoint): number | undefined {
  if (scale === 0) return undefined
  const shown = toShown(step ?? 1, scale)
  return Number.isInteger(shown) ? 0 : scale
}

export function binaryComponent(ability: BinaryAbility, context: DeviceContext): Component {
  const { point, view, on, off, measures } = ability
  const simple = on.length === 1 && off.length === 1
  return {
    platform: 'binary_sensor',
    state_topic: stateTopic(context, point, view),
    payload_on: simple ? on[0] : 'ON',
    payload_off: simple ? off[0] : 'OFF',
    value_template: simple
      ? orUnknown
      : `{{ 'ON' if value in [${on.map(quoted).join(', ')}] else None if value == 'null' else 'OFF' }}`,
    device_class: measures ?? undefined,
  }
}

function quoted(word: string): string {
  return `'${word.replace(/[\\']/g, '\\$&')}'`
}

const eventTopic = {
  button: 'eventButton',
  doorbell: 'eventDoorbell',
  unlock: 'eventUnlock',
  alarm: 'eventAlarm',
  momentary: 'eventMomentary',
} as const satisfies Record<MomentaryKind, TopicName>

const eventClass: Partial<Record<MomentaryKind, string>> = { button: 'button', doorbell: 'doorbell' }

/** Where the word is that says what happened. */
function eventWord({ happens, types, points }: EventAbility): string {
  if (happens === 'unlock') return 'value_json.data.method'
  if (happens === 'button') return 'value_json.data.gesture'
  return points[0]?.type === 'boolean' ? quoted(types[0] ?? happens) : 'value_json.data.value'
}

export function eventComponent(ability: EventAbility, context: DeviceContext): Component {
  const { happens, code, types } = ability
  const extra = happens === 'unlock' ? ", 'user': value_json.data.user" : ''
  const more = `'id': value_json.id, 'time': value_json.time${extra}`
  // A wildcard stands for all the codes that tell it.
  const topic = topicOf(context, eventTopic[happens], { code: code ?? 'x' })
  return {
    platform: 'event',
    state_topic: code === null ? topic.replace(/x$/, '+') : topic,
    event_types: types,
    device_class: eventClass[happens],
    value_template: `{{ {'event_type': ${eventWord(ability)} | string, ${more}} | tojson }}`,
  }
}
