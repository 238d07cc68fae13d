import { isWritable } from '../../domain/ability/base.ts'
import type { CoverAbility } from '../../domain/ability/cover.ts'
import { readableName } from '../../domain/ability/name.ts'
import { shownRange } from '../../domain/ability/scale.ts'
import type { BinaryAbility, EventAbility, SensorAbility } from '../../domain/ability/simple.ts'
import type { Ability, AbilityKind, AbilityOf } from '../../domain/ability.ts'
import type { DataPoint } from '../../domain/data-point.ts'
import type { MomentaryKind } from '../../domain/momentary.ts'
import { usualUnit } from '../../domain/unit.ts'
import type { TopicName, TopicTree } from '../../mqtt/topic.ts'

/** Channel types of openHAB's generic MQTT things, with the item that goes with each; a trigger keeps no state. */
export const itemTypes = {
  switch: 'Switch',
  contact: 'Contact',
  number: 'Number',
  dimmer: 'Dimmer',
  string: 'String',
  color: 'Color',
  rollershutter: 'Rollershutter',
  trigger: null,
} as const

export interface Channel {
  readonly type: keyof typeof itemTypes
  readonly id: string
  readonly label: string
  readonly settings: Readonly<Record<string, string | number | boolean>>
}

export interface ChannelContext {
  readonly tree: TopicTree
  readonly device: string
}

/** What each ability is in openHAB: a channel for each point, but for covers and what is told otherwise. */
const channels: {
  readonly [K in AbilityKind]: (ability: AbilityOf<K>, context: ChannelContext) => readonly Channel[]
} = {
  light: ofPoints,
  cover: coverChannels,
  climate: ofPoints,
  fan: ofPoints,
  humidifier: ofPoints,
  vacuum: ofPoints,
  lock: ofPoints,
  siren: ofPoints,
  alarm: ofPoints,
  switch: ofPoints,
  valve: ofPoints,
  number: ofPoints,
  select: ofPoints,
  text: ofPoints,
  button: ofPoints,
  sensor: sensorChannels,
  binary: binaryChannels,
  event: eventChannels,
}

export function channelsOf(ability: Ability, context: ChannelContext): readonly Channel[] {
  const translate = channels[ability.kind] as (
    ability: Ability,
    context: ChannelContext,
  ) => readonly Channel[]
  return translate(ability, context)
}

function ofPoints({ points }: Ability, context: ChannelContext): readonly Channel[] {
  return points.map((point) => pointChannel(point, context))
}

function pointChannel(point: DataPoint, context: ChannelContext): Channel {
  const { type, settings } = typed(point)
  const view = type === 'color' ? 'hsv' : null
  return {
    type,
    id: channelId(point.code),
    label: readableName(point),
    settings: { ...topics(point, context, view), ...settings },
  }
}

function topics(
  point: DataPoint,
  { tree, device }: ChannelContext,
  view: string | null,
): Readonly<Record<string, string>> {
  const { code } = point
  const stateTopic =
    view === null ? tree.build('stateDp', { device, code }) : tree.build('stateView', { device, code, view })
  const commandTopic =
    view === null
      ? tree.build('commandDp', { device, code })
      : tree.build('commandView', { device, code, view })
  return {
    ...(point.access === 'wo' ? {} : { stateTopic }),
    ...(isWritable(point) ? { commandTopic } : {}),
  }
}

function typed(point: DataPoint): Pick<Channel, 'type' | 'settings'> {
  switch (point.type) {
    case 'boolean':
      return { type: isWritable(point) ? 'switch' : 'contact', settings: { on: 'true', off: 'false' } }
    case 'integer':
      return numeric(point)
    case 'enum':
      return { type: 'string', settings: wordsOf(point.range) }
    case 'json':
      return point.colour
        ? { type: 'color', settings: { colorMode: 'HSB' } }
        : { type: 'string', settings: {} }
    case 'bitmap':
    case 'string':
    case 'raw':
    case 'unknown':
      return { type: 'string', settings: {} }
  }
}

