import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { operationById, operations } from '../../../src/codec/cloud/operation/index.ts'
import {
  type AnyOperation,
  body,
  buildCall,
  type Operation,
  type OperationClass,
  operation,
  paramsSchema,
  path,
  query,
  required,
  rootBody,
} from '../../../src/codec/cloud/operation.ts'
import { validator, violations } from '../../../src/codec/cloud/schema.ts'
import { vector } from '../../support/vector.ts'

interface Row {
  readonly id: string
  readonly group: string
  readonly method: string
  readonly path: string
  readonly params: readonly {
    readonly name: string
    readonly in: string
    readonly type: string
    readonly required: boolean
  }[]
  readonly result: string
  readonly source: string
  readonly confidence: string
}

const rows = vector<readonly Row[]>('operations.json')
const rowById = new Map(rows.map((row) => [row.id, row]))

/** The facts of an operation in the words of the table; what is ours alone (class, summary, schema) is left out. */
function facts({ id, group, method, path, params, source, confidence }: AnyOperation): Omit<Row, 'result'> {
  return {
    id,
    group,
    method,
    path,
    params: Object.entries(params).map(([name, param]) => ({
      name,
      in: param.in,
      type: param.type,
      required: param.required,
    })),
    source,
    confidence: confidence.replaceAll(' ', '-'),
  }
}

function rowOf(operation: AnyOperation): Omit<Row, 'result'> | undefined {
  const row = rowById.get(operation.id)
  if (!row) return undefined
  const { result: _result, ...rest } = row
  return rest
}

describe('the registry', () => {
  it.each(operations.map((operation) => [operation.id, operation] as const))(
    '%s is as the platform documents it',
    (_id, operation) => {
      expect(facts(operation)).toEqual(rowOf(operation))
    },
  )

  it('would be caught with any fact that is wrong', () => {
    const [first] = operations as readonly [AnyOperation]
    const row = rowOf(first)
    const [name = ''] = Object.keys(first.params)
    const param = first.params[name] as AnyOperation['params'][string]
    const wrong: Partial<AnyOperation>[] = [
      { id: 'nothing' },
      { group: 'nothing' },
      { method: 'PUT' },
      { path: '/v1.0/nothing' },
      { source: 'nobody' },
      { confidence: 'inferred' },
      { params: {} },
      { params: { ...first.params, another: param } },
      { params: { ...first.params, [name]: { ...param, in: 'body' } } },
      { params: { ...first.params, [name]: { ...param, type: 'object' } } },
      { params: { ...first.params, [name]: { ...param, required: !param.required } } },
    ]
    for (const change of wrong) expect(facts({ ...first, ...change })).not.toEqual(row)
  })

  it('names every operation once and finds it by its id', () => {
    const ids = operations.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const operation of operations) expect(operationById(operation.id)).toBe(operation)
    expect(operationById('toString')).toBeUndefined()
  })

  it('has one method and path for each', () => {
    const calls = operations.map(({ method, path }) => `${method} ${path}`)
    expect(new Set(calls).size).toBe(calls.length)
  })

  it('lists every file of its folder', async () => {
    const folder = new URL('../../../src/codec/cloud/operation/', import.meta.url)
    const files = readdirSync(folder).filter((file) => file !== 'index.ts')
    const found = await Promise.all(
      files.map(async (file) => {
        const exported: object = await import(new URL(file, folder).href)
        const values = Object.values(exported).filter(isOperation)
        expect(
          values.map(({ id }) => `${id}.ts`),
          file,
        ).toEqual([file])
        return values
      }),
    )
    expect(new Set(found.flat())).toEqual(new Set(operations))
  })

  it('names all path parameters in the path, and no others', () => {
    for (const { id, path, params } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const given = Object.entries(params).filter(([, param]) => param.in === 'path')
      expect(given.map(([name]) => name).sort(), id).toEqual(inPath.sort())
    }
  })
})

function isOperation(value: unknown): value is AnyOperation {
  return typeof value === 'object' && value !== null && 'method' in value && 'params' in value
}

/** Topic contract, section 10; what is not named and is a GET is `read`. */
const classes: Readonly<Record<Exclude<OperationClass, 'read'>, readonly string[]>> = {
  control: [
    'device-commands',
    'iot03-commands',
    'thing-properties-issue',
    'scene-trigger',
    'scene-enable',
    'scene-disable',
    'automation-external-trigger',
    'automation-enable',
    'automation-disable',
  ],
  config: [
    'home-create',
    'home-update',
    'room-create',
    'room-update',
    'room-devices-add',
    'room-devices-set',
    'room-devices-remove',
    'device-rename',
    'device-function-rename',
    'device-multiple-name-set',
    'scene-create',
    'scene-update',
    'automation-create',
    'automation-update',
    'device-scene-bind',
    'device-scene-unbind',
    'gateway-enable-discovery',
    'pairing-token-create',
  ],
  firmware: ['ota-confirm-upgrade', 'ota-update-firmware'],
  personal: [
    'user-info',
    'user-list',
    'member-list',
    'member-add',
    'member-update',
    'device-user-add',
    'device-user-update',
    'device-user-get',
    'device-user-list',
    'device-factory-infos',
  ],
  lock: ['lock-open-logs', 'lock-alarm-logs', 'lock-latest-media', 'lock-media-url'],
  destructive: [
    'home-delete',
    'room-delete',
    'member-delete',
    'device-delete',
    'device-user-delete',
    'scene-delete',
    'automation-delete',
    'device-reset-factory',
  ],
  never: ['token-get', 'token-refresh', 'user-sync', 'app-login', 'custom-login', 'mqtt-access-config'],
}

const classOf = new Map(
  Object.entries(classes).flatMap(([name, ids]) => ids.map((id) => [id, name as OperationClass] as const)),
)

describe('who may call', () => {
  it('is settled for every operation of the platform that changes something', () => {
    expect(rows).toHaveLength(108)
    expect([...classOf.keys()].filter((id) => !rowById.has(id))).toEqual([])
    expect(rows.filter(({ id, method }) => method !== 'GET' && !classOf.has(id)).map(({ id }) => id)).toEqual(
      [],
    )
  })

  it.each(operations.map((operation) => [operation.id, operation.class, operation] as const))(
    '%s is of class %s',
    (id, given, { method }) => {
      expect(given).toBe(classOf.get(id) ?? (method === 'GET' ? 'read' : 'nobody said which'))
    },
  )
})

describe('asking twice', () => {
  it('R-C5: is harmless for what only reads, never for a POST, and kills the token that was refreshed', () => {
    for (const { id, method, repeatable } of operations) {
      if (method === 'POST' || id === 'token-refresh') expect(repeatable, id).toBe(false)
      else if (method === 'GET') expect(repeatable, id).toBe(true)
    }
  })

  it.each([
    ['thing-model', 10],
    ['thing-properties', 50],
    ['thing-properties-issue', 4],
  ])('%s is allowed %d times a second', (id, perSecond) => {
    expect(operationById(id)?.perSecond).toBe(perSecond)
  })
})

describe('schemas', () => {
  it.each(operations.map((operation) => [operation.id, operation] as const))(
    'of %s compile',
    (_id, operation) => {
      expect(() => [validator(paramsSchema(operation)), validator(operation.reply)]).not.toThrow()
    },
  )
})

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
