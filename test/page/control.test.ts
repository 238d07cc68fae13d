import { describe, expect, it } from 'vitest'
import { alongWith, type ControlKind, cardOf, controlOf } from '../../page/control.ts'
import { pointPictures } from '../../src/app/page/point-picture.ts'
import type { PagePoint } from '../../src/app/page/protocol.ts'
import { categories } from '../../src/domain/category/index.ts'
import type { PointOverride } from '../../src/domain/specification.ts'
import { builtinModels, type DpEntry } from '../../src/simulator/world-file.ts'
import { dp, modelOf, specificationOf } from '../support/model.ts'

type Corrections = Readonly<Record<string, PointOverride>>

/** The points of a device as the page is told of them. */
function pointsOf(category: string, points: readonly DpEntry[], corrections: Corrections = {}) {
  return pointPictures(category, specificationOf(points, corrections))
}

function kindsOf(category: string, points: readonly DpEntry[], corrections: Corrections = {}) {
  const all = pointsOf(category, points, corrections)
  return Object.fromEntries(all.map((point) => [point.code, controlOf(point).kind]))
}

/** Codes on the card, in their order. */
function cardCodes(points: readonly PagePoint[], barred = false) {
  const { controls, readings } = cardOf(points, barred)
  return {
    controls: controls.map(({ point: { code } }) => code),
    readings: readings.map(({ code }) => code),
  }
}

const span = { min: 0, max: 100, step: 1, scale: 0, unit: '' }
const words = (...range: string[]) => ({ range })
const colour = { h: { min: 0, max: 360 }, s: { min: 0, max: 1_000 }, v: { min: 0, max: 1_000 } }
const unknownCategory = 'nobody-knows-this'

describe('a device of a category that nobody knows', () => {
  it.each([
    [dp('anything', 'Boolean', 'rw'), 'switch'],
    [dp('level_of_x', 'Integer', 'rw', span), 'slider'],
    [dp('countdown_1', 'Integer', 'rw', { ...span, max: 86_400 }), 'number'],
    [dp('unbounded', 'Integer', 'rw'), 'number'],
    [dp('way', 'Enum', 'rw', words('a', 'b')), 'select'],
    [dp('rangeless', 'Enum', 'rw'), 'text'],
    [dp('hue', 'Json', 'rw', colour), 'colour'],
    [dp('scene_data', 'Json', 'rw'), 'text'],
    [dp('label', 'String', 'rw'), 'text'],
    [dp('blob', 'Raw', 'rw'), 'text'],
    [dp('ir_send', 'String', 'wo'), 'text'],
    [dp('open_door', 'Boolean', 'wo'), 'press'],
    [dp('flags', 'Bitmap', 'ro', { label: ['a'] }), 'reading'],
    [dp('cur_power', 'Integer', 'ro', span), 'reading'],
  ] as const)('gets controls by the types of its points: $0.code of type $0.type', (given, kind) => {
    expect(kindsOf(unknownCategory, [given])).toEqual({ [given.code]: kind })
  })

  it('a point of which nothing is known but its value can be written as text', () => {
    const [known] = pointsOf(unknownCategory, [dp('dp_101', 'String', 'rw')])
    expect(known && controlOf({ ...known, type: 'unknown' }).kind).toBe('text')
  })
})

const power = dp('switch', 'Boolean', 'rw')
const target = dp('temp_set', 'Integer', 'rw', { ...span, unit: '℃' })
const present = dp('temp_current', 'Integer', 'ro', { ...span, unit: '℃' })