function wordsOf(range: readonly string[] | null): Readonly<Record<string, string>> {
  const words = (range ?? []).filter((word) => !word.includes(','))
  return words.length > 0 ? { allowedStates: words.join(',') } : {}
}

/** What is set between two ends and has no unit but percent is a dimmer. */
function numeric(point: DataPoint): Pick<Channel, 'type' | 'settings'> {
  const unit = usualUnit(point.unit)
  const { min, max, step } = shownRange(point, [0, 0])
  const ends = max > min && isWritable(point) ? { min, max, step } : {}
  if (isWritable(point) && max > min && (unit === '%' || /bright|temp_value/.test(point.code)))
    return { type: 'dimmer', settings: ends }
  return { type: 'number', settings: { ...ends, ...(unit === null ? {} : { unit }) } }
}

/** Words move it, numbers place it: they are two channels, because openHAB has one command topic for each. */
function coverChannels(ability: CoverAbility, context: ChannelContext): readonly Channel[] {
  const { tree, device } = context
  const { key, name, target, position, control, toggle, situation } = ability
  const words = { on: 'OPEN', off: 'CLOSE', stop: 'STOP' }
  const commandTopic = tree.build('commandEntity', { device, key })
  const moved: Channel = {
    type: 'rollershutter',
    id: channelId(key),
    label: name,
    settings: { commandTopic, ...words },
  }
  const others = ability.points.filter(
    (point) => ![target, position, control, toggle, situation].includes(point),
  )
  const placed = target && {
    ...pointChannel(target, context),
    settings: {
      ...pointChannel(target, context).settings,
      stateTopic: tree.build('stateDp', { device, code: (position ?? target).code }),
    },
  }
  return [
    moved,
    ...(placed ? [placed] : []),
    ...[situation, ...others].flatMap((point) => (point ? [pointChannel(point, context)] : [])),
  ]
}

function sensorChannels(ability: SensorAbility, context: ChannelContext): readonly Channel[] {
  const { point, view, unit, name, key } = ability
  if (view === null) return [pointChannel(point, context)]
  const { stateTopic = '' } = topics(point, context, view)
  return [
    {
      type: 'number',
      id: channelId(key),
      label: name,
      settings: { stateTopic, ...(unit === null ? {} : { unit }) },
    },
  ]
}

/** A switch for what has words of its own, a contact for what is true or false. */
function binaryChannels(ability: BinaryAbility, context: ChannelContext): readonly Channel[] {
  const { point, view, on, off, name, key } = ability
  if (on.length !== 1 || off.length !== 1) return [pointChannel(point, context)]
  const { stateTopic = '' } = topics(point, context, view)
  const isDoor = ability.measures === 'door' || ability.measures === 'window'
  const type = isDoor ? 'contact' : 'switch'
  return [
    { type, id: channelId(key), label: name, settings: { stateTopic, on: on[0] ?? '', off: off[0] ?? '' } },
  ]
}

const happenings = {
  button: ['eventButton', 'gesture'],
  doorbell: ['eventDoorbell', 'value'],
  unlock: ['eventUnlock', 'method'],
  alarm: ['eventAlarm', 'value'],
  momentary: ['eventMomentary', 'value'],
} as const satisfies Record<MomentaryKind, readonly [TopicName, string]>

function eventChannels(
  { happens, code, key, name }: EventAbility,
  context: ChannelContext,
): readonly Channel[] {
  const [topic, member] = happenings[happens]
  const { tree, device } = context
  const stateTopic = tree.build(topic, { device, code: code ?? 'x' })
  return [
    {
      type: 'trigger',
      id: channelId(key),
      label: name,
      settings: {
        stateTopic: code === null ? stateTopic.replace(/x$/, '+') : stateTopic,
        transformationPattern: `JSONPATH:$.data.${member}`,
      },
    },
  ]
}

/** Letters, digits, `_` and `-` alone. */
export function channelId(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/g, '_')
}
