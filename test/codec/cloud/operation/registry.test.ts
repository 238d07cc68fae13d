import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { operationById, operations } from '../../../../src/codec/cloud/operation/index.ts'
import {
  type AnyOperation,
  type OperationClass,
  paramsSchema,
} from '../../../../src/codec/cloud/operation.ts'
import { validator } from '../../../../src/codec/cloud/schema.ts'
import { vector } from '../../../support/vector.ts'

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

  it('has every row of the list and nothing else', () => {
    expect(rows).toHaveLength(108)
    expect(operations.map(({ id }) => id)).toEqual(rows.map(({ id }) => id))
  })

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
    const folder = new URL('../../../../src/codec/cloud/operation/', import.meta.url)
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

/** What is set to a value is the same after the second time; what makes, moves or removes something is not. */
const notAgain = new Set(['token-refresh', 'device-reset-factory', 'ota-confirm-upgrade'])

describe('asking twice', () => {
  it.each(operations.map((operation) => [operation.id, operation] as const))(
    'R-C5: %s is repeated only if it reads or sets to a value',
    (id, { method, repeatable }) => {
      expect(repeatable).toBe((method === 'GET' || method === 'PUT') && !notAgain.has(id))
    },
  )

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
