import { describe, expect, it } from 'vitest'
import {
  body,
  buildCall,
  type Operation,
  operation,
  paramsSchema,
  path,
  query,
  required,
  rootBody,
} from '../../../src/codec/cloud/operation.ts'
import { violations } from '../../../src/codec/cloud/schema.ts'

const everything = operation({
  id: 'everything',
  group: 'extra',
  class: 'read',
  summary: 'Takes parameters of every kind',
  method: 'POST',
  path: '/v1.0/homes/{home_id}/devices/{device_id}',
  params: {
    home_id: path('long'),
    device_id: path('string'),
    size: query('integer', 'how many'),
    codes: required(query('string')),
    lat: body('double'),
    since: body('long'),
    admin: body('boolean'),
    member: body('object'),
    device_ids: body('array<string>'),
    commands: body('array<object>'),
    name: body('string'),
  },
  reply: {},
  read: () => true,
  repeatable: false,
  source: 'public',
  confidence: 'inferred',
})

const bare: Operation = {
  ...everything,
  params: { [rootBody]: required(body('array<object>')) },
  path: '/v1.0/x',
}

const needed = { home_id: 3182004, device_id: 'bf3c9a7d41e0b2f6aaw1vn', codes: 'switch_1' }

describe('the parameters', () => {
  const faults = (given: object) =>
    violations(paramsSchema(everything), { ...needed, ...given }).map((violation) => violation.path)

  it('stand flat beside each other, and their schema says what each is', () => {
    expect(paramsSchema(everything)).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['home_id', 'device_id', 'codes'],
      properties: { size: { description: 'how many' } },
    })
    expect(violations(paramsSchema(everything), needed)).toEqual([])
    expect(violations(paramsSchema(everything), {}).map(({ message }) => message)).toEqual([
      "must have required property 'home_id'",
      "must have required property 'device_id'",
      "must have required property 'codes'",
    ])
  })

  it('may give their whole numbers as text', () => {
    for (const home_id of [3182004, '3182004']) expect(faults({ home_id })).toEqual([])
    for (const size of [5, '5', '-5', 0]) expect(faults({ size })).toEqual([])
    for (const lat of [52.5, '52.5', -1, '7']) expect(faults({ lat })).toEqual([])
    for (const size of ['', '5.5', 'five', ' 5', '1e3', 5.5, null, true, '9'.repeat(16)]) {
      expect(faults({ size })).toContain('/size')
    }
    for (const lat of ['', '52,5', 'north', null, '1.2.3']) expect(faults({ lat })).toContain('/lat')
  })

  it('S-5: of the path keep to the pattern of ids', () => {
    for (const device_id of [
      '',
      '..',
      'a/b',
      'a?b',
      'a#b',
      'a b',
      'a%2Fb',
      'x'.repeat(65),
      'ä',
      'a\n',
      7,
      null,
    ]) {
      expect(faults({ device_id })).toContain('/device_id')
    }
    for (const home_id of ['../1', '1/2', 'x', '1 ', true]) expect(faults({ home_id })).toContain('/home_id')
  })

  it('are of their own type and no other', () => {
    expect(faults({ admin: 'true' })).toEqual(['/admin'])
    expect(faults({ member: [] })).toEqual(['/member'])
    expect(faults({ device_ids: ['a', 5] })).toEqual(['/device_ids/1'])
    expect(faults({ commands: [{}, 'x'] })).toEqual(['/commands/1'])
    expect(faults({ name: 'x'.repeat(4_097) })).toEqual(['/name'])
    expect(faults({ another: 1 })).toEqual([''])
    expect(faults({ admin: true, member: {}, device_ids: ['a'], commands: [{}], name: 'x' })).toEqual([])
  })
})

describe('a call', () => {
  it('has every parameter where it belongs', () => {
    const call = buildCall(everything, {
      ...needed,
      size: '20',
      lat: '52.5',
      since: '1700000000000',
      admin: false,
      member: { name: 'Kim' },
      device_ids: ['bf1'],
      name: 'Küche',
    })
    expect(call).toEqual({
      method: 'POST',
      path: '/v1.0/homes/3182004/devices/bf3c9a7d41e0b2f6aaw1vn',
      query: { size: '20', codes: 'switch_1' },
      body: '{"lat":52.5,"since":1700000000000,"admin":false,"member":{"name":"Kim"},"device_ids":["bf1"],"name":"Küche"}',
    })
  })

  it('has no body when nothing of it was given', () => {
    expect(buildCall(everything, needed).body).toBeUndefined()
    expect(buildCall(everything, { ...needed, name: undefined }).body).toBeUndefined()
    expect(buildCall(everything, { ...needed, name: '' }).body).toBe('{"name":""}')
  })

  it('may be a bare list', () => {
    expect(buildCall(bare, { [rootBody]: [{ entity_id: 'a' }] }).body).toBe('[{"entity_id":"a"}]')
  })

  it('keeps a whole number that no double holds as the text it was', () => {
    expect(buildCall(everything, { ...needed, since: '9007199254740993' }).body).toBe(
      '{"since":"9007199254740993"}',
    )
  })

  it('takes nothing that objects inherit', () => {
    const inherited: Operation = { ...everything, params: { toString: body('string') } }
    expect(buildCall(inherited, {}).body).toBeUndefined()
  })

  it('lets no value leave its level of the path', () => {
    const call = buildCall(everything, { ...needed, device_id: '../$&{home_id}/?#' })
    expect(call.path).toBe('/v1.0/homes/3182004/devices/..%2F%24%26%7Bhome_id%7D%2F%3F%23')
  })
})
