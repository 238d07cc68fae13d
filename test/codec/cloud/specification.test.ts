import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { violations } from '../../../src/codec/cloud/schema.ts'
import {
  readShadow,
  readSpecification,
  readThingModel,
  shadowSchema,
  specificationSchema,
  thingModelSchema,
  type WireShadow,
  type WireSpecification,
} from '../../../src/codec/cloud/specification.ts'
import { joinSpecification, type PointSource } from '../../../src/domain/specification.ts'
import { hostileJson, hostileText } from '../../support/hostile.ts'

/** The points of a specification answer, by code. */
function points(wire: object): Record<string, PointSource> {
  expect(violations(specificationSchema, wire)).toEqual([])
  return Object.fromEntries(readSpecification(wire as WireSpecification).map((row) => [row.code, row]))
}

/** One point that is reported and accepted, with these values. */
function both(type: string | null, values: unknown, code = 'x'): PointSource | undefined {
  const row = { code, type, values }
  return points({ functions: [row], status: [row] })[code]
}

describe('the standard set', () => {
  it('is read-write where both sets have a code, else what its one set says', () => {
    const row = (code: string) => ({ code, type: 'Boolean', values: '{}' })
    expect(
      points({
        category: 'kg',
        functions: [row('both'), row('function')],
        status: [row('both'), row('status')],
      }),
    ).toMatchObject({ both: { access: 'rw' }, function: { access: 'wo' }, status: { access: 'ro' } })
  })

  it('has DP ids in version 1.1, spelled either way, as number or text', () => {
    const status = [
      { code: 'a', type: 'Boolean', values: '{}', dp_id: 1 },
      { code: 'b', type: 'Boolean', values: '{}', dpId: 2 },
      { code: 'c', type: 'Boolean', values: '{}', dp_id: '3' },
      { code: 'd', type: 'Boolean', values: '{}' },
      { code: 'e', type: 'Boolean', values: '{}', dp_id: 0 },
      { code: 'f', type: 'Boolean', values: '{}', dp_id: null, dpId: 6 },
    ]
    const read = points({ status })
    expect(Object.values(read).map(({ dpId }) => dpId)).toEqual([1, 2, 3, undefined, undefined, 6])
  })

  it('takes the id from either set', () => {
    const read = points({
      functions: [{ code: 'a', type: 'Boolean', values: '{}' }],
      status: [{ code: 'a', type: 'Boolean', values: '{}', dp_id: 7 }],
    })
    expect(read['a']?.dpId).toBe(7)
  })

  it('lets what is accepted bind what may be written', () => {
    const read = points({
      functions: [{ code: 'bright', type: 'Integer', values: '{"min":10,"max":1000,"scale":0,"step":1}' }],
      status: [{ code: 'bright', type: 'Integer', values: '{"min":0,"max":1000,"scale":0,"step":1}' }],
    })
    expect(read['bright']).toMatchObject({ min: 10 })
  })

  it('has a name only where it is more than the code', () => {
    const status = [
      { code: 'switch_1', type: 'Boolean', values: '{}', name: 'switch_1' },
      { code: 'switch_2', type: 'Boolean', values: '{}', name: 'Kettle' },
      { code: 'switch_3', type: 'Boolean', values: '{}', name: '' },
      { code: 'switch_4', type: 'Boolean', values: '{}', name: null },
    ]
    expect(Object.values(points({ status })).map(({ name }) => name)).toEqual([
      undefined,
      'Kettle',
      undefined,
      undefined,
    ])
  })

  it('may be empty or absent', () => {
    expect(points({})).toEqual({})
    expect(points({ category: 'infrared_ac', functions: null, status: [] })).toEqual({})
  })
})

