import { describe, expect, it } from 'vitest'
import {
  codeOfDpId,
  hasChannels,
  hasExtraPoints,
  joinSpecification,
  type PointOverride,
  type PointSource,
  type SpecificationSources,
  undescribedPoint,
} from '../../src/domain/specification.ts'

function join(
  sources: Partial<SpecificationSources>,
  overrides: Readonly<Record<string, PointOverride>> = {},
) {
  return joinSpecification({ standard: [], thing: [], shadow: [], ...sources }, overrides).points
}

const temperature: PointSource = {
  code: 'temp_current',
  dpId: 3,
  type: 'integer',
  access: 'ro',
  unit: '℃',
  min: -200,
  max: 700,
  step: 1,
  scale: 1,
}

describe('the sources of a specification', () => {
  it('standard points stand under their own code and know the code of the thing model', () => {
    const points = join({
      standard: [temperature],
      thing: [{ code: 'TempCurrent', dpId: 3, type: 'integer', access: 'ro' }],
    })
    expect([...points.keys()]).toEqual(['temp_current'])
    expect(points.get('temp_current')).toMatchObject({ dpId: 3, standard: true, thingCode: 'TempCurrent' })
  })

  it('the standard set wins, the thing model fills what it leaves open', () => {
    const standard: PointSource = {
      code: 'temp_set',
      dpId: 2,
      type: 'integer',
      access: 'rw',
      min: 50,
      max: 350,
    }
    const thing: PointSource = {
      code: 'temp_set',
      dpId: 2,
      name: 'Target',
      type: 'string',
      access: 'ro',
      min: 0,
      max: 999,
      step: 5,
      scale: 1,
      unit: '℃',
    }
    expect(join({ standard: [standard], thing: [thing] }).get('temp_set')).toMatchObject({
      type: 'integer',
      access: 'rw',
      min: 50,
      max: 350,
      step: 5,
      scale: 1,
      unit: '°C',
      name: 'Target',
    })
  })

  it('a standard point without DP id is joined by its code and takes the id from the thing model', () => {
    const points = join({
      standard: [{ code: 'switch_1', type: 'boolean', access: 'rw' }],
      thing: [{ code: 'switch_1', dpId: 1, type: 'boolean', access: 'rw' }],
    })
    expect([...points.keys()]).toEqual(['switch_1'])
    expect(points.get('switch_1')).toMatchObject({ dpId: 1, standard: true })
  })

  it('the DP id joins before the code does', () => {
    const points = join({
      standard: [{ code: 'mode', dpId: 4, type: 'enum', access: 'rw' }],
      thing: [
        { code: 'mode', dpId: 9, type: 'string', access: 'rw' },
        { code: 'work_mode', dpId: 4, type: 'enum', access: 'rw', range: ['auto', 'eco'] },
      ],
    })
    expect(points.get('mode')).toMatchObject({ dpId: 4, range: ['auto', 'eco'], thingCode: 'work_mode' })
  })

  it('equal codes with different DP ids are not one point', () => {
    const points = join({
      standard: [{ code: 'mode', dpId: 4, type: 'enum', access: 'rw' }],
      thing: [{ code: 'mode', dpId: 9, type: 'enum', range: ['a'] }],
    })
    expect(points.get('mode')).toMatchObject({ dpId: 4, range: null, thingCode: null })
  })

  it('points outside the standard set come from the thing model', () => {
    const points = join({
      standard: [temperature],
      thing: [
        { code: 'temp_current', dpId: 3, type: 'integer' },
        { code: 'floor_limit', dpId: 102, type: 'integer', access: 'rw', scale: 1 },
      ],
    })
    expect(points.get('floor_limit')).toMatchObject({
      dpId: 102,
      standard: false,
      thingCode: 'floor_limit',
      access: 'rw',
      scale: 1,
    })
  })

  it('the shadow gives the names that people chose, whatever the models call the point', () => {
    const points = join({
      standard: [{ code: 'switch_1', dpId: 1, type: 'boolean', access: 'rw', name: 'Switch 1' }],
      shadow: [{ code: 'switch_1', dpId: 1, name: 'Kettle' }],
    })
    expect(points.get('switch_1')).toMatchObject({ name: 'Kettle', type: 'boolean' })
  })

  it('the shadow is found by DP id although the thing model’s code differs from the standard one', () => {
    const points = join({
      standard: [{ code: 'switch_led', dpId: 20, type: 'boolean', access: 'rw' }],
      thing: [{ code: 'led_switch', dpId: 20, type: 'boolean' }],
      shadow: [{ code: 'led_switch', dpId: 20, name: 'Shelf' }],
    })
    expect([...points.keys()]).toEqual(['switch_led'])
    expect(points.get('switch_led')?.name).toBe('Shelf')
  })

  it('points that only the shadow knows are there too, with nothing known of them', () => {
    const points = join({ standard: [temperature], shadow: [{ code: codeOfDpId(130), dpId: 130 }] })
    expect(points.get('dp_130')).toMatchObject({
      dpId: 130,
      type: 'unknown',
      access: 'rw',
      min: null,
      max: null,
      scale: 0,
      standard: false,
      once: false,
    })
  })

  it('nothing known is nothing said', () => {
    expect(join({}).size).toBe(0)
  })

  it('codes of inherited names are codes like any other', () => {
    const points = join({ standard: [{ code: 'toString', type: 'boolean', access: 'rw' }] })
    expect(points.get('toString')).toMatchObject({ type: 'boolean', overridden: false })
  })
})

