import { describe, expect, it } from 'vitest'
import { decode } from '../../../src/codec/data-point/decode.ts'
import { encode, encodeRaw } from '../../../src/codec/data-point/encode.ts'
import type { DataPoint, EncodeContext, Encoded } from '../../../src/domain/data-point.ts'
import { cpuMs } from '../../support/cpu.ts'
import { point } from '../../support/point.ts'

const brightness = point('integer', { code: 'bright_value_v2', min: 10, max: 1000, step: 1 })
const target = point('integer', { code: 'temp_set', min: 50, max: 350, step: 5, scale: 1 })
const mode = point('enum', { code: 'mode', range: ['auto', 'eco'] })
const fault = point('bitmap', { code: 'fault', labels: ['e1', 'e2'] })
const v1 = point('json', { code: 'colour_data', colour: { h: 360, s: 255, v: 255 } })
const v2 = point('json', { code: 'colour_data_v2', colour: { h: 360, s: 1000, v: 1000 } })

/** What goes out, or why nothing does. */
function rawOf(what: DataPoint, shown: unknown, context: EncodeContext = {}): unknown {
  const encoded = encode(what, shown, context)
  return encoded.ok ? encoded.raw : encoded.fault
}

/** The refusal; fails when there is none. */
function refusal(encoded: Encoded): Extract<Encoded, { ok: false }> {
  if (encoded.ok) throw new Error(`it was accepted as ${JSON.stringify(encoded.raw)}`)
  return encoded
}

describe('booleans', () => {
  it.each<unknown>([true, 'true', 'TRUE', 'on', 'On', '1', 1])('%j means on', (shown) => {
    expect(encode(point('boolean'), shown, {})).toEqual({ ok: true, raw: true, shown: true, warnings: [] })
  })

  it.each<unknown>([false, 'false', 'False', 'off', 'OFF', '0', 0])('%j means off', (shown) => {
    expect(rawOf(point('boolean'), shown)).toBe(false)
  })

  it.each<unknown>([
    null,
    2,
    -1,
    'yes',
    'onn',
    '',
    [],
    [true],
    {},
    { toString: 1 },
    'toString',
    'constructor',
  ])('%j means nothing', (shown) => {
    expect(rawOf(point('boolean'), shown)).toBe('bad-value')
  })
})

describe('integers', () => {
  it('go out in raw units and say what they show', () => {
    expect(encode(target, 21.5, {})).toEqual({ ok: true, raw: 215, shown: 21.5, warnings: [] })
    expect(encode(target, '21.5', {})).toEqual({ ok: true, raw: 215, shown: 21.5, warnings: [] })
    expect(encode(target, '2.15e1', {})).toEqual({ ok: true, raw: 215, shown: 21.5, warnings: [] })
  })

  it('are brought to the nearest step, and that is told', () => {
    expect(encode(target, 21.3, {})).toEqual({ ok: true, raw: 215, shown: 21.5, warnings: ['adjusted'] })
    expect(encode(target, 21.2, {})).toEqual({ ok: true, raw: 210, shown: 21, warnings: ['adjusted'] })
    expect(encode(target, 0.1 + 0.2 + 20.7, {})).toEqual({ ok: true, raw: 210, shown: 21, warnings: [] })
    expect(encode(point('integer', { scale: 1 }), 0.1 + 0.2, {})).toEqual({
      ok: true,
      raw: 3,
      shown: 0.3,
      warnings: ['adjusted'],
    })
  })

  it('keep to steps that are counted from the minimum', () => {
    const odd = point('integer', { min: 1, max: 10, step: 2 })
    expect([1, 2, 4, 9, 10].map((shown) => rawOf(odd, shown))).toEqual([1, 3, 5, 9, 9])
  })

  it('keep to steps also where the specification names no limits', () => {
    expect(rawOf(point('integer', { step: 5 }), 8)).toBe(10)
    expect(rawOf(point('integer', { step: 5 }), -8)).toBe(-10)
    expect(rawOf(point('integer', { step: 5 }), -7)).toBe(-5)
    expect(rawOf(point('integer', { step: 5, min: -10 }), 8)).toBe(10)
    expect(rawOf(point('integer', { step: 5, max: 9 }), 8)).toBe(5)
    expect(rawOf(point('integer', { step: 5, max: 9 }), -8)).toBe(-10)
  })

  it('outside their range are refused, and limited when that is asked for', () => {
    expect(rawOf(target, 4.9)).toBe('out-of-range')
    expect(rawOf(target, 35.1)).toBe('out-of-range')
    expect(encode(target, 4.9, { clamp: true })).toEqual({
      ok: true,
      raw: 50,
      shown: 5,
      warnings: ['clamped'],
    })
    expect(encode(target, '1e300', { clamp: true })).toMatchObject({ raw: 350, warnings: ['clamped'] })
    expect(rawOf(target, -1e300, { clamp: true })).toBe(50)
  })

  it('that no number of the wire can hold are refused, with limits and without', () => {
    for (const huge of [1e300, '1e300', '9'.repeat(30), '-1e20']) {
      expect(rawOf(point('integer'), huge)).toBe('out-of-range')
      expect(rawOf(point('integer', { min: 0 }), huge, { clamp: false })).toBe('out-of-range')
    }
  })

  it.each<unknown>([
    null,
    true,
    'x',
    '',
    ' ',
    '1,5',
    '21.5 °C',
    'NaN',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    [1],
    {},
  ])('%j is no number', (shown) => {
    expect(rawOf(brightness, shown)).toBe('bad-value')
  })
})