describe('types and their values', () => {
  it.each<[type: string, values: string, expected: object]>([
    ['Boolean', '{}', { type: 'boolean' }],
    [
      'Integer',
      '{"unit":"℃","min":-200,"max":700,"scale":1,"step":5}',
      { type: 'integer', unit: '℃', min: -200, max: 700, scale: 1, step: 5 },
    ],
    ['Integer', '{"min":"0","max":"100","scale":"2","step":"1"}', { min: 0, max: 100, scale: 2, step: 1 }],
    ['Enum', '{"range":["white","colour"]}', { type: 'enum', range: ['white', 'colour'] }],
    ['String', '{"maxlen":255}', { type: 'string', maxlen: 255 }],
    ['Json', '{}', { type: 'json' }],
    ['Raw', '{"maxlen":128}', { type: 'raw', maxlen: 128 }],
    ['Bitmap', '{"label":["e1","e2"],"maxlen":2}', { type: 'bitmap', labels: ['e1', 'e2'], maxlen: 2 }],
  ])('%s %s', (type, values, expected) => {
    expect(both(type, values)).toMatchObject(expected)
  })

  it('may stand as an object instead of a text', () => {
    expect(both('Integer', { min: 1, max: 5 })).toMatchObject({ min: 1, max: 5 })
  })

  it.each([
    '',
    ' ',
    'null',
    '[]',
    '5',
    'no json',
    '{',
    '{"min":1e999}',
    '{"__proto__":{"min":1}}',
    null,
    undefined,
    7,
    ['x'],
    '['.repeat(100),
  ])('of an infrared device may be %j', (values) => {
    expect(both('Integer', values)).toEqual({ code: 'x', type: 'integer', access: 'rw' })
  })

  it('that make no sense are left out, each for itself', () => {
    const values = {
      min: {},
      max: [5],
      step: '',
      scale: true,
      unit: 5,
      range: ['a', 5],
      label: 'x',
      maxlen: 9,
    }
    expect(both('Integer', values)).toEqual({ code: 'x', type: 'integer', access: 'rw', maxlen: 9 })
    expect(both('Integer', { min: { toString: 1 }, max: 3 })).toMatchObject({ max: 3 })
  })

  it('have a scale that a decimal number can have', () => {
    const scales = [-1, 0, 3, 15, 16, 1e9, 2.7].map((scale) => both('Integer', { scale })?.scale)
    expect(scales).toEqual([0, 0, 3, 15, 15, 15, 2])
  })

  it('of an unknown or absent type are described as far as they are', () => {
    expect(both('Quaternion', '{"min":1}')).toEqual({ code: 'x', access: 'rw', min: 1 })
    expect(both(null, '{}')).toEqual({ code: 'x', access: 'rw' })
    expect(both('toString', '{}')).not.toHaveProperty('type')
  })
})

describe('colours', () => {
  it('have the ranges that their code stands for', () => {
    expect(both('Json', '{}', 'colour_data')?.colour).toEqual({ h: 360, s: 255, v: 255 })
    expect(both('Json', '{}', 'colour_data_v2')?.colour).toEqual({ h: 360, s: 1000, v: 1000 })
    expect(both('Json', '{}', 'scene_data')).not.toHaveProperty('colour')
    expect(both('String', '{}', 'colour_data')).not.toHaveProperty('colour')
  })

  it('have their own where they give all three', () => {
    const member = (max: number) => ({ min: 0, max, scale: 0, step: 1 })
    const own = JSON.stringify({ h: member(360), s: member(100), v: member(50) })
    expect(both('Json', own, 'colour_data_v2')?.colour).toEqual({ h: 360, s: 100, v: 50 })
    expect(both('Json', own, 'scene_data')?.colour).toEqual({ h: 360, s: 100, v: 50 })
    expect(both('Json', JSON.stringify({ h: member(360), s: member(100) }), 'colour_data')?.colour).toEqual({
      h: 360,
      s: 255,
      v: 255,
    })
    expect(
      both('Json', JSON.stringify({ h: member(0), s: member(-1), v: member(5) }), 'x'),
    ).not.toHaveProperty('colour')
  })
})

/** The points of a thing model with these properties. */
function thing(...properties: unknown[]): PointSource[] {
  const model = JSON.stringify({ modelId: 'm1', services: [{ actions: [], properties }] })
  expect(violations(thingModelSchema, { model })).toEqual([])
  return readThingModel({ model })
}

