import { expect, it } from 'vitest'
import { changesOf, sameValue, withValuesOf } from '../../src/app/config-diff.ts'
import { readConfigSchema } from '../../src/app/config-shape.ts'
import type { Config } from '../../src/app/config-types.ts'
import { Secret } from '../../src/util/secret.ts'
import { testConfig } from '../support/config.ts'

const schema = readConfigSchema()
const project = (secret: string, more: object = {}) => ({
  tuya: { region: 'eu', accessId: 'a', accessSecret: new Secret(secret), homes: [], ...more },
})
const configOf = (changes: object) => testConfig(changes as never)
const changes = (before: Config, after: Config) => changesOf(schema, { config: before }, { config: after })

it('every key that differs is told with what it takes, in the order of the schema', () => {
  const before = configOf({})
  const after = configOf({ log: { level: 'debug' }, http: { port: 1 }, mqtt: { username: 'me' } })
  expect(changes(before, after)).toEqual([
    { path: 'mqtt.username', reload: 'link' },
    { path: 'http.port', reload: 'restart' },
    { path: 'log.level', reload: 'live' },
  ])
  expect(changes(before, configOf({}))).toEqual([])
})

it('secrets are compared by their text', () => {
  const before = configOf(project('one'))
  expect(changes(before, configOf(project('one')))).toEqual([])
  expect(changes(before, configOf(project('two')))).toEqual([{ path: 'tuya.accessSecret', reload: 'link' }])
})

it('lists and free maps are one key each', () => {
  const users = (password: string) => [
    { name: 'anna', role: 'administrator', password: new Secret(password), read: [], write: [] },
  ]
  const before = configOf({ broker: { users: users('a') }, overrides: { p1: { c: { scale: 1 } } } })
  expect(
    changes(before, configOf({ broker: { users: users('a') }, overrides: { p1: { c: { scale: 1 } } } })),
  ).toEqual([])
  expect(
    changes(before, configOf({ broker: { users: users('b') }, overrides: { p1: { c: { scale: 2 } } } })),
  ).toEqual([
    { path: 'broker.users', reload: 'link' },
    { path: 'overrides', reload: 'live' },
  ])
})

it('a section that comes or goes is one key and needs a restart', () => {
  expect(changes(configOf({}), configOf(project('one')))).toEqual([{ path: 'tuya', reload: 'restart' }])
  expect(changes(configOf(project('one')), configOf({}))).toEqual([{ path: 'tuya', reload: 'restart' }])
})

it('a broker elsewhere instead of the one inside needs a restart; another one elsewhere does not', () => {
  const [inside, one, other] = [null, 'mqtt://one', 'mqtt://other'].map((url) => configOf({ mqtt: { url } }))
  expect(changes(inside as Config, one as Config)).toEqual([{ path: 'mqtt.url', reload: 'restart' }])
  expect(changes(one as Config, inside as Config)).toEqual([{ path: 'mqtt.url', reload: 'restart' }])
  expect(changes(one as Config, other as Config)).toEqual([{ path: 'mqtt.url', reload: 'link' }])
})

it('the content of a file counts, and is told once', () => {
  const config = configOf({ mqtt: { tls: { ca: '/ca.pem' } } })
  const of = (digest: string, ca = '/ca.pem') => ({
    config: configOf({ mqtt: { tls: { ca } } }),
    files: new Map([['mqtt.tls.ca', digest]]),
  })
  expect(changesOf(schema, { ...of('1'), config }, of('1'))).toEqual([])
  expect(changesOf(schema, of('1'), of('2'))).toEqual([{ path: 'mqtt.tls.ca', reload: 'link' }])
  expect(changesOf(schema, of('1'), of('2', '/other.pem'))).toEqual([{ path: 'mqtt.tls.ca', reload: 'link' }])
})

it('what of a key is not said otherwise needs a restart', () => {
  const plain = { properties: { a: { type: 'string' }, b: { type: 'string', 'x-reload': 'live' as const } } }
  const of = (a: string, b: string) => ({ config: { a, b } as never })
  expect(changesOf(plain, of('1', '1'), of('2', '2'))).toEqual([
    { path: 'a', reload: 'restart' },
    { path: 'b', reload: 'live' },
  ])
})

it('single keys are taken over from another configuration, and nothing else is', () => {
  const mixed = withValuesOf(
    configOf({ http: { port: 1 }, log: { level: 'debug' } }),
    configOf({ http: { port: 2 }, ...project('one') }),
    ['http.port', 'tuya'],
  )
  expect(mixed.http.port).toBe(2)
  expect(mixed.log.level).toBe('debug')
  expect(mixed.tuya?.accessSecret?.reveal()).toBe('one')
})

it.each([
  [new Secret('a'), 'a', false],
  [new Secret('a'), new Secret('a'), true],
  [[1, 2], [2, 1], false],
  [{ a: 1 }, { a: 1, b: undefined }, false],
  [{ a: [new Secret('x')] }, { a: [new Secret('x')] }, true],
  [null, undefined, false],
  [[], {}, false],
])('%j and %j: %j', (a, b, same) => {
  expect(sameValue(a, b)).toBe(same)
})
