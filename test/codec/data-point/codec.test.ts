import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { valueCodec } from '../../../src/codec/data-point/codec.ts'
import type { DataPoint, Json } from '../../../src/domain/data-point.ts'
import { cpuMs } from '../../support/cpu.ts'
import { anyPoint, hostileJson, hostileText } from '../../support/hostile.ts'
import { point } from '../../support/point.ts'

const { decode, encode, encodeRaw, readText, views, viewNames, writeView } = valueCodec

/** Integer points as products describe them, with every scale and any range. */
const integerPoint: fc.Arbitrary<DataPoint> = fc
  .record({
    scale: fc.integer({ min: 0, max: 6 }),
    limits: fc.tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.nat(2_000_000)),
    step: fc.oneof(fc.constant(null), fc.constant(1), fc.integer({ min: 1, max: 5_000 })),
    hasMin: fc.boolean(),
    hasMax: fc.boolean(),
  })
  .map(({ scale, limits: [min, width], step, hasMin, hasMax }) =>
    point('integer', { scale, step, min: hasMin ? min : null, max: hasMax ? min + width : null }),
  )

/** Numbers as texts and as doubles, sums that binary fractions spoil among them. */
const shownNumber: fc.Arbitrary<number | string> = fc.oneof(
  fc.integer({ min: -2_000_000, max: 2_000_000 }),
  fc
    .tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: 1, max: 999 }))
    .map(([a, b]) => a / 10 + b / 1000),
  fc.double({ min: -2e6, max: 2e6, noNaN: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc
    .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.nat(999_999), fc.integer({ min: -8, max: 8 }))
    .map(([whole, fraction, exponent]) => `${whole}.${fraction}e${exponent}`),
  fc.constantFrom('1e400', '-1e400', '1e-400', '1e999', '9'.repeat(40), `0.${'9'.repeat(40)}`),
)

/** An exact decimal as numerator and power of ten, read without the codec. */
function exact(shown: number | string): { digits: bigint; places: bigint } {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d*))?(?:e([+-]?\d+))?$/.exec(String(shown)) ?? []
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n)
  const places = BigInt(fraction.length) - BigInt(exponent)
  return places >= 0n ? { digits, places } : { digits: digits * 10n ** -places, places: 0n }
}

/** Twice the distance between a raw value and what was asked for, times 10^places. */
function distance(raw: bigint, shown: number | string, scale: number): bigint {
  const { digits, places } = exact(shown)
  const difference = raw * 10n ** places - digits * 10n ** BigInt(scale)
  return difference < 0n ? -difference : difference
}

