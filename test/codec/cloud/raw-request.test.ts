import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkArguments } from '../../../src/codec/cloud/arguments.ts'
import { operations } from '../../../src/codec/cloud/operation/index.ts'
import { buildCall } from '../../../src/codec/cloud/operation.ts'
import { isRawPrefix, operationAsked, readRawRequest } from '../../../src/codec/cloud/raw-request.ts'
import { canonicalUrl, wireUrl } from '../../../src/codec/cloud/sign.ts'
import { BridgeError } from '../../../src/util/error.ts'

const prefixes = ['/v2.0/cloud/thing/', '/v1.0/devices']

function refused(given: object, of: readonly string[] = prefixes): BridgeError {
  try {
    readRawRequest(given as never, of)
  } catch (thrown) {
    if (thrown instanceof BridgeError) return thrown
    throw thrown
  }
  throw new Error(`${JSON.stringify(given)} was taken`)
}

const get = (path: unknown, more: object = {}) => ({ method: 'GET', path, ...more })

describe('what goes out', () => {
  it('is method, path, query and body as they were given, a value of the query as text', () => {
    const given = {
      method: 'POST',
      path: '/v2.0/cloud/thing/bf1/model',
      query: { page: 2, deep: true, name: 'a b' },
      body: { deep: [{ list: null }] },
    }
    const { operation, args, known } = readRawRequest(given, prefixes)
    checkArguments(operation, args)
    expect(buildCall(operation, args)).toEqual({
      method: 'POST',
      path: '/v2.0/cloud/thing/bf1/model',
      query: { page: '2', deep: 'true', name: 'a b' },
      body: '{"deep":[{"list":null}]}',
    })
    expect(known).toBeUndefined()
    expect(operation.repeatable).toBe(false)
  })

  it('a list may be the body, and a GET has none', () => {
    const { operation, args } = readRawRequest(
      { method: 'PUT', path: '/v1.0/devices/bf1/any', body: [1, 'two'] },
      prefixes,
    )
    checkArguments(operation, args)
    expect(buildCall(operation, args).body).toBe('[1,"two"]')
    const asked = readRawRequest(get('/v1.0/devices/bf1/any'), prefixes)
    expect(buildCall(asked.operation, asked.args).body).toBeUndefined()
    expect(asked.operation.repeatable).toBe(true)
    expect(refused(get('/v1.0/devices/bf1/any', { body: {} })).message).toContain('never sent with GET')
  })

  it('a value of the query stays one value, whatever it holds', () => {
    const query = { codes: 'a&b=c#d/../e?f %2e' }
    const { operation, args } = readRawRequest(get('/v1.0/devices/bf1/x', { query }), prefixes)
    const call = buildCall(operation, args)
    const wire = new URL(wireUrl(call.path, call.query), 'https://openapi.tuyaeu.com')
    expect([...wire.searchParams]).toEqual([['codes', query.codes]])
    expect([wire.hash, wire.pathname]).toEqual(['', '/v1.0/devices/bf1/x'])
    expect(canonicalUrl(call.path, call.query)).toBe(`/v1.0/devices/bf1/x?codes=${query.codes}`)
  })

  it('a body beyond 64 KiB is refused', () => {
    const { operation, args } = readRawRequest(
      { method: 'POST', path: '/v1.0/devices/bf1/x', body: { text: 'x'.repeat(66_000) } },
      prefixes,
    )
    expect(() => checkArguments(operation, args)).toThrow(
      expect.objectContaining({ code: 'command/too-large' }),
    )
  })

  it('what is sent for an address is made once, whoever asks how often', () => {
    const one = (path: string) => readRawRequest(get(path), prefixes).operation
    expect(one('/v1.0/devices/a/x')).toBe(one('/v2.0/cloud/thing/b/y'))
    expect(one('/v1.0/devices/a')).toBe(one('/v1.0/devices/b'))
  })
})