describe('corrections of the configuration', () => {
  it('win over every source and show that they were made', () => {
    const points = join(
      { standard: [temperature] },
      { temp_current: { scale: 2, unit: 'K', name: 'Inside', access: 'rw', momentary: true } },
    )
    expect(points.get('temp_current')).toMatchObject({
      scale: 2,
      unit: 'K',
      name: 'Inside',
      access: 'rw',
      momentary: true,
      once: true,
      overridden: true,
      min: -200,
    })
  })

  it('may say that a press is state', () => {
    const standard: PointSource[] = [{ code: 'switch_mode1', type: 'enum', access: 'ro' }]
    expect(join({ standard }).get('switch_mode1')?.momentary).toBe(true)
    expect(join({ standard }, { switch_mode1: { momentary: false } }).get('switch_mode1')?.momentary).toBe(
      false,
    )
  })

  it('may name the bits of a bitmap', () => {
    const standard: PointSource[] = [{ code: 'fault', type: 'bitmap', access: 'ro', labels: ['a'] }]
    expect(join({ standard }, { fault: { labels: ['x', 'y'] } }).get('fault')?.labels).toEqual(['x', 'y'])
  })

  it('of other codes leave a point alone', () => {
    expect(join({ standard: [temperature] }, { other: { scale: 5 } }).get('temp_current')).toMatchObject({
      scale: 1,
      overridden: false,
    })
  })
})

describe('what follows from a description', () => {
  it.each([
    ['℃', '°C'],
    ['℉', '°F'],
    [' ℃ ', '°C'],
    ['kW·h', 'kW·h'],
    ['%', '%'],
    ['toString', 'toString'],
    ['', null],
    ['  ', null],
  ])('the unit %j reads %j', (unit, expected) => {
    const points = join({ standard: [{ code: 'x', type: 'integer', unit }] })
    expect(points.get('x')?.unit).toBe(expected)
  })

  it('R-K4: presses and raw bytes are written once, what only reports is not written at all', () => {
    const points = join({
      standard: [
        { code: 'ir_send', type: 'string', access: 'wo' },
        { code: 'raw_frame', type: 'raw', access: 'rw' },
        { code: 'phase_a', type: 'raw', access: 'ro' },
        { code: 'doorbell', type: 'boolean', access: 'ro' },
        { code: 'switch_1', type: 'boolean', access: 'rw' },
      ],
    })
    const once = [...points.values()].filter((point) => point.once).map(({ code }) => code)
    expect(once).toEqual(['ir_send', 'raw_frame'])
    const momentary = [...points.values()].filter((point) => point.momentary).map(({ code }) => code)
    expect(momentary).toEqual(['ir_send', 'doorbell'])
  })

  it('a colour range belongs to JSON points alone', () => {
    const colour = { h: 360, s: 1000, v: 1000 }
    const points = join({
      standard: [
        { code: 'colour_data_v2', type: 'json', colour },
        { code: 'colour_data', type: 'string', colour },
      ],
    })
    expect(points.get('colour_data_v2')?.colour).toEqual(colour)
    expect(points.get('colour_data')?.colour).toBeNull()
  })

  it('a point that nobody described writes absolute values of any kind', () => {
    expect(undescribedPoint('dp_7', 7)).toMatchObject({
      code: 'dp_7',
      dpId: 7,
      type: 'unknown',
      access: 'rw',
      once: false,
      momentary: false,
    })
    expect(undescribedPoint('strange', null).dpId).toBeNull()
    expect(undescribedPoint('dp_7', null).dpId).toBe(7)
    expect(undescribedPoint('dp_07', null).dpId).toBeNull()
  })
})

describe('whether the shadow is worth reading', () => {
  it('it is when the thing model knows more than the standard set, or when there is no standard set', () => {
    const thing: PointSource[] = [{ code: 'TempCurrent', dpId: 3 }]
    expect(hasExtraPoints({ standard: [temperature], thing })).toBe(false)
    expect(hasExtraPoints({ standard: [temperature], thing: [...thing, { code: 'x', dpId: 9 }] })).toBe(true)
    expect(hasExtraPoints({ standard: [], thing: [] })).toBe(true)
    expect(hasExtraPoints({ standard: [temperature], thing: [] })).toBe(false)
  })
})

describe('names of channels', () => {
  const standard = [
    { code: 'switch_1', dpId: 1, name: 'Switch 1' },
    { code: 'switch_2', dpId: 2, name: 'Switch 2' },
    { code: 'countdown_1', dpId: 9, name: 'Countdown' },
  ]
  const named = (shadow: readonly PointSource[], overrides = {}) => {
    const names = { switch_1: 'Kettle', switch_2: '', constructor: 'x' }
    const { points } = joinSpecification({ standard, thing: [], shadow, names }, overrides)
    return [...points.values()].map(({ name }) => name)
  }

  it('stand before those of the model; the shadow and the owner know better', () => {
    expect(named([])).toEqual(['Kettle', 'Switch 2', 'Countdown'])
    expect(named([{ code: 'switch_1', dpId: 1, name: 'Mixer' }])).toEqual(['Mixer', 'Switch 2', 'Countdown'])
    expect(named([], { switch_1: { name: 'Mine' } })).toEqual(['Mine', 'Switch 2', 'Countdown'])
  })

  it.each([
    [['switch_1', 'switch_2'], true],
    [['switch_1', 'switch_usb1'], true],
    [['switch_mode1', 'switch_mode2'], true],
    [['switch1_value', 'switch2_value'], true],
    [['switch_1', 'countdown_1'], false],
    [['switch_led', 'switch'], false],
  ])('%j are several channels: %s', (codes, expected) => {
    const rows = codes.map((code) => ({ code }))
    expect(hasChannels({ standard: rows, thing: rows })).toBe(expected)
    expect(hasChannels({ standard: [], thing: rows })).toBe(expected)
  })
})
