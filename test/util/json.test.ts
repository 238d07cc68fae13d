import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  asNumber,
  checkJson,
  isRecord,
  JsonError,
  limits,
  mapMembers,
  nestsDeeper,
  own,
  parseJson,
  utf8,
} from '../../src/util/json.ts'
import { anyText } from '../support/any-text.ts'
import { cpuMs, leastCpuMs } from '../support/cpu.ts'

const wide = { bytes: 1_000_000, depth: 16, keys: 10_000 }

/** Why the text is refused, or what it holds. */
function parsed(input: string | Uint8Array, limit = wide): unknown {
  try {
    return { value: parseJson(input, limit) }
  } catch (thrown) {
    if (thrown instanceof JsonError) return thrown.fault
    throw thrown
  }
}

const nested = (depth: number, inside = '') => '['.repeat(depth) + inside + ']'.repeat(depth)

describe('limits', () => {
  it('are those of S-4', () => {
    expect(limits.command).toEqual({ bytes: 8_192, depth: 8, keys: 64 })
    expect(limits.operation).toEqual({ bytes: 65_536, depth: 16, keys: 1_024 })
    expect(limits.cloud).toEqual({ bytes: 4_194_304, depth: 16, keys: 100_000 })
    expect(limits.queueEnvelope).toEqual({ bytes: 1_048_576, depth: 16, keys: 4_096 })
    expect(limits.queueBody).toEqual({ bytes: 262_144, depth: 16, keys: 4_096 })
    expect(limits.config).toEqual({ bytes: 1_048_576, depth: 16, keys: 10_000 })
  })

  it('count bytes, not characters, and come before the parser', () => {
    const limit = { bytes: 6, depth: 1, keys: 1 }
    expect(parsed('"abcd"', limit)).toEqual({ value: 'abcd' })
    expect(parsed('"äöü"', limit)).toBe('too-large')
    expect(parsed(Buffer.from('"äöü"'), limit)).toBe('too-large')
    expect(parsed('no json at all', limit)).toBe('too-large')
  })

  it('stop at the depth they name', () => {
    expect(parsed(nested(8), { ...wide, depth: 8 })).toEqual({ value: JSON.parse(nested(8)) })
    expect(parsed(nested(9), { ...wide, depth: 8 })).toBe('too-deep')
    expect(parsed('{"a":{"a":{"a":1}}}', { ...wide, depth: 3 })).toMatchObject({ value: {} })
    expect(parsed('{"a":{"a":{"a":{}}}}', { ...wide, depth: 3 })).toBe('too-deep')
  })

  it('count the members of all objects and lists together', () => {
    const limit = { ...wide, keys: 5 }
    expect(parsed('{"a":[1,2],"b":[3]}', limit)).toMatchObject({ value: {} })
    expect(parsed('{"a":[1,2],"b":[3,4]}', limit)).toBe('too-deep')
  })

  it('K8: what is nested a hundred thousand times is refused quickly and without a crash', () => {
    const took = cpuMs(() => {
      for (const text of [nested(100_000), '{"a":'.repeat(100_000) + 1 + '}'.repeat(100_000)]) {
        expect(parsed(text)).toBe('too-deep')
      }
      const manyKeys = `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":0`).join()}}`
      expect(parsed(manyKeys, { ...wide, bytes: 4_000_000 })).toBe('too-deep')
    })
    expect(took).toBeLessThan(2_000)
  })
})

describe('a look ahead', () => {
  it('finds what nests deeper, wherever it stands, without a parser', () => {
    expect(nestsDeeper(nested(8), 8)).toBe(false)
    expect(nestsDeeper(nested(9), 8)).toBe(true)
    expect(nestsDeeper('{"a":[{"b":[]}]}', 4)).toBe(false)
    expect(nestsDeeper('{"a":[{"b":[]}]}', 3)).toBe(true)
    expect(nestsDeeper('[[],[],{},[]]', 2)).toBe(false)
  })

  it('does not count brackets in texts', () => {
    for (const inside of ['[[[[', '\\\\"[[[[', '{{{{\\\\\\"', '\\\\\\\\'])
      expect(nestsDeeper(JSON.stringify([inside, '[[[[']), 1)).toBe(false)
    expect(nestsDeeper('"never ends [[[[', 1)).toBe(false)
    expect(nestsDeeper(`["a\\\\",[]]`, 1)).toBe(true)
  })

  it('agrees with what a parser makes of the text', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? 1 + Math.max(0, ...Object.values(value).map((inside) => depthOf(inside)))
        : 0
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.integer({ min: 0, max: 5 }), (value, depth) => {
        expect(nestsDeeper(JSON.stringify(value), depth)).toBe(depthOf(value) > depth)
      }),
    )
  })

  it('makes short work of what is nested half a million times', () => {
    const limit = { bytes: 1_048_576, depth: 16, keys: 4_096 }
    const run = () => expect(parsed(nested(500_000), limit)).toBe('too-deep')
    expect(leastCpuMs(20, run)).toBeLessThan(20)
  })
})

describe('what is refused', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('S-4: the member name %s, however deep', (name) => {
    expect(parsed(`{"${name}":1}`)).toBe('bad-json')
    expect(parsed(`[{"a":{"${name}":{"admin":true}}}]`)).toBe('bad-json')
    expect(parsed(`["${name}"]`)).toEqual({ value: [name] })
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  it('S-4: numbers beyond a double', () => {
    expect(parsed('1e999')).toBe('bad-json')
    expect(parsed('{"a":[-1e999]}')).toBe('bad-json')
    expect(parsed('1e308')).toEqual({ value: 1e308 })
  })

  it.each([
    '',
    ' ',
    '{',
    '[1,]',
    "{'a':1}",
    'NaN',
    'Infinity',
    '0x10',
    '01',
    '{"a":1}x',
    '// no',
    'undefined',
  ])('what JSON does not know: %s', (text) => {
    expect(parsed(text)).toBe('bad-json')
  })

  it('bytes that are no UTF-8', () => {
    expect(parsed(Uint8Array.of(0x22, 0xff, 0xfe, 0x22))).toBe('bad-json')
    expect(parsed(Uint8Array.of(0x22, 0xc3, 0x22))).toBe('bad-json')
    expect(utf8(Uint8Array.of(0xc3))).toBeUndefined()
    expect(utf8(Buffer.from('Küche'))).toBe('Küche')
  })

  it('is told in one sentence, and what was sent is not repeated', () => {
    expect(() => parseJson('{"password":"hunter2"', wide)).toThrow(/^The message is not valid JSON\.$/)
    expect(() => checkJson({ constructor: 1 }, wide)).toThrow(/"constructor" is not accepted/)
  })
})

describe('what is accepted', () => {
  it('comes out as JSON.parse gives it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value)
        const limit = { bytes: 10_000_000, depth: 64, keys: 1_000_000 }
        const poisoned = /"(__proto__|constructor|prototype)":/.test(text)
        if (!poisoned) {
          expect(parseJson(text, limit)).toEqual(JSON.parse(text))
          expect(parseJson(Buffer.from(text), limit)).toEqual(JSON.parse(text))
        }
      }),
    )
  })

  it('I-11: nothing but a JsonError is ever thrown, whatever comes', () => {
    const input = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      anyText(),
      fc.json(),
      fc.stringMatching(/^[[\]{}",:0-9eE+. -]{0,60}$/),
    )
    fc.assert(
      fc.property(input, (given) => {
        expect(() => parsed(given, limits.command)).not.toThrow()
      }),
      { numRuns: 800 },
    )
  })
})

describe('reading members', () => {
  it('inherited names read as absent', () => {
    for (const name of ['toString', '__proto__', 'constructor', 'hasOwnProperty']) {
      expect(own({}, name), name).toBeUndefined()
    }
    expect(own({ toString: 1 }, 'toString')).toBe(1)
    expect(own([7], '0')).toBe(7)
  })

  it('a number may stand as text, and nothing else is one', () => {
    expect([5, '5', ' 2.5 ', '-1e3', '0x10'].map(asNumber)).toEqual([5, 5, 2.5, -1000, 16])
    const others: unknown[] = [
      '',
      ' ',
      'x',
      null,
      undefined,
      true,
      [],
      [7],
      {},
      { toString: 1 },
      { valueOf: () => 7 },
    ]
    expect(others.map(asNumber)).toEqual(others.map(() => Number.NaN))
  })

  it('lists and null are no records', () => {
    expect([{}, Object.create(null)].map(isRecord)).toEqual([true, true])
    expect([[], null, 'x', 1, undefined].map(isRecord)).toEqual([false, false, false, false, false])
  })
})

it('changes members and elements one level deep, and leaves what does not change as it is', () => {
  const upper = (value: unknown) => (typeof value === 'string' ? value.toUpperCase() : value)
  const same = { a: 1, b: ['X'], c: null }
  expect(mapMembers(same, upper)).toBe(same)
  const list = [1, 'X']
  expect(mapMembers(list, upper)).toBe(list)
  expect(mapMembers({ a: 'x', b: 2 }, upper)).toEqual({ a: 'X', b: 2 })
  expect(mapMembers(['x', 2], upper)).toEqual(['X', 2])
  expect(mapMembers({ a: 1, b: 2 }, (_, name) => name)).toEqual({ a: 'a', b: 'b' })
  for (const value of ['x', 1, null, true]) expect(mapMembers(value, upper)).toBe(value)
})
