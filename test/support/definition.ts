import type { Condition } from '../../src/domain/condition.ts'
import type { DataPoint, Json } from '../../src/domain/data-point.ts'
import type {
  DefinitionContext,
  Referred,
  ReferredAutomation,
  ReferredDevice,
} from '../../src/domain/definition.ts'
import { point } from './point.ts'

/** A small house that scenes and automations may speak of. */

export const homeId = '3182004'

function device(id: string, name: string, points: readonly DataPoint[], home = homeId): ReferredDevice {
  const specification = {
    source: 'cloud' as const,
    points: new Map(points.map((each) => [each.code, each] as const)),
  }
  return { id, name, homeId: home, specification }
}

export const lamp = device('bf3c9a7d41e0b2f6aaw1vn', 'Desk lamp', [
  point('boolean', { code: 'switch_led' }),
  point('enum', { code: 'work_mode', range: ['white', 'colour', 'scene'] }),
  point('integer', { code: 'bright_value_v2', min: 10, max: 1000, step: 10 }),
  point('json', { code: 'colour_data_v2', colour: { h: 360, s: 1000, v: 1000 } }),
  point('integer', { code: 'countdown_1', min: 0, max: 86_400, step: 1, access: 'wo' }),
])

export const thermostat = device('bf04ac8e91f37d62b5te8r', 'Thermostat', [
  point('integer', { code: 'temp_set', min: 50, max: 350, step: 5, scale: 1, unit: '°C' }),
  point('integer', {
    code: 'temp_current',
    min: -200,
    max: 600,
    step: 1,
    scale: 1,
    access: 'ro',
    unit: '°C',
  }),
  point('bitmap', { code: 'fault', labels: ['e1', 'e2'], access: 'ro' }),
  point('string', { code: 'program' }),
])

export const lock: ReferredDevice = {
  ...device('bf77lock00000000000001', 'Front door', [point('boolean', { code: 'lock_motor_state' })]),
  locked: true,
}

/** Nobody read its specification yet. */
export const unread: ReferredDevice = {
  id: 'bf55unread000000000001',
  name: 'New thing',
  homeId,
  specification: undefined,
}

export const stove = device(
  'bf66stove0000000000001',
  'Stove',
  [point('boolean', { code: 'switch' })],
  '3182917',
)

export const goodNight: Referred = { id: '53IYSXI3gEn2w3Oc', name: 'Good night', homeId }
export const cabinScene: Referred = { id: 'DKgx28KbdPfzEpvA', name: 'Fire', homeId: '3182917' }

const waitingFor = (order: number, id: string, code: string, value: Json): Condition => ({
  kind: 'external',
  order,
  id,
  code,
  operator: '==',
  value,
})

export const bedtime: ReferredAutomation = {
  id: 'p2aWOkEOe2RzATHL',
  name: 'Bedtime',
  homeId,
  conditions: [
    waitingFor(1, 'c1', 'bedtime', 'true'),
    waitingFor(2, 'c2', 'level', 3),
    waitingFor(3, 'c3', 'armed', true),
    { kind: 'device', order: 4, deviceId: 'd1', code: 'switch', operator: '==', value: true },
  ],
}

const house = {
  device: [lamp, thermostat, lock, unread, stove],
  scene: [goodNight, cabinScene],
  automation: [bedtime],
} as const

export const context: DefinitionContext = {
  homeId,
  references: {
    device: (id) => house.device.find((each) => each.id === id),
    scene: (id) => house.scene.find((each) => each.id === id),
    automation: (id) => house.automation.find((each) => each.id === id),
    all: (kind) => house[kind],
  },
}

export const background = 'https://images.tuyaeu.com/smart/rule/cover/bedroom.png'

export const write = (deviceId: string, values: object) => ({
  action_executor: 'dpIssue',
  entity_id: deviceId,
  executor_property: values,
})

export const delay = (hours: unknown, minutes: unknown, seconds: unknown) => ({
  action_executor: 'delay',
  executor_property: { hours, minutes, seconds },
})

export const watch = (deviceId: string, code: string, operator: string, value: unknown) => ({
  entity_type: 1,
  entity_id: deviceId,
  display: { code, operator, value },
})

export const weather = (code: string, operator: string, value: unknown) => ({
  entity_type: 3,
  entity_id: '10',
  display: { code, operator, value },
})

export const external = (code: string, operator: string, value: unknown) => ({
  entity_type: 15,
  display: { code, operator, value },
})

export const timer = (changes: object = {}) => ({
  entity_type: 6,
  entity_id: 'timer',
  display: { date: '20260301', time: '07:30', loops: '0111110', timezone_id: 'Europe/Berlin', ...changes },
})

export const timeCheck = (changes: object = {}) => ({
  cond_type: 'timeCheck',
  display: { start: '22:00', end: '06:00', loops: '0000000', timezone_id: 'Europe/Berlin', ...changes },
})

export function scene(...actions: readonly object[]): Record<string, unknown> {
  return {
    name: 'Evening',
    background,
    actions: actions.length > 0 ? actions : [write(lamp.id, { switch_led: true })],
  }
}

/** An automation with these conditions, numbered from 1, that switches the lamp on. */
export function automation(conditions: readonly object[], changes: object = {}): Record<string, unknown> {
  return {
    name: 'Evening',
    background,
    match_type: 1,
    conditions: conditions.map((condition, i) => ({ order_num: i + 1, ...condition })),
    actions: [write(lamp.id, { switch_led: true })],
    ...changes,
  }
}
