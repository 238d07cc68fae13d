import { describe, expect, it } from 'vitest'
import { decode } from '../../../src/codec/data-point/decode.ts'
import type { DataPoint, Json } from '../../../src/domain/data-point.ts'
import { point } from '../../support/point.ts'

const colour = { h: 360, s: 1000, v: 1000 }
const temperature = point('integer', { code: 'temp_current', scale: 1 })
const mode = point('enum', { code: 'mode', range: ['auto', 'eco', '1', 'true'] })
const fault = point('bitmap', { code: 'fault', labels: ['e1', 'e2'] })
const colourPoint = point('json', { code: 'colour_data_v2', colour })

describe('values that fit their type', () => {
  const cases: [what: DataPoint, raw: unknown, value: Json][] = [
    [point('boolean'), true, true],
    [point('boolean'), false, false],
    // lists of rooms print every value as text
    [point('boolean'), 'true', true],
    [point('boolean'), 'false', false],
    [point('boolean'), 1, true],
    [point('boolean'), '0', false],
    [temperature, 215, 21.5],
    [temperature, '215', 21.5],
    [temperature, -5, -0.5],
    [temperature, 0, 0],
    [point('integer', { scale: 2 }), 2230, 22.3],
    [point('integer', { scale: 1 }), 2230, 223],
    [point('integer'), '10', 10],
    [mode, 'eco', 'eco'],
    [mode, 1, '1'],
    [mode, true, 'true'],
    [point('enum'), 'anything', 'anything'],
    [point('string'), 'Küche', 'Küche'],
    [point('string'), '', ''],
    [point('string'), '215', '215'],
    [point('raw'), 'CQAACQYAAf4=', 'CQAACQYAAf4='],
    [point('raw'), '', ''],
    [point('json'), '{"a":[1,2]}', { a: [1, 2] }],
    [point('json'), '[{"n":1}]', [{ n: 1 }]],
    [point('json'), { a: 1 }, { a: 1 }],
    [point('json'), '{"h":37.0,"s":255.0}', { h: 37, s: 255 }],
    [colourPoint, '{"h":201,"s":511,"v":899}', { h: 201, s: 511, v: 899 }],
    [colourPoint, '00c901ff0383', { h: 201, s: 511, v: 899 }],
    [colourPoint, 'c87b000025ffc8', { h: 37, s: 255, v: 200 }],
    [fault, 0, []],
    [fault, 3, ['e1', 'e2']],
    [fault, '2', ['e2']],
    [fault, 4, ['bit2']],
    [point('unknown'), 'x', 'x'],
    [point('unknown'), { a: [null] }, { a: [null] }],
  ]

  it.each(
    cases.map(([what, raw, value]) => ({ type: what.type, text: JSON.stringify(raw), what, raw, value })),
  )('$type $text is shown', ({ what, raw, value }) => {
    expect(decode(what, raw)).toEqual({ value, odd: false })
  })

  it.each(['boolean', 'integer', 'enum', 'json', 'bitmap', 'unknown'] as const)(
    'an empty text is an unset %s',
    (type) => {
      expect(decode(point(type), '')).toEqual({ value: null, odd: false })
    },
  )

  it.each([null, undefined])('%s is unset for every type', (raw) => {
    for (const type of [
      'boolean',
      'integer',
      'enum',
      'string',
      'raw',
      'json',
      'bitmap',
      'unknown',
    ] as const) {
      expect(decode(point(type), raw)).toEqual({ value: null, odd: false })
    }
  })
})

describe('values that do not fit come as they are, marked', () => {
  const cases: [what: DataPoint, raw: unknown][] = [
    [point('boolean'), 'on'],
    [point('boolean'), 2],
    [point('boolean'), [true]],
    [temperature, 'true'],
    [temperature, true],
    [temperature, '21,5'],
    [temperature, 21.5],
    [temperature, '21.5'],
    [temperature, [215]],
    [temperature, { toString: 1 }],
    [mode, 'ECO'],
    [mode, 7],
    [mode, ['eco']],
    [point('string'), 5],
    [point('raw'), { a: 1 }],
    [point('json'), 'no json'],
    [point('json'), 5],
    [point('json'), '{"a":1e999}'],
    [point('json'), '{"__proto__":{"admin":true}}'],
    [point('json'), '{"a":{"constructor":1}}'],
    [point('json'), '['.repeat(50) + ']'.repeat(50)],
    [colourPoint, '00c9'],
    [fault, -1],
    [fault, 1.5],
    [fault, 'e1'],
    [fault, 2 ** 40],
    [fault, { toString: 1 }],
  ]

  it.each(cases.map(([what, raw]) => ({ type: what.type, text: JSON.stringify(raw), what, raw })))(
    '$type $text',
    ({ what, raw }) => {
      expect(decode(what, raw)).toEqual({ value: raw, odd: true })
    },
  )
})

it('what JSON cannot say becomes a text', () => {
  expect(decode(point('unknown'), Number.NaN).value).toBe('NaN')
  expect(decode(point('unknown'), 10n).value).toBe('10')
  expect(decode(temperature, Number.POSITIVE_INFINITY)).toEqual({ value: 'Infinity', odd: true })
})

it('numbers beyond all measure stay numbers', () => {
  expect(decode(temperature, 1e21).value).toBe(1e20)
  expect(decode(temperature, '1e30').value).toBe(1e29)
  expect(decode(temperature, `1${'0'.repeat(30)}`).value).toBe(1e29)
})