describe('enums', () => {
  it('are spelled exactly', () => {
    expect(encode(mode, 'eco', {})).toEqual({ ok: true, raw: 'eco', shown: 'eco', warnings: [] })
    expect(rawOf(mode, 'ECO')).toBe('not-in-enum')
    expect(rawOf(mode, 'toString')).toBe('not-in-enum')
    expect(rawOf(mode, true)).toBe('bad-value')
    expect(rawOf(point('enum', { range: ['1', '2'] }), 1)).toBe('1')
  })

  it('of which nobody gave the words take any', () => {
    expect(rawOf(point('enum'), 'anything')).toBe('anything')
  })
})

describe('texts', () => {
  it('are measured in bytes', () => {
    const name = point('string', { maxlen: 4 })
    expect(rawOf(name, 'abcd')).toBe('abcd')
    expect(rawOf(name, 'üü')).toBe('üü')
    expect(rawOf(name, 'üüü')).toBe('too-long')
    expect(rawOf(name, '🏠')).toBe('🏠')
    expect(rawOf(name, '')).toBe('')
    expect(rawOf(name, 5)).toBe('bad-value')
  })

  it('of bytes are base64, measured by what they hold', () => {
    const raw = point('raw', { maxlen: 3 })
    for (const text of ['', 'AA==', 'AAA=', 'AAAA', '+/+/']) expect(rawOf(raw, text)).toBe(text)
    expect(rawOf(raw, 'AAAAAA==')).toBe('too-long')
    for (const text of ['A', 'AA', 'AA=', 'AAA-', 'AAA_', '====', 'AA==AA==', 'A A=', 'AAAA\n', 7, null]) {
      expect(rawOf(raw, text), String(text)).toBe('bad-value')
    }
  })

  it('S-4: of any length take no time', () => {
    const took = cpuMs(() => {
      for (const text of ['A'.repeat(1_000_001), `${'A'.repeat(1_000_000)}-`, '='.repeat(1_000_000)]) {
        expect(rawOf(point('raw'), text)).toBe('bad-value')
      }
    })
    expect(took).toBeLessThan(1_000)
  })
})

describe('JSON', () => {
  it('goes out as an object or list', () => {
    expect(rawOf(point('json'), { a: 1 })).toEqual({ a: 1 })
    expect(rawOf(point('json'), [1, 2])).toEqual([1, 2])
    for (const shown of ['text', 5, true, null]) expect(rawOf(point('json'), shown)).toBe('bad-value')
    expect(rawOf(point('json', { maxlen: 7 }), { a: 1 })).toEqual({ a: 1 })
    expect(rawOf(point('json', { maxlen: 6 }), { a: 1 })).toBe('too-long')
  })
})