describe('where it may go', () => {
  it.each(['/v1.0/devices', '/v1.0/devices/bf1', '/v2.0/cloud/thing/bf1', '/v1.0/devices/bf1/v..1.json'])(
    '%s is covered',
    (path) => {
      expect(readRawRequest(get(path), prefixes).args).toEqual({ method: 'GET', path })
    },
  )

  it.each([
    '/v1.0/devicesX',
    '/v1.0/devices-factory-infos',
    '/v1.0/device',
    '/v1.1/devices/bf1',
    '/v2.0/cloud/thing',
    '/v2.0/cloud/thingX/bf1',
    '/v1.0/DEVICES/bf1',
    '/v3.0/v1.0/devices/bf1',
    '/v1.0/users/eu1',
  ])('%s is not', (path) => {
    const error = refused(get(path))
    expect(error.code).toBe('command/forbidden')
    expect(error.message).toContain('operations.raw')
    expect(error.details).toEqual(prefixes.map((prefix) => ({ prefix })))
  })

  it.each([
    ['/v1.0/devices/../users/eu1', '".."'],
    ['/v1.0/devices/./../users', '".."'],
    ['/v1.0/devices/..', '".."'],
    ['/v1.0/devices/...', '".."'],
    ['/v1.0/devices/.', '"."'],
    ['/v1.0/devices/%2e%2e/users', 'percent'],
    ['/v1.0/devices/..%2fusers', 'percent'],
    ['/v1.0/devices/%252e%252e/users', 'percent'],
    ['/v1.0/devices%2f..', 'percent'],
    ['/v1.0/devices/..\\users', 'characters'],
    ['/v1.0/devices\\..\\users', 'characters'],
    ['/v1.0/devices/..;/users', 'characters'],
    ['/v1.0/devices;x=1/bf1', 'characters'],
    ['/v1.0/devices//users', 'empty levels'],
    ['/v1.0/devices/', 'empty levels'],
    ['/v1.0//devices/bf1', 'empty levels'],
    ['//evil.example/v1.0/devices', 'host'],
    ['//evil.example', 'host'],
    ['https://evil.example/v1.0/devices', 'host'],
    ['HTTP:/evil.example/v1.0/devices', 'host'],
    ['javascript:alert(1)', 'host'],
    ['/\\evil.example/v1.0/devices', 'version'],
    ['@evil.example/v1.0/devices', 'version'],
    [':80@evil.example/v1.0/devices', 'version'],
    ['.evil.example/v1.0/devices', 'version'],
    ['v1.0/devices/bf1', 'version'],
    ['/V1.0/devices/bf1', 'version'],
    ['/v1/devices/bf1', 'version'],
    [' /v1.0/devices/bf1', 'version'],
    ['', 'version'],
    ['/', 'version'],
    ['/v1.0/devices/bf1?x=1', 'query'],
    ['/v1.0/devices/bf1?', 'query'],
    ['/v1.0/devices/bf1#x', 'characters'],
    ['/v1.0/devices/bf1 HTTP/1.1', 'characters'],
    ['/v1.0/devices/bf1\r\nx: y', 'characters'],
    ['/v1.0/devices/bf1\n', 'characters'],
    ['/v1.0/devices/\u0000', 'characters'],
    ['/v1.0/devices/\uFF0E\uFF0E/users', 'characters'],
    ['/v1.0/devices/\u2025/users', 'characters'],
    ['/v1.0/devices/{device_id}', 'characters'],
    ['/v1.0/devices/é', 'characters'],
    [`/v1.0/devices/${'a'.repeat(500)}`, '512'],
    [7, 'text'],
    [null, 'text'],
    [['/v1.0/devices/bf1'], 'text'],
    [{ toString: '/v1.0/devices/bf1' }, 'text'],
  ])('%j is not read as a path', (path, named) => {
    const error = refused(get(path))
    expect(error.code).toBe('command/bad-param')
    expect(error.message).toContain(named)
    expect(error.details).toEqual([{ param: 'path', expected: expect.any(String) }])
  })

  it('no text leads past the prefixes: what a URL makes of a path that was taken is that path', () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '/',
      '//',
      '%2e',
      '%2F',
      '\\',
      ';',
      '?',
      '#',
      '@',
      ':',
      'users',
      'devices',
      'X',
      ' ',
    )
    const path = fc.array(part, { maxLength: 8 }).map((parts) => `/v1.0/devices${parts.join('')}`)
    fc.assert(
      fc.property(fc.oneof(path, fc.string()), (text) => {
        let taken: string
        try {
          taken = readRawRequest(get(text), ['/v1.0/devices']).args['path'] as string
        } catch (thrown) {
          if (thrown instanceof BridgeError) return
          throw thrown
        }
        const url = new URL(`https://openapi.tuyaeu.com${taken}`)
        expect([url.host, url.pathname]).toEqual(['openapi.tuyaeu.com', taken])
        expect(`${url.pathname}/`.startsWith('/v1.0/devices/')).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('what belongs to the bridge alone', () => {
  it.each([
    ['GET', '/v1.0/token'],
    ['GET', '/v1.0/Token'],
    ['GET', '/v1.0/token/abcdef'],
    ['POST', '/v1.0/token'],
    ['GET', '/v1.0/token/any/thing'],
  ])('%s %s is forbidden, whatever is listed', (method, path) => {
    const error = refused({ method, path }, ['/v1.0/', '/v1.0/token'])
    expect([error.code, error.message]).toEqual([
      'command/forbidden',
      expect.stringContaining('for the bridge itself'),
    ])
  })

  it('and so is the address of every operation that is never called from outside', () => {
    const never = operations.filter((one) => one.class === 'never')
    expect(never.length).toBeGreaterThan(3)
    for (const { method, path } of never) {
      const filled = path.replaceAll(/\{\w+\}/g, 'x1')
      const version = filled.split('/').slice(0, 2).join('/')
      for (const spelt of [filled, filled.toUpperCase().replace('/V', '/v')])
        expect(refused({ method, path: spelt }, [version]).code, spelt).toBe('command/forbidden')
    }
  })
})

describe('what the registry knows of an address', () => {
  it('is found with the parameters of path, query and body', () => {
    const { known } = readRawRequest(
      {
        method: 'POST',
        path: '/v1.0/devices/bf1/commands',
        body: { commands: [], device_id: 'another' },
      },
      prefixes,
    )
    expect(known?.operation.id).toBe('device-commands')
    expect(known?.params).toEqual({ device_id: 'bf1', commands: [] })
  })

  it('lends its name and its rate to the request', () => {
    for (const operation of operations) {
      if (operation.class === 'never') continue
      const path = operation.path.replaceAll(/\{\w+\}/g, 'x1')
      const version = path.split('/').slice(0, 2).join('/')
      const request = readRawRequest({ method: operation.method, path }, [version])
      expect(request.operation.id).toBe(request.known?.operation.id)
      expect(request.operation.perSecond).toBe(request.known?.operation.perSecond)
      expect(operationAsked({ method: operation.method, path })?.operation).toBe(request.known?.operation)
    }
  })

  it('nonsense has none', () => {
    for (const given of [
      {},
      { method: 7, path: [] },
      { method: 'GET' },
      { method: 'GET', path: '/v1.0/devices/../users/eu1' },
    ])
      expect(operationAsked(given)).toBeUndefined()
  })
})

describe('faults', () => {
  it('what is missing is named', () => {
    const error = refused({})
    expect(error.code).toBe('command/missing-param')
    expect(error.details?.map((detail) => (detail as { param: string }).param)).toEqual(['method', 'path'])
  })

  it('all are told at once', () => {
    const error = refused({ method: 'TRACE', path: '/x', query: [], body: 'text', headers: {} })
    expect(error.code).toBe('command/bad-param')
    expect(error.details?.map((detail) => (detail as { param: string }).param)).toEqual([
      'headers',
      'method',
      'path',
      'query',
      'body',
    ])
    expect(error.message).toMatch(/And 4 more\.$/)
  })

  it.each([
    [{ 'a b': 1 }, 'query.a b'],
    [{ 'a&b': 1 }, 'query.a&b'],
    [{ '': 1 }, 'query.'],
    [{ a: 'x\nGET' }, 'query.a'],
    [{ a: 'x\u0000' }, 'query.a'],
    [{ a: null }, 'query.a'],
    [{ a: {} }, 'query.a'],
    [{ a: ['b'] }, 'query.a'],
    [{ a: 'x'.repeat(4_097) }, 'query.a'],
    ['a=1', 'query'],
    [null, 'query'],
    [Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`n${i}`, i])), 'query'],
  ])('the query %j is refused', (query, param) => {
    expect(refused(get('/v1.0/devices/bf1', { query })).details).toEqual([
      { param, expected: expect.any(String) },
    ])
  })

  it.each(['get', 'PATCH', 'CONNECT', 'GET\r\n', '', null, ['GET']])('the method %j is refused', (method) => {
    expect(refused({ method, path: '/v1.0/devices/bf1' }).message).toContain(
      'must be one of GET, POST, PUT, DELETE',
    )
  })
})

it.each([
  ['/v1.0/', true],
  ['/v2.0/cloud/thing/', true],
  ['/v1.0/devices', true],
  ['/v1.0/devices/bf1', true],
  ['/v1.0', true],
  ['/', false],
  ['', false],
  ['//v1.0/', false],
  ['/v1.0//', false],
  ['/v1.0/devices?', false],
  ['/v1.0\n/', false],
  ['/v1/', false],
  [`/v1.0/${'a'.repeat(600)}`, false],
  ['v1.0/', false],
  ['/v1.0/devices//', false],
  ['/v1.0/../', false],
  ['/v1.0/devices/*', false],
  ['https://openapi.tuyaeu.com/v1.0/', false],
])('%j as a prefix: %s', (prefix, isOne) => {
  expect(isRawPrefix(prefix)).toBe(isOne)
})