describe('integers both ways', () => {
  it('what goes out stands on the grid inside the range, is the nearest there, and shows no binary fraction', () => {
    fc.assert(
      fc.property(integerPoint, shownNumber, fc.boolean(), (what, shown, clamp) => {
        const encoded = encode(what, shown, { clamp })
        if (!encoded.ok) {
          expect(['out-of-range', 'bad-value']).toContain(encoded.fault)
          return
        }
        const raw = BigInt(encoded.raw as number)
        const [min, max] = [what.min, what.max].map((limit) => (limit === null ? undefined : BigInt(limit)))
        const step = BigInt(what.step ?? 1)
        expect((raw - (min ?? 0n)) % step === 0n).toBe(true)
        expect((min === undefined || raw >= min) && (max === undefined || raw <= max)).toBe(true)

        // No grid point inside the range is nearer, but for the rounding to whole raw units before.
        const here = distance(raw, shown, what.scale)
        const { places } = exact(shown)
        for (const neighbour of [raw - step, raw + step]) {
          const inside = (min === undefined || neighbour >= min) && (max === undefined || neighbour <= max)
          const there = distance(neighbour, shown, what.scale)
          if (inside) expect(here <= there + 10n ** places).toBe(true)
        }

        const unaltered = here === 0n
        expect(encoded.warnings.length === 0).toBe(unaltered)
        expect(encoded.shown).toBe(decode(what, encoded.raw).value)
        // A double holds fifteen decimal digits for sure.
        if (Math.abs(Number(raw)) < 1e15)
          expect(encode(what, encoded.shown, {})).toEqual({ ...encoded, warnings: [] })
        const [, decimals = ''] = String(encoded.shown).split('.')
        if (!String(encoded.shown).includes('e')) expect(decimals.length).toBeLessThanOrEqual(what.scale)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is refused exactly when the nearest raw value is outside the range', () => {
    fc.assert(
      fc.property(integerPoint, fc.integer({ min: -4_000_000, max: 4_000_000 }), (what, raw) => {
        const [min, max] = [what.min ?? Number.NEGATIVE_INFINITY, what.max ?? Number.POSITIVE_INFINITY]
        const shown = `${raw}e-${what.scale}`
        const encoded = encode(what, shown, {})
        expect(encoded.ok).toBe(raw >= min && raw <= max)
        expect(encode(what, shown, { clamp: true }).ok).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('every raw value that a device may report on its grid can be written back as it is shown', () => {
    fc.assert(
      fc.property(integerPoint, fc.nat(1_000), (what, n) => {
        const raw = (what.min ?? 0) + n * (what.step ?? 1)
        if (what.max !== null && raw > what.max) return
        const { value, odd } = decode(what, raw)
        expect(odd).toBe(false)
        for (const shown of [value, String(value)]) {
          expect(encode(what, shown, {})).toEqual({ ok: true, raw, shown: value, warnings: [] })
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('I-11: the codec is total', () => {
  /** What JSON can carry: no NaN, no infinity, no undefined. */
  const isJson = (value: unknown): boolean => {
    if (typeof value === 'number') return Number.isFinite(value)
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
    return typeof value === 'object' && Object.values(value).every(isJson)
  }

  const contexts = fc.record({ last: hostileJson as fc.Arbitrary<Json>, clamp: fc.boolean() })

  it('any value of the wire is shown somehow, for any point', () => {
    fc.assert(
      fc.property(anyPoint, fc.oneof(hostileJson, hostileText), (what, raw) => {
        const { value } = decode(what, raw)
        expect(isJson(value)).toBe(true)
        for (const view of views(what, value)) expect(isJson(view.value)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('any value that is written is encoded or refused with a sentence, for any point', () => {
    fc.assert(
      fc.property(anyPoint, fc.oneof(hostileJson, hostileText), contexts, (what, shown, context) => {
        for (const encoded of [encode(what, shown, context), encodeRaw(what, shown, context)]) {
          if (encoded.ok) expect(isJson(encoded.raw) && isJson(encoded.shown)).toBe(true)
          else {
            expect(encoded.message).toMatch(/\.$/)
            expect(encoded.message.startsWith(what.code)).toBe(true)
            expect(isJson(encoded.details)).toBe(true)
          }
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('any payload is read, for any point and whatever it reported last', () => {
    fc.assert(
      fc.property(anyPoint, hostileText, fc.boolean(), contexts, (what, text, json, context) => {
        const value = readText(what, text, json, context.last)
        expect(isJson(value)).toBe(true)
        encode(what, value, context)
      }),
      { numRuns: 2_000 },
    )
  })

  it('any text is written to any view or refused with a sentence', () => {
    fc.assert(
      fc.property(
        anyPoint,
        fc.constantFrom('hsv', 'rgb', 'mask', 'toString'),
        hostileText,
        (what, view, text) => {
          const written = writeView(what, view, text)
          if ('fault' in written) expect(written.fault).toMatch(/\.$/)
          else expect(viewNames(what)).toContainEqual({ name: view, writable: true })
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('the longest payloads take no time', () => {
    const texts = [
      '9'.repeat(65_536),
      `"${'x'.repeat(65_534)}"`,
      '['.repeat(65_536),
      ' '.repeat(65_536),
      'A'.repeat(65_536),
    ]
    const took = cpuMs(() => {
      for (const type of [
        'boolean',
        'integer',
        'enum',
        'string',
        'json',
        'raw',
        'bitmap',
        'unknown',
      ] as const) {
        for (const text of texts) {
          const what = point(type, { colour: { h: 360, s: 255, v: 255 }, range: ['a'], labels: ['b'] })
          decode(what, text)
          encode(what, readText(what, text, true, 5), {})
        }
      }
    })
    expect(took).toBeLessThan(2_000)
  })
})

describe('a bare payload', () => {
  it.each<[what: DataPoint, text: string, json: boolean, expected: unknown]>([
    [point('boolean'), ' ON ', false, 'ON'],
    [point('boolean'), 'true', true, 'true'],
    [point('integer'), ' 21.5\n', false, '21.5'],
    [point('enum'), 'white', false, 'white'],
    [point('enum'), '"white"', false, 'white'],
    [point('enum'), '"', false, '"'],
    [point('string'), '"quoted"', false, '"quoted"'],
    [point('string'), '"quoted"', true, 'quoted'],
    [point('string'), ' spaces ', false, ' spaces '],
    [point('string'), 'no json', true, 'no json'],
    [point('raw'), 'AAAA', false, 'AAAA'],
    [point('raw'), '"AAAA"', true, 'AAAA'],
    [point('json'), '{"a":1}', false, { a: 1 }],
    [point('json'), 'junk', false, 'junk'],
    [point('bitmap'), '["e1"]', false, ['e1']],
    [point('bitmap'), '5', false, 5],
  ])('is read by the type of the point: %#', (what, text, json, expected) => {
    expect(readText(what, text, json, undefined)).toEqual(expected)
  })

  it.each<[text: string, last: Json | undefined, expected: unknown]>([
    ['true', undefined, true],
    ['21.5', undefined, 21.5],
    ['null', undefined, null],
    ['{"a":1}', undefined, { a: 1 }],
    ['white', undefined, 'white'],
    ['"white"', undefined, 'white'],
    ['21.5', 'text', '21.5'],
    ['true', 'text', 'true'],
    ['"21.5"', 7, 21.5],
    ['"no number"', 7, 'no number'],
    ['21.5', 7, 21.5],
    ['false', true, false],
  ])('%s for a point that nobody described, which was %j, is %j', (text, last, expected) => {
    expect(readText(point('unknown'), text, false, last)).toEqual(expected)
  })
})