/** Of each kind of category a device, what stands on its card as controls, and what is read there. */
const houses: readonly (readonly [
  category: string,
  points: readonly DpEntry[],
  controls: Readonly<Record<string, ControlKind>>,
  readings: readonly string[],
])[] = [
  [
    'dj',
    [
      dp('work_mode', 'Enum', 'rw', words('white', 'colour')),
      dp('colour_data_v2', 'Json', 'rw', colour),
      dp('temp_value_v2', 'Integer', 'rw', span),
      dp('bright_value_v2', 'Integer', 'rw', span),
      dp('switch_led', 'Boolean', 'rw'),
    ],
    { switch_led: 'switch', bright_value_v2: 'slider', temp_value_v2: 'slider', colour_data_v2: 'colour' },
    [],
  ],
  [
    'tgkg',
    [1, 2].flatMap((gang) => [
      dp(`bright_value_${gang}`, 'Integer', 'rw', span),
      dp(`switch_led_${gang}`, 'Boolean', 'rw'),
    ]),
    { switch_led_1: 'switch', bright_value_1: 'slider', switch_led_2: 'switch', bright_value_2: 'slider' },
    [],
  ],
  ['kg', [dp('switch_1', 'Boolean', 'rw'), dp('child_lock', 'Boolean', 'rw')], { switch_1: 'switch' }, []],
  [
    'cz',
    [dp('switch_1', 'Boolean', 'rw'), dp('cur_power', 'Integer', 'ro', { ...span, unit: 'W' })],
    { switch_1: 'switch' },
    ['cur_power'],
  ],
  [
    'cl',
    [
      dp('percent_state', 'Integer', 'ro', span),
      dp('percent_control', 'Integer', 'rw', span),
      dp('control', 'Enum', 'rw', words('open', 'stop', 'close')),
    ],
    { control: 'cover', percent_control: 'slider' },
    ['percent_state'],
  ],
  [
    'ckmkzq',
    [dp('switch_1', 'Boolean', 'rw'), dp('doorcontact_state', 'Boolean', 'ro')],
    { switch_1: 'switch' },
    ['doorcontact_state'],
  ],
  [
    'wk',
    [power, target, present, dp('mode', 'Enum', 'rw', words('auto', 'manual'))],
    { switch: 'switch', temp_set: 'thermostat', mode: 'select' },
    ['temp_current'],
  ],
  [
    'kt',
    [power, target, present, dp('windspeed', 'Enum', 'rw', words('1', '2'))],
    { switch: 'switch', temp_set: 'thermostat', windspeed: 'select' },
    ['temp_current'],
  ],
  [
    'fs',
    [power, dp('fan_speed', 'Integer', 'rw', span), dp('switch_led', 'Boolean', 'rw')],
    { switch: 'switch', fan_speed: 'slider', switch_led: 'switch' },
    [],
  ],
  ['kj', [power, dp('speed', 'Enum', 'rw', words('low', 'high'))], { switch: 'switch', speed: 'select' }, []],
  [
    'jsq',
    [
      power,
      dp('humidity_set', 'Integer', 'rw', { ...span, unit: '%' }),
      dp('humidity_current', 'Integer', 'ro', { ...span, unit: '%' }),
    ],
    { switch: 'switch', humidity_set: 'slider' },
    ['humidity_current'],
  ],
  [
    'cs',
    [power, dp('dehumidify_set_value', 'Integer', 'rw', span)],
    { switch: 'switch', dehumidify_set_value: 'slider' },
    [],
  ],
  [
    'sd',
    [
      dp('power_go', 'Boolean', 'rw'),
      dp('switch_charge', 'Boolean', 'rw'),
      dp('suction', 'Enum', 'rw', words('gentle', 'strong')),
      dp('status', 'Enum', 'ro', words('standby', 'cleaning')),
    ],
    { power_go: 'switch', switch_charge: 'switch', suction: 'select' },
    ['status'],
  ],
  ['sfkzq', [power], { switch: 'switch' }, []],
  [
    'jtmspro',
    [dp('lock_motor_state', 'Boolean', 'ro'), dp('residual_electricity', 'Integer', 'ro', span)],
    {},
    ['lock_motor_state', 'residual_electricity'],
  ],
  ['mal', [dp('master_mode', 'Enum', 'rw', words('disarmed', 'arm'))], { master_mode: 'select' }, []],
  [
    'sgbj',
    [dp('alarm_switch', 'Boolean', 'rw'), dp('alarm_volume', 'Enum', 'rw', words('low', 'high'))],
    { alarm_switch: 'switch', alarm_volume: 'select' },
    [],
  ],
  [
    'mcs',
    [dp('battery_percentage', 'Integer', 'ro', span), dp('doorcontact_state', 'Boolean', 'ro')],
    {},
    ['doorcontact_state', 'battery_percentage'],
  ],
  [
    'wsdcg',
    [
      dp('battery_state', 'Enum', 'ro', words('low', 'high')),
      dp('va_humidity', 'Integer', 'ro', span),
      dp('va_temperature', 'Integer', 'ro', span),
    ],
    {},
    ['va_temperature', 'va_humidity', 'battery_state'],
  ],
  [
    'ywbj',
    [dp('muffling', 'Boolean', 'rw'), dp('smoke_sensor_status', 'Enum', 'ro', words('alarm', 'normal'))],
    { muffling: 'switch' },
    ['smoke_sensor_status'],
  ],
  ['co2bj', [dp('co2_value', 'Integer', 'ro', { ...span, unit: 'ppm' })], {}, ['co2_value']],
  ['ldcg', [dp('bright_value', 'Integer', 'ro', { ...span, unit: 'lux' })], {}, ['bright_value']],
  [unknownCategory, [dp('some_state', 'Enum', 'ro', words('a', 'b'))], {}, ['some_state']],
]

