import fc from 'fast-check'
import type { ColourRange, DataPoint, DataPointType } from '../../src/domain/data-point.ts'
import { anyText } from './any-text.ts'
import { point } from './point.ts'

const nastyNames = [
  'toString',
  'valueOf',
  'toJSON',
  'length',
  'hasOwnProperty',
  'h',
  's',
  'v',
  'min',
  'max',
  '',
]

/** JSON values of every shape, with member names that objects inherit among them. */
export const hostileJson: fc.Arbitrary<unknown> = fc
  .letrec<{ value: unknown; leaf: unknown }>((tie) => ({
    leaf: fc.oneof(
      fc.constantFrom(null, true, false, '', 0, -0, 1e-7, 1e21, -1e300, 5e-324, Number.MAX_SAFE_INTEGER),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.string({ maxLength: 20 }),
      anyText({ maxLength: 20 }),
    ),
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      tie('leaf'),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...nastyNames), fc.string({ maxLength: 6 })), tie('value'), {
        maxKeys: 4,
      }),
    ),
  }))
  .value.map((value) => JSON.parse(JSON.stringify(value)) as unknown)

/** Texts as people and programs send them: words, numbers of every spelling, JSON, junk. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'ON',
    'toggle',
    'null',
    '1e400',
    '-1e999',
    '9'.repeat(60),
    '0x10',
    'NaN',
    '١٢',
    '--1',
  ),
  fc.constantFrom('1e-400', '.5', '5.', '+7', '1e+5', '0.30000000000000004', '1,5', '1,2,3', '{"h":1}', '[]'),
  fc.string({ maxLength: 40 }),
  anyText({ maxLength: 40 }),
  fc.stringMatching(/^[-+0-9.eE ]{1,30}$/),
  hostileJson.map((value) => JSON.stringify(value)),
  fc.base64String({ maxLength: 40 }),
)

const anyNumber = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
const anyTexts = fc.array(fc.string({ maxLength: 8 }), { maxLength: 6 })
const anyColour = fc.record<ColourRange>({
  h: fc.constant(360),
  s: fc.constantFrom(100, 255, 1000),
  v: fc.constantFrom(100, 255, 1000),
})
const types: readonly DataPointType[] = [
  'boolean',
  'integer',
  'enum',
  'string',
  'json',
  'raw',
  'bitmap',
  'unknown',
]

/** Data points of every type with descriptions that may make sense or not. */
export const anyPoint: fc.Arbitrary<DataPoint> = fc
  .record({
    type: fc.constantFrom(...types),
    code: fc.constantFrom('x', 'phase_a', 'colour_data', 'colour_data_v2', 'toString'),
    access: fc.constantFrom('ro' as const, 'rw' as const, 'wo' as const),
    min: fc.option(anyNumber),
    max: fc.option(anyNumber),
    step: fc.option(anyNumber),
    scale: fc.integer({ min: 0, max: 15 }),
    range: fc.option(anyTexts),
    labels: fc.option(anyTexts),
    maxlen: fc.option(fc.integer({ min: -1, max: 100 })),
    colour: fc.option(anyColour),
    momentary: fc.boolean(),
  })
  .map(({ type, ...description }) => point(type, description))