describe('bitmaps', () => {
  it('are written as labels or as a number', () => {
    expect(encode(fault, ['e2', 'e1'], {})).toEqual({ ok: true, raw: 3, shown: ['e1', 'e2'], warnings: [] })
    expect(rawOf(fault, [])).toBe(0)
    expect(rawOf(fault, 2)).toBe(2)
    expect(rawOf(fault, '2')).toBe(2)
    expect(rawOf(fault, ['bit2'])).toBe(4)
    expect(rawOf(fault, ['e3'])).toBe('not-in-enum')
    for (const shown of [-1, 1.5, 'e1', null, {}, [1], 2 ** 32]) expect(rawOf(fault, shown)).toBe('bad-value')
  })
})

describe('colours', () => {
  it('have whole members within the ranges of the point', () => {
    expect(rawOf(v2, { h: 201, s: 511, v: 899 })).toEqual({ h: 201, s: 511, v: 899 })
    expect(rawOf(v1, { h: 360, s: 255, v: 255 })).toEqual({ h: 360, s: 255, v: 255 })
    expect(rawOf(v1, { h: 201, s: 511, v: 200 })).toBe('out-of-range')
    expect(rawOf(v2, { h: 361, s: 0, v: 0 })).toBe('out-of-range')
    expect(rawOf(v2, { h: 0, s: -1, v: 0 })).toBe('out-of-range')
    expect(encode(v2, { h: 37.4, s: 1, v: 1 }, {})).toMatchObject({
      raw: { h: 37, s: 1, v: 1 },
      warnings: ['adjusted'],
    })
  })

  it('take missing members from the last value', () => {
    const last = { h: 201, s: 511, v: 899 }
    expect(rawOf(v2, { v: 100 }, { last })).toEqual({ h: 201, s: 511, v: 100 })
    expect(rawOf(v2, {}, { last })).toEqual(last)
    expect(refusal(encode(v2, { h: 1, s: 2 }, {}))).toMatchObject({
      fault: 'no-state',
      message: 'colour_data_v2 needs h, s and v: v is missing and no earlier value is known.',
    })
    for (const useless of [null, 'x', { h: 1 }, { h: '1', s: 2, v: 3 }] as const) {
      expect(rawOf(v2, { h: 1 }, { last: useless })).toBe('no-state')
    }
  })

  it('are limited when that is asked for', () => {
    expect(encode(v1, { h: 400, s: 511, v: 200 }, { clamp: true })).toEqual({
      ok: true,
      raw: { h: 360, s: 255, v: 200 },
      shown: { h: 360, s: 255, v: 200 },
      warnings: ['clamped'],
    })
  })

  it('are objects of numbers', () => {
    for (const shown of ['00c901ff0383', 7, null, [1, 2, 3], { h: '1', s: 2, v: 3 }]) {
      expect(rawOf(v2, shown)).toBe('bad-value')
    }
  })
})

describe('raw values', () => {
  it('are in the units of the device', () => {
    expect(encodeRaw(target, 215, {})).toEqual({ ok: true, raw: 215, shown: 21.5, warnings: [] })
    expect(encodeRaw(target, 213, {})).toMatchObject({ raw: 215, shown: 21.5, warnings: ['adjusted'] })
    expect(encodeRaw(target, 21.5, {})).toMatchObject({ ok: false, fault: 'out-of-range' })
  })

  it('of JSON may stand as text, as the platform itself writes them', () => {
    expect(encodeRaw(v2, '{"h":1,"s":2,"v":3}', {})).toMatchObject({ raw: { h: 1, s: 2, v: 3 } })
    expect(encodeRaw(v2, '00c901ff0383', {})).toMatchObject({ raw: { h: 201, s: 511, v: 899 } })
    expect(encodeRaw(point('json'), '{"a":1}', {})).toMatchObject({ raw: { a: 1 } })
    expect(encodeRaw(point('json'), 'no json', {})).toMatchObject({ ok: false, fault: 'bad-value' })
    expect(encodeRaw(point('json'), '', {})).toMatchObject({ ok: false, fault: 'bad-value' })
  })

  it('of the other types are what is shown', () => {
    expect(encodeRaw(mode, 'eco', {})).toMatchObject({ raw: 'eco' })
    expect(encodeRaw(fault, 3, {})).toMatchObject({ raw: 3, shown: ['e1', 'e2'] })
    expect(encodeRaw(point('unknown'), { a: 1 }, {})).toMatchObject({ raw: { a: 1 } })
  })
})