describe('the card of a device', () => {
  it.each(houses)(
    'of category %s has what its abilities put there',
    (category, points, controls, readings) => {
      const given = pointsOf(category, points)
      const card = cardOf(given)
      expect(Object.fromEntries(card.controls.map(({ kind, point }) => [point.code, kind]))).toEqual(controls)
      expect(card.controls.map(({ point: { code } }) => code)).toEqual(Object.keys(controls))
      expect(card.readings.map(({ code }) => code)).toEqual(readings)
    },
  )

  it('every category of which something is expected stands among these, or has sensors or details alone', () => {
    const tried = new Set(houses.map(([category]) => category))
    const left = categories
      .filter(({ rules, codes }) => rules && !codes.some((code) => tried.has(code)))
      .map(({ name }) => name)
    expect(left).toEqual([])
  })

  it('of every model of the simulator has something on it', () => {
    const empty = Object.entries(builtinModels()).flatMap(([name, { category, dps }]) => {
      const { controls, readings } = cardOf(pointsOf(category, dps))
      return controls.length + readings.length === 0 ? [name] : []
    })
    // A gateway has an alarm sound, a remote sends codes: both are among the details.
    expect(empty).toEqual(['gateway', 'ir'])
  })

  it('is kept short', () => {
    const gangs = Array.from({ length: 8 }, (_, i) => dp(`switch_${i + 1}`, 'Boolean', 'rw'))
    const phases = Array.from({ length: 8 }, (_, i) => dp(`cur_power_${i + 1}`, 'Integer', 'ro', span))
    const { controls, readings } = cardOf(pointsOf('kg', [...gangs, ...phases]))
    expect([controls.length, readings.length]).toEqual([5, 4])
  })

  it('of a device that may not be written to has nothing but readings', () => {
    const points = pointsOf('cz', [power, dp('cur_power', 'Integer', 'ro', span)])
    expect(points.map((point) => controlOf(point, true).kind)).toEqual(['reading', 'reading'])
    expect(cardCodes(points, true)).toEqual({ controls: [], readings: ['cur_power'] })
  })
})

describe('what is derived from a point', () => {
  it('is a reading of its own, and the point that holds it stands among the details', () => {
    const meter = pointsOf('dlq', [
      dp('phase_a', 'Raw', 'ro'),
      dp('add_ele', 'Integer', 'ro', { ...span, scale: 3, unit: 'kWh' }),
    ])
    expect(cardCodes(meter).readings).toEqual([
      'phase_a/power',
      'add_ele/total',
      'phase_a/voltage',
      'phase_a/current',
    ])
    expect(meter.map(({ code, name, unit }) => [code, name, unit])).toEqual([
      ['phase_a', 'Phase a', null],
      ['phase_a/voltage', 'Phase a voltage', 'V'],
      ['phase_a/current', 'Phase a current', 'A'],
      ['phase_a/power', 'Phase a power', 'kW'],
      ['add_ele', 'Energy', 'kWh'],
      ['add_ele/total', 'Energy total', 'kWh'],
    ])
  })

  it('is hidden with its point', () => {
    const hidden = { phase_a: { hide: true } }
    expect(pointsOf('dlq', [dp('phase_a', 'Raw', 'ro')], hidden)).toEqual([])
  })
})

