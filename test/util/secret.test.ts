import { format, inspect } from 'node:util'
import { expect, it } from 'vitest'
import { Secret } from '../../src/util/secret.ts'

const text = 'planted-secret-0815'

it.each<[way: string, print: (secret: Secret) => string]>([
  ['toString()', (secret) => secret.toString()],
  ['a template', (secret) => `${secret}`],
  ['concatenation', (secret) => `the key is ${secret}`],
  ['String()', (secret) => String(secret)],
  ['JSON', (secret) => JSON.stringify(secret)],
  ['JSON of what holds it', (secret) => JSON.stringify({ config: [{ secret }] })],
  ['inspect', (secret) => inspect(secret)],
  [
    'inspect of what holds it, with everything shown',
    (secret) =>
      inspect({ a: { b: [secret] } }, { showHidden: true, depth: null, showProxy: true, getters: true }),
  ],
  ['%s', (secret) => format('%s', secret)],
  ['%o', (secret) => format('%o', secret)],
  ['%O', (secret) => format('%O', secret)],
  ['%j', (secret) => format('%j', secret)],
  ['a list as text', (secret) => [secret].join()],
  ['an error with it', (secret) => inspect(new Error('no', { cause: { secret } }))],
])('S-1: %s prints a mask', (_way, print) => {
  const printed = print(new Secret(text))
  expect(printed).toContain('[redacted]')
  expect(printed).not.toContain(text)
})

it('S-1: has no member that holds the text', () => {
  const secret = new Secret(text)
  expect(Reflect.ownKeys(secret)).toEqual([])
  expect(JSON.stringify({ ...secret })).toBe('{}')
  expect(Object.values(secret)).toEqual([])
})

it('gives the text to those who ask for it by name, and its length', () => {
  expect(new Secret(text).reveal()).toBe(text)
  expect(new Secret(text).length).toBe(text.length)
})
