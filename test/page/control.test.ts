import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { cardOf, controlOf } from '../../page/control.ts'
import type { PagePoint } from '../../src/app/page/protocol.ts'

function point(code: string, type: PagePoint['type'], more: Partial<PagePoint> = {}): PagePoint {
  return {
    code,
    type,
    name: null,
    access: 'rw',
    unit: null,
    min: null,
    max: null,
    step: null,
    range: null,
    maxlen: null,
    colour: null,
    momentary: false,
    once: false,
    ...more,
  }
}

const whole = { min: 0, max: 100, step: 1 }
const colour = { colour: { h: 360, s: 1_000, v: 1_000 } }

it.each([
  [point('switch_1', 'boolean'), 'switch'],
  [point('anything', 'boolean'), 'switch'],
  [point('bright_value_v2', 'integer', { min: 10, max: 1_000, step: 1 }), 'slider'],
  [point('percent_control', 'integer', whole), 'slider'],
  [point('temp_set', 'integer', { min: 5, max: 35, step: 0.5 }), 'thermostat'],
  [point('countdown_1', 'integer', { min: 0, max: 86_400, step: 1 }), 'number'],
  [point('unbounded', 'integer'), 'number'],
  [point('level_of_x', 'integer', whole), 'slider'],
  [point('control', 'enum', { range: ['open', 'stop', 'close'] }), 'cover'],
  [point('control', 'enum', { range: ['a', 'b'] }), 'select'],
  [point('mode', 'enum', { range: ['auto', 'manual'] }), 'select'],
  [point('rangeless', 'enum'), 'text'],
  [point('colour_data_v2', 'json', colour), 'colour'],
  [point('colour_data', 'json'), 'text'],
  [point('scene_data', 'json'), 'text'],
  [point('name', 'string'), 'text'],
  [point('blob', 'raw'), 'text'],
  [point('dp_101', 'unknown'), 'text'],
  [point('ir_send', 'string', { access: 'wo', once: true }), 'text'],
  [point('open_door', 'boolean', { access: 'wo' }), 'press'],
  [point('step', 'enum', { once: true, range: ['up', 'down'] }), 'press'],
  [point('cur_power', 'integer', { ...whole, access: 'ro' }), 'reading'],
])('chooses by the specification: $0.code of type $0.type gets $1', (given, kind) => {
  expect(controlOf(given).kind).toBe(kind)
})

it('a device that may not be written to has nothing but readings', () => {
  expect(controlOf(point('automatic_lock', 'boolean'), true).kind).toBe('reading')
  expect(cardOf([point('switch', 'boolean')], true).controls).toEqual([])
})

it('the card shows what one reaches for first, and what one looks at', () => {
  const { controls, readings } = cardOf([
    point('countdown_1', 'integer', { min: 0, max: 86_400 }),
    point('colour_data_v2', 'json', colour),
    point('bright_value_v2', 'integer', { min: 10, max: 1_000 }),
    point('switch_led', 'boolean'),
    point('battery_percentage', 'integer', { access: 'ro' }),
    point('va_temperature', 'integer', { access: 'ro' }),
  ])
  expect(controls.map(({ point: { code } }) => code)).toEqual([
    'switch_led',
    'bright_value_v2',
    'colour_data_v2',
  ])
  expect(readings.map(({ code }) => code)).toEqual(['va_temperature', 'battery_percentage'])
})

it('every model of the simulator has something on its card', () => {
  const models = JSON.parse(
    readFileSync(new URL('../../world/models.json', import.meta.url), 'utf8'),
  ) as Record<
    string,
    {
      dps: {
        code: string
        type: string
        access: PagePoint['access']
        values: { range?: string[]; min?: number; max?: number }
      }[]
    }
  >
  const empty: string[] = []
  for (const [name, { dps }] of Object.entries(models)) {
    const points = dps.map(({ code, type, access, values }) =>
      point(code, type.toLowerCase() as PagePoint['type'], {
        access,
        range: values.range ?? null,
        min: values.min ?? null,
        max: values.max ?? null,
      }),
    )
    const { controls, readings } = cardOf(points)
    if (controls.length + readings.length === 0) empty.push(name)
  }
  // A gateway has an alarm sound, a remote sends codes: both are among the details.
  expect(empty).toEqual(['gateway', 'ir'])
})