describe('a correction', () => {
  const points = [power, dp('cur_power', 'Integer', 'ro', { ...span, unit: 'W' })]

  it('renames a point on the page', () => {
    const [renamed] = pointsOf('cz', points, { switch: { name: 'Coffee' } })
    expect(renamed?.name).toBe('Coffee')
  })

  it('hides a point from the page', () => {
    expect(kindsOf('cz', points, { switch: { hide: true } })).toEqual({ cur_power: 'reading' })
  })

  it('makes a switch something to press, or something that is only read', () => {
    expect(kindsOf('cz', points, { switch: { ability: 'button' } })).toMatchObject({ switch: 'press' })
    expect(kindsOf('cz', points, { switch: { ability: 'binary' } })).toMatchObject({ switch: 'reading' })
    const corrected = pointsOf('cz', points, { switch: { ability: 'binary' } })
    expect(cardCodes(corrected)).toEqual({ controls: [], readings: ['cur_power', 'switch'] })
  })

  it('makes a choice a text', () => {
    const mode = dp('way', 'Enum', 'rw', words('a', 'b'))
    expect(kindsOf('cz', [mode], { way: { ability: 'text' } })).toEqual({ way: 'text' })
  })

  it('that takes a point from its ability leaves the rest as it can do without', () => {
    const { dps, category } = modelOf('thermostat')
    const kinds = kindsOf(category, dps, { temp_set: { ability: 'number' } })
    expect(kinds).toMatchObject({ switch: 'switch', temp_set: 'thermostat', mode: 'select' })
    expect(kindsOf(category, dps, { temp_set: { ability: 'sensor' } })).toMatchObject({ temp_set: 'reading' })
  })
})

describe('names', () => {
  const namesOf = (category: string, points: readonly DpEntry[]) =>
    Object.fromEntries(pointsOf(category, points).map(({ code, name }) => [code, name]))

  it('of the parts of an ability are the same in every device, and numbered where there are several', () => {
    const [, points = []] = houses.find(([category]) => category === 'tgkg') ?? []
    expect(namesOf('tgkg', points)).toEqual({
      switch_led_1: 'Light',
      bright_value_1: 'Brightness',
      switch_led_2: 'Light 2',
      bright_value_2: 'Brightness 2',
    })
    expect(namesOf('cl', [dp('mach_operate', 'Enum', 'rw', words('ZZ', 'FZ'))])).toEqual({
      mach_operate: 'Cover',
    })
  })
})

it('the words of an old motor say what they do', () => {
  const [control] = pointsOf('cl', [dp('mach_operate', 'Enum', 'rw', words('FZ', 'STOP', 'ZZ'))])
  expect(control?.use?.words).toEqual({ FZ: 'open', STOP: 'stop', ZZ: 'close' })
  expect(control && controlOf(control).kind).toBe('cover')
})

describe('a colour', () => {
  const [, points = []] = houses[0] ?? []
  const lamp = pointsOf('dj', points)
  const hue = lamp.find(({ code }) => code === 'colour_data_v2') as PagePoint
  const dpOf = (mode: string) => ({ dp: { work_mode: [mode, 0, 'queue', 0] } }) as const

  it('takes a lamp that shines white into the mode of colours', () => {
    expect(alongWith(hue, lamp, dpOf('white'))).toEqual({ work_mode: 'colour' })
  })

  it('is written alone where that is its mode already, or nobody knows, or there is no such mode', () => {
    expect(alongWith(hue, lamp, dpOf('colour'))).toEqual({})
    expect(alongWith(hue, lamp, { dp: {} })).toEqual({})
    expect(alongWith(hue, [hue], dpOf('white'))).toEqual({})
  })

  it('and nothing else takes the mode along', () => {
    const others = lamp.filter((point) => point !== hue)
    for (const other of others) expect(alongWith(other, lamp, dpOf('white'))).toEqual({})
  })
})