describe('a refusal names the field, the rule and the value', () => {
  const tell = (encoded: Encoded) => {
    const { message, details } = refusal(encoded)
    return [message, details]
  }

  it.each<[message: string, encoded: Encoded, details: object]>([
    [
      'bright_value_v2 must be between 10 and 1000, got 5.',
      encode(brightness, 5, {}),
      { dp: 'bright_value_v2', value: 5, min: 10, max: 1000 },
    ],
    [
      'temp_set must be between 5 and 35, got 40.',
      encode(target, '40', {}),
      { dp: 'temp_set', value: 40, min: 5, max: 35 },
    ],
    [
      'temp_set must be between 50 and 350, got 999.',
      encodeRaw(target, 999, {}),
      { dp: 'temp_set', value: 999, min: 50, max: 350 },
    ],
    [
      'a must be at least 1, got 0.',
      encode(point('integer', { code: 'a', min: 1 }), 0, {}),
      { dp: 'a', value: 0, min: 1, max: null },
    ],
    [
      'a must be at most 9, got 10.',
      encode(point('integer', { code: 'a', max: 9 }), 10, {}),
      { dp: 'a', value: 10, min: null, max: 9 },
    ],
    [
      'mode must be one of auto, eco, got "party".',
      encode(mode, 'party', {}),
      { dp: 'mode', value: 'party', range: ['auto', 'eco'] },
    ],
    [
      'switch takes true, false, on, off, 1, 0 or toggle, got "maybe".',
      encode(point('boolean', { code: 'switch' }), 'maybe', {}),
      { dp: 'switch', value: '"maybe"' },
    ],
    [
      'name takes at most 3 bytes, got 4.',
      encode(point('string', { code: 'name', maxlen: 3 }), 'abcd', {}),
      { dp: 'name', value: 'abcd', bytes: 4, maxlen: 3 },
    ],
    [
      'fault has no label "e9".',
      encode(fault, ['e9'], {}),
      { dp: 'fault', value: 'e9', labels: ['e1', 'e2'] },
    ],
    [
      'colour_data_v2.s must be between 0 and 1000, got 2000.',
      encode(v2, { h: 1, s: 2000, v: 3 }, {}),
      { dp: 'colour_data_v2.s', value: 2000, min: 0, max: 1000 },
    ],
  ])('%s', (message, encoded, details) => {
    expect(tell(encoded)).toEqual([message, details])
  })

  it('cuts what was sent to 64 characters, and its details are JSON', () => {
    const endless = 'x'.repeat(10_000)
    const numbers = ['1e400', `1${'0'.repeat(39)}`]
    const encodings = [
      encode(mode, endless, {}),
      encode(brightness, endless, {}),
      encode(point('boolean'), endless, {}),
      encode(fault, [endless], {}),
      encode(v2, { h: endless }, {}),
      encode(point('string', { maxlen: 1 }), endless, {}),
      ...numbers.map((number) => encode(brightness, number, {})),
    ]
    for (const encoded of encodings) {
      const { message, details } = refusal(encoded)
      expect(message.length).toBeLessThan(250)
      expect(JSON.stringify(details).length).toBeLessThan(400)
      expect(JSON.parse(JSON.stringify(details))).toEqual(details)
    }
  })
})

describe('points that a correction turns round', () => {
  const door = point('boolean', { code: 'door', inverted: true })
  const blind = point('integer', { code: 'percent', min: 0, max: 100, step: 1, inverted: true })

  it('true is false, and the smallest number is the largest', () => {
    expect(encode(door, true, {})).toEqual({ ok: true, raw: false, shown: true, warnings: [] })
    expect(encode(blind, 30, {})).toEqual({ ok: true, raw: 70, shown: 30, warnings: [] })
    expect(decode(blind, 70).value).toBe(30)
    expect(decode(door, false).value).toBe(true)
  })

  it('what is raw already goes out as it is', () => {
    expect(encodeRaw(blind, 70, {})).toEqual({ ok: true, raw: 70, shown: 30, warnings: [] })
    expect(encodeRaw(door, false, {})).toEqual({ ok: true, raw: false, shown: true, warnings: [] })
  })
})
