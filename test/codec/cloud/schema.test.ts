import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { operations } from '../../../src/codec/cloud/operation/index.ts'
import { conform, type Schema, validator, violations } from '../../../src/codec/cloud/schema.ts'
import { deviceSchema, listOf, listOrNull, statusSchema } from '../../../src/codec/cloud/shape.ts'
import { hostileJson } from '../../support/hostile.ts'

const entry: Schema = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }
const list = listOf(entry)
const page: Schema = {
  type: 'object',
  properties: { rows: listOrNull(entry), more: { type: 'boolean' } },
}

describe('what fits its schema', () => {
  it('passes unchanged', () => {
    const value = [{ id: 'a', unknown: { deep: [1] } }, { id: 'b' }]
    expect(conform(list, value)).toEqual({ ok: true, value, dropped: 0 })
    expect(conform(page, { rows: null, more: false })).toEqual({
      ok: true,
      value: { rows: null, more: false },
      dropped: 0,
    })
  })
})

describe('I-9: one broken entry does not hide the others', () => {
  const broken = [{ id: 'a' }, { id: 5 }, null, 'x', { name: 'no id' }, { id: 'b', extra: 1 }]
  const kept = [{ id: 'a' }, { id: 'b', extra: 1 }]

  it('in a list', () => {
    expect(conform(list, broken)).toEqual({ ok: true, value: kept, dropped: 4 })
    expect(conform(list, [null])).toEqual({ ok: true, value: [], dropped: 1 })
  })

  it('in a list that is a member', () => {
    expect(conform(page, { rows: broken, more: true })).toEqual({
      ok: true,
      value: { rows: kept, more: true },
      dropped: 4,
    })
  })

  it('in a list inside the entries of a list', () => {
    const devices = [
      { id: 'bf1', status: [{ code: 'switch', value: true }, { value: 7 }, { code: '' }] },
      { id: 'bf2', status: [{ code: 'fault', value: 0 }] },
      { id: 'no id/at all', status: [] },
    ]
    expect(conform(listOf(deviceSchema), devices)).toEqual({
      ok: true,
      value: [
        { id: 'bf1', status: [{ code: 'switch', value: true }] },
        { id: 'bf2', status: [{ code: 'fault', value: 0 }] },
      ],
      dropped: 3,
    })
  })

  it.each([
    ['home-devices', [{ id: 'bf1' }, { id: '../x' }], [{ id: 'bf1' }]],
    [
      'room-list',
      { home_id: 1, rooms: [{ room_id: 7 }, { name: 'none' }] },
      { home_id: 1, rooms: [{ room_id: 7 }] },
    ],
    [
      'associated-devices',
      { devices: [{ id: 'bf1' }, null], has_more: false },
      { devices: [{ id: 'bf1' }], has_more: false },
    ],
    ['user-homes', [{ home_id: 1 }, { name: 'none' }], [{ home_id: 1 }]],
    ['device-get', { id: 'bf1', status: [{ code: 'a' }, {}] }, { id: 'bf1', status: [{ code: 'a' }] }],
    [
      'device-specifications',
      { functions: [{ code: 'a' }, {}], status: null },
      { functions: [{ code: 'a' }], status: null },
    ],
    ['thing-properties', { properties: [{ code: 'a' }, { code: 5 }] }, { properties: [{ code: 'a' }] }],
    ['device-status', [{ code: 'a', value: 1 }, []], [{ code: 'a', value: 1 }]],
    [
      'devices-status-batch',
      [{ id: 'a', status: [{ code: 'x' }, 7] }, {}],
      [{ id: 'a', status: [{ code: 'x' }] }],
    ],
  ])('in an answer of %s', (id, given, expected) => {
    const operation = operations.find((candidate) => candidate.id === id)
    expect(conform(operation?.reply ?? {}, given)).toMatchObject({ ok: true, value: expected })
  })
})

describe('what does not fit as a whole', () => {
  it('is refused', () => {
    expect(conform(list, { id: 'a' })).toEqual({ ok: false })
    expect(conform(list, null)).toEqual({ ok: false })
    expect(conform(page, { rows: {}, more: true })).toEqual({ ok: false })
    expect(conform(page, { rows: [], more: 'yes' })).toEqual({ ok: false })
    expect(conform(entry, { name: 'x' })).toEqual({ ok: false })
  })

  it('I-11: is refused or pruned to what fits, whatever it is', () => {
    const schemas = [
      list,
      page,
      listOf(deviceSchema),
      listOf(statusSchema),
      ...operations.map(({ reply }) => reply),
    ]
    fc.assert(
      fc.property(fc.constantFrom(...schemas), hostileJson, (schema, value) => {
        const conformed = conform(schema, value)
        if (conformed.ok) expect(validator(schema)(conformed.value)).toBe(true)
      }),
      { numRuns: 800 },
    )
  })
})

describe('violations', () => {
  it('say where and what', () => {
    const schema: Schema = {
      type: 'object',
      required: ['a'],
      additionalProperties: false,
      properties: { a: { enum: ['x', 'y'] }, b: { type: 'array', items: { type: 'number' } } },
    }
    expect(violations(schema, { a: 'x', b: [1] })).toEqual([])
    expect(violations(schema, { a: 'z', b: [1, 'two'], c: 0 })).toEqual(
      expect.arrayContaining([
        { path: '/a', message: 'must be one of x, y' },
        { path: '/b/1', message: 'must be number' },
        { path: '', message: 'does not know "c"' },
      ]),
    )
  })

  it('I-7: are twenty at most', () => {
    const many = Array.from({ length: 1_000 }, () => 'x')
    expect(violations({ type: 'array', items: { type: 'number' } }, many)).toHaveLength(20)
  })
})