describe('the thing model', () => {
  it('knows id, access, type and limits of every point', () => {
    const typeSpec = {
      type: 'value',
      max: 450,
      min: 200,
      scale: 1,
      step: 5,
      unit: '℃',
      typeDefaultValue: 300,
    }
    expect(
      thing({ abilityId: 102, accessMode: 'rw', code: 'floor_limit', name: 'Floor limit', typeSpec }),
    ).toEqual([
      {
        code: 'floor_limit',
        dpId: 102,
        access: 'rw',
        name: 'Floor limit',
        type: 'integer',
        unit: '℃',
        min: 200,
        max: 450,
        step: 5,
        scale: 1,
      },
    ])
  })

  it.each([
    ['ro', 'ro'],
    ['rw', 'rw'],
    ['wr', 'wo'],
    ['xx', undefined],
    [null, undefined],
    ['toString', undefined],
  ])('access mode %s is %s', (accessMode, access) => {
    expect(thing({ abilityId: 1, accessMode, code: 'a', typeSpec: { type: 'bool' } })[0]?.access).toBe(access)
  })

  it.each([
    ['bool', 'boolean'],
    ['value', 'integer'],
    ['enum', 'enum'],
    ['string', 'string'],
    ['raw', 'raw'],
    ['bitmap', 'bitmap'],
  ])('type %s is %s', (type, expected) => {
    expect(thing({ abilityId: 1, code: 'a', typeSpec: { type } })[0]?.type).toBe(expected)
  })

  it('has words and labels', () => {
    const [mode, fault] = thing(
      { abilityId: 1, code: 'mode', typeSpec: { type: 'enum', range: ['a', 'b'] } },
      { abilityId: 2, code: 'fault', typeSpec: { type: 'bitmap', label: ['e1'], maxlen: 1 } },
    )
    expect(mode?.range).toEqual(['a', 'b'])
    expect(fault?.labels).toEqual(['e1'])
  })

  it('gathers the points of all services and leaves out what cannot be read', () => {
    const good = (code: string) => ({ abilityId: 1, code, typeSpec: { type: 'bool' } })
    const model = JSON.stringify({
      services: [
        { properties: [good('a'), null, 7, { code: 'no type' }, { ...good(''), code: '' }] },
        null,
        { properties: 'none' },
        {
          properties: [
            good('b'),
            { ...good('c'), code: 'x'.repeat(129) },
            { ...good('d'), typeSpec: 'bool' },
          ],
        },
      ],
    })
    expect(readThingModel({ model }).map(({ code }) => code)).toEqual(['a', 'b'])
  })

  it.each(['', 'no json', '{}', '[]', 'null', '{"services":{}}', '{"services":"x"}', `${'['.repeat(1e5)}`])(
    'that cannot be read at all has no points: %#',
    (model) => {
      expect(readThingModel({ model })).toEqual([])
    },
  )

  it('I-11: never throws, whatever it holds', () => {
    const property = fc.record(
      {
        abilityId: hostileJson,
        accessMode: hostileJson,
        code: fc.string(),
        name: hostileJson,
        typeSpec: hostileJson,
      },
      { requiredKeys: [] },
    )
    const models = fc.oneof(
      hostileText,
      fc
        .array(fc.oneof(property, hostileJson))
        .map((properties) => JSON.stringify({ services: [{ properties }] })),
    )
    fc.assert(
      fc.property(models, (model) => {
        for (const row of readThingModel({ model })) expect(row.code).not.toBe('')
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('the shadow', () => {
  const read = (wire: object) => {
    expect(violations(shadowSchema, wire)).toEqual([])
    return readShadow(wire as WireShadow)
  }

  it('has value, time and given name of every point', () => {
    const properties = [
      { code: 'switch_1', custom_name: 'Kettle', dp_id: 1, time: 1_700_000_000_123, value: true },
      { code: 'add_ele', custom_name: '', dp_id: 17, time: 1_700_000_000_456, value: 12 },
    ]
    expect(read({ properties })).toEqual([
      { source: { code: 'switch_1', dpId: 1, name: 'Kettle' }, raw: true, timeMs: 1_700_000_000_123 },
      { source: { code: 'add_ele', dpId: 17 }, raw: 12, timeMs: 1_700_000_000_456 },
    ])
  })

  it('calls a point without a code by its number', () => {
    expect(read({ properties: [{ code: '', dp_id: '130', value: 'x' }] })[0]?.source).toEqual({
      code: 'dp_130',
      dpId: 130,
    })
    expect(read({ properties: [{ code: null, dp_id: 131 }] })[0]?.source.code).toBe('dp_131')
    expect(read({ properties: [{ dp_id: 0, value: 1 }, { value: 2 }] })).toEqual([])
  })

  it('has no time where it says none that can be', () => {
    const times = [undefined, null, 0, 1_700_000_000, '1700000000123', 'now', 1e300]
    const properties = times.map((time, i) => ({ code: `c${i}`, ...(time === undefined ? {} : { time }) }))
    expect(read({ properties }).map(({ timeMs }) => timeMs)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      1_700_000_000_123,
      undefined,
      undefined,
    ])
  })

  it('may be empty', () => {
    expect(read({})).toEqual([])
    expect(read({ properties: null })).toEqual([])
  })
})

it('all three together describe a thermostat whose standard set says little', () => {
  const standard = readSpecification({
    functions: [{ code: 'temp_set', type: 'Integer', values: '' }],
    status: [
      { code: 'temp_set', type: 'Integer', values: '' },
      { code: 'temp_current', type: 'Integer', values: '{"unit":"℃","scale":1}' },
    ],
  })
  const model = thing(
    {
      abilityId: 2,
      accessMode: 'rw',
      code: 'temp_set',
      typeSpec: { type: 'value', min: 50, max: 350, scale: 1, step: 5 },
    },
    {
      abilityId: 3,
      accessMode: 'ro',
      code: 'temp_current',
      typeSpec: { type: 'value', min: -200, max: 700, scale: 1 },
    },
    { abilityId: 102, accessMode: 'wr', code: 'reset', typeSpec: { type: 'bool' } },
  )
  const shadow = readShadow({
    properties: [
      { code: 'temp_set', custom_name: 'Wanted', dp_id: 2, value: 215 },
      { code: null, dp_id: 103, value: 'AAA=' },
    ],
  }).map(({ source }) => source)
  const { points: joined } = joinSpecification({ standard, thing: model, shadow }, {})
  expect([...joined.keys()]).toEqual(['temp_set', 'temp_current', 'reset', 'dp_103'])
  expect(joined.get('temp_set')).toMatchObject({
    dpId: 2,
    name: 'Wanted',
    access: 'rw',
    min: 50,
    max: 350,
    step: 5,
    scale: 1,
    standard: true,
  })
  expect(joined.get('temp_current')).toMatchObject({ dpId: 3, unit: '°C', min: -200, scale: 1, access: 'ro' })
  expect(joined.get('reset')).toMatchObject({ access: 'wo', standard: false })
  expect(joined.get('dp_103')).toMatchObject({ type: 'unknown', dpId: 103 })
})
