import { describe, expect, it } from 'vitest'
import { checkArguments, completed, expected, largestBody } from '../../../src/codec/cloud/arguments.ts'
import { deviceCommands } from '../../../src/codec/cloud/operation/device-commands.ts'
import { deviceGet } from '../../../src/codec/cloud/operation/device-get.ts'
import { homeCreate } from '../../../src/codec/cloud/operation/home-create.ts'
import { homeDelete } from '../../../src/codec/cloud/operation/home-delete.ts'
import { operations } from '../../../src/codec/cloud/operation/index.ts'
import { memberDelete } from '../../../src/codec/cloud/operation/member-delete.ts'
import { memberUpdate } from '../../../src/codec/cloud/operation/member-update.ts'
import { sceneDefaultPictures } from '../../../src/codec/cloud/operation/scene-default-pictures.ts'
import { userDevices } from '../../../src/codec/cloud/operation/user-devices.ts'
import { userHomes } from '../../../src/codec/cloud/operation/user-homes.ts'
import { type AnyOperation, buildCall } from '../../../src/codec/cloud/operation.ts'
import { BridgeError } from '../../../src/util/error.ts'
import { fittingArguments, unfitting } from '../../support/operation-arguments.ts'

interface Detail {
  readonly param: string
  readonly expected: string
  readonly path?: string
  readonly got?: string
  readonly near?: readonly string[]
}

function refusal(operation: unknown, args: object): { code: string; message: string; details: Detail[] } {
  try {
    checkArguments(operation as AnyOperation, args as never)
  } catch (thrown) {
    if (!(thrown instanceof BridgeError)) throw thrown
    expect(thrown.retry).toBe('never')
    return { code: thrown.code, message: thrown.message, details: (thrown.details ?? []) as Detail[] }
  }
  throw new Error('it was accepted')
}

const all = operations.map((operation) => [operation.id, operation] as const)
const withParams = all.filter(([, { params }]) => Object.keys(params).length > 0)

describe('of every operation', () => {
  it.each(all)('%s: arguments that fit are accepted, and all of them go out', (_id, operation) => {
    const args = fittingArguments(operation)
    expect(() => checkArguments(operation, args)).not.toThrow()
    const { path, query, body } = buildCall(operation, args)
    expect(path).not.toContain('{')
    const places = Object.values(operation.params).map((param) => param.in)
    expect(Object.keys(query)).toHaveLength(places.filter((place) => place === 'query').length)
    expect(body !== undefined).toBe(places.includes('body'))
  })

  it.each(withParams)(
    '%s: a value of another type is refused by name, with what is expected',
    (_id, operation) => {
      for (const [name, param] of Object.entries(operation.params)) {
        for (const wrong of unfitting[param.type]) {
          const { code, message, details } = refusal(operation, {
            ...fittingArguments(operation),
            [name]: wrong,
          })
          const what = `${name}: ${JSON.stringify(wrong)}`
          expect(code, what).toBe('command/bad-param')
          expect(message, what).toContain(name)
          expect(details.length, what).toBeGreaterThan(0)
          for (const detail of details) {
            expect(detail.param, what).toBe(name)
            expect(detail.expected, what).not.toBe('')
          }
        }
      }
    },
  )

  it.each(withParams)('%s: a missing parameter is named, with what is expected', (_id, operation) => {
    for (const [name, param] of Object.entries(operation.params)) {
      const { [name]: _left, ...rest } = fittingArguments(operation) as Record<string, unknown>
      if (!param.required) {
        expect(() => checkArguments(operation, rest)).not.toThrow()
        continue
      }
      const { code, message, details } = refusal(operation, rest)
      expect(code).toBe('command/missing-param')
      expect(message).toContain(name)
      expect(details).toEqual([{ param: name, expected: expected(param) }])
    }
  })

  it.each(all)('%s: an unknown parameter is named, with the nearest that exists', (_id, operation) => {
    const args = fittingArguments(operation)
    expect(refusal(operation, { ...args, zzzzzzzz: 1 })).toMatchObject({
      code: 'command/bad-param',
      details: [{ param: 'zzzzzzzz', near: [] }],
    })
    for (const name of Object.keys(operation.params)) {
      const { [name]: value, ...rest } = args as Record<string, unknown>
      const { code, message, details } = refusal(operation, { ...rest, [`${name}s`]: value })
      expect(code).toBe('command/bad-param')
      expect(message).toContain(`no parameter "${name}s". Did you mean ${name}`)
      expect(details[0]?.near?.[0]).toBe(name)
    }
  })

  it.each(all.filter(([, { params }]) => Object.values(params).some((param) => param.in === 'body')))(
    '%s: a body beyond the limit is refused',
    (_id, operation) => {
      const args: Record<string, unknown> = { ...fittingArguments(operation) }
      for (const [name, param] of Object.entries(operation.params)) {
        if (param.in !== 'body') continue
        if (param.type === 'array<string>') args[name] = Array(largestBody / 1024).fill('x'.repeat(1_030))
        else if (param.type === 'array<object>')
          args[name] = (args[name] as object[]).map((item) => ({ ...item, more: 'x'.repeat(largestBody) }))
        else if (param.type !== 'object') args[name] = '9'.repeat(largestBody)
      }
      expect(refusal(operation, args).code).toMatch(/^command\/(too-large|bad-param)$/)
    },
  )
})

describe('what a refusal says', () => {
  it.each([
    [userDevices, { uid: 'u1', page_no: 'x' }, 'user-devices: page_no must be a whole number, got "x".'],
    [
      deviceGet,
      { device_id: 'a/b' },
      'device-get: device_id must be 1 to 64 of the characters A-Z a-z 0-9 _ -, got "a/b".',
    ],
    [
      userDevices,
      { uid: 'u1', from: 'house' },
      'user-devices: from must be one of home, sharing, got "house".',
    ],
    [
      deviceGet,
      { devce_id: 'x' },
      'device-get has no parameter "devce_id". Did you mean device_id? And 1 more.',
    ],
    [deviceGet, { device_id: 'x', colour: 1 }, 'device-get has no parameter "colour". It takes device_id.'],
    [sceneDefaultPictures, { size: 1 }, 'scene-default-pictures has no parameter "size". It takes none.'],
    [deviceCommands, { device_id: 'x' }, 'device-commands needs commands.'],
    [
      deviceCommands,
      { device_id: 'x', commands: [{ code: 'switch' }] },
      "device-commands: commands/0 must have required property 'value'.",
    ],
    [
      homeCreate,
      { uid: 'u', home: { title: 'Home' } },
      "home-create: home must have required property 'name'. And 1 more.",
    ],
  ])('%#: one sentence with the name, the rule and the value', (operation, args, message) => {
    expect(refusal(operation, args).message).toBe(message)
  })

  it('has all faults, each once', () => {
    const { code, details } = refusal(userDevices, { page_no: 'x', page_size: true, what: 1 })
    expect(code).toBe('command/bad-param')
    expect(details.map(({ param }) => param)).toEqual(['what', 'page_no', 'page_size', 'uid'])
  })

  it('shows values cut, and never of what could be a secret', () => {
    const long = refusal(userDevices, { uid: 'u1', page_no: 'x'.repeat(1_000) })
    expect(long.message.length).toBeLessThan(200)
    const login = operations.find(({ id }) => id === 'custom-login')
    const { message, details } = refusal(login, { username: 'kim', password: ['hunter2'] })
    expect(JSON.stringify([message, details])).not.toContain('hunter2')
  })

  it('says no more than twenty times that a parameter is unknown', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`p${i}`, i]))
    expect(refusal(deviceGet, { device_id: 'x', ...many }).details).toHaveLength(20)
  })
})

describe('bounds', () => {
  const operation = (id: string) => operations.find((candidate) => candidate.id === id) as AnyOperation

  it.each([
    ['gateway-enable-discovery', 'duration', [0, 3600, '60'], [-1, 3601, '3601', '-1']],
    ['device-logs', 'size', [1, 100, '100'], [0, 101, '101']],
    ['devices-status-batch', 'device_ids', ['a', list(20)], ['', list(21), 'a,,b', ',a']],
    ['device-factory-infos', 'device_ids', [list(50)], [list(51)]],
    ['lock-latest-media', 'file_type', [1, 2, '2'], [0, 3, '3', 'alarm']],
    ['automation-create', 'match_type', [1, 3, '3'], [0, 4, '4']],
    ['automation-devices', 'type', ['condition', 'action'], ['', 'both']],
    ['automation-create', 'conditions', [objects(1), objects(10)], [[], objects(11)]],
    ['scene-create', 'actions', [actions(1), actions(150)], [[], actions(151), [{}]]],
    ['room-devices-set', 'device_ids', [[], ['a']], [['']]],
  ])('%s: %s', (id, name, fitting, unfit) => {
    for (const value of fitting) {
      const args = { ...fittingArguments(operation(id)), [name]: value }
      expect(() => checkArguments(operation(id), args), JSON.stringify(value)).not.toThrow()
    }
    for (const value of unfit) {
      const args = { ...fittingArguments(operation(id)), [name]: value }
      expect(refusal(operation(id), args).details[0]?.param, JSON.stringify(value)).toBe(name)
    }
  })
})

function list(length: number): string {
  return Array.from({ length }, (_, i) => `bf${i}`).join(',')
}

function objects(length: number): object[] {
  return Array.from({ length }, () => ({}))
}

function actions(length: number): object[] {
  return Array.from({ length }, () => ({ action_executor: 'delay' }))
}

describe('defaults', () => {
  const defaults = { uid: 'eu1', schema: null, home_id: '3182004' }

  it('fill what is required and was not given, and nothing else', () => {
    expect(completed(userHomes as unknown as AnyOperation, {}, defaults)).toEqual({ uid: 'eu1' })
    expect(completed(userHomes as unknown as AnyOperation, { uid: 'eu2' }, defaults)).toEqual({ uid: 'eu2' })
    expect(completed(deviceGet as unknown as AnyOperation, {}, defaults)).toEqual({})
  })

  it('never decide whom or what to remove', () => {
    for (const [operation, filled] of [
      [homeDelete, {}],
      [memberDelete, { home_id: '3182004' }],
      [memberUpdate, { home_id: '3182004' }],
    ] as const) {
      expect(completed(operation as unknown as AnyOperation, {}, defaults)).toEqual(filled)
    }
    for (const { params, class: kind, path } of operations.filter((one) => one.class === 'destructive')) {
      const subject = path.match(/\{(\w+)\}(?:\/reset-factory)?$/)?.[1] ?? ''
      expect(kind).toBe('destructive')
      expect(params[subject]?.explicit === true || !Object.hasOwn(defaults, subject), path).toBe(true)
    }
  })
})
