import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalUrl,
  isTokenPath,
  type Query,
  type Signable,
  sign,
  signLegacy,
  stringToSign,
  wireUrl,
} from '../../../src/codec/cloud/sign.ts'
import { anyText } from '../../support/any-text.ts'
import { vector } from '../../support/vector.ts'

interface SignVector {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly query: Query
  readonly body?: string
  readonly accessToken?: string
  readonly nonce?: string
  readonly signedHeaders?: readonly (readonly [string, string])[]
  /** Line by line. */
  readonly stringToSign: readonly string[]
  readonly signature: string
  readonly wireUrl: string
}

const { clientId, secret, t, vectors, legacy } = vector<{
  clientId: string
  secret: string
  t: string
  vectors: readonly SignVector[]
  legacy: { signature: string }
}>('sign.json')

function signable({ method, path, query, body, accessToken, nonce, signedHeaders }: SignVector): Signable {
  return {
    clientId,
    secret,
    method,
    url: canonicalUrl(path, query),
    t,
    ...(body === undefined ? {} : { body }),
    ...(accessToken === undefined ? {} : { accessToken }),
    ...(nonce === undefined ? {} : { nonce }),
    ...(signedHeaders === undefined ? {} : { signedHeaders }),
  }
}

describe.each(vectors)('vector $name', (given) => {
  it('has its string to sign', () => {
    expect(stringToSign(signable(given)).split('\n')).toEqual(given.stringToSign)
  })

  it('has its signature', () => {
    expect(sign(signable(given))).toBe(given.signature)
  })

  it('goes over the wire with its values encoded', () => {
    expect(wireUrl(given.path, given.query)).toBe(given.wireUrl)
  })

  it('signs bytes and text of a body alike', () => {
    if (given.body === undefined) expect(stringToSign(signable(given))).toContain(emptyHash)
    else expect(sign({ ...signable(given), body: Buffer.from(given.body) })).toBe(given.signature)
  })
})

const emptyHash = createHash('sha256').update('').digest('hex')

it('the scheme of older projects has its signature, with and without a token', () => {
  expect(signLegacy(clientId, secret, t)).toBe(legacy.signature)
  expect(signLegacy(clientId, secret, t, 'token')).not.toBe(legacy.signature)
})

const word = fc.stringMatching(/^[A-Za-z_]{1,8}$/)
const queries = fc.dictionary(word, anyText({ maxLength: 12 }), { maxKeys: 6 })

const requests = fc.record<Signable>(
  {
    clientId: word,
    secret: fc.string({ minLength: 1 }),
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    url: queries.map((query) => canonicalUrl('/v1.0/devices', query)),
    body: fc.string(),
    t: fc.stringMatching(/^\d{13}$/),
    nonce: fc.uuid(),
    accessToken: fc.string(),
    signedHeaders: fc.array(fc.tuple(word, word), { maxLength: 3 }),
  },
  { requiredKeys: ['clientId', 'secret', 'method', 'url', 't'] },
)

it('an empty line always stands before the URL, with and without signed headers', () => {
  fc.assert(
    fc.property(requests, (request) => {
      const headers = (request.signedHeaders ?? []).map(([name, value]) => `${name}:${value}\n`).join('')
      const text = stringToSign(request)
      expect(text.startsWith(`${request.method}\n`)).toBe(true)
      expect(text.endsWith(`\n${headers}\n${request.url}`)).toBe(true)
      expect(text.slice(request.method.length + 1)).toMatch(/^[0-9a-f]{64}\n/)
    }),
  )
})

it('a signature is 64 upper-case hexadecimal characters and depends on every part', () => {
  fc.assert(
    fc.property(requests, (request) => {
      const signature = sign(request)
      expect(signature).toMatch(/^[0-9A-F]{64}$/)
      const changes: Partial<Signable>[] = [
        { secret: `${request.secret}x` },
        { url: `${request.url}x` },
        { body: `${String(request.body ?? '')}x` },
        { t: '1700000000001' },
        { nonce: 'another-nonce' },
        { accessToken: 'another-token' },
        { signedHeaders: [...(request.signedHeaders ?? []), ['lang', 'en']] },
        { method: 'PATCH' },
      ]
      for (const change of changes) expect(sign({ ...request, ...change })).not.toBe(signature)
    }),
  )
})

describe('the URL', () => {
  it('has its keys in ascending ASCII order, capitals first, and an empty value after its equals sign', () => {
    expect(canonicalUrl('/x', { b: '1', B: '2', _: '', a1: '3', a: '4' })).toBe('/x?B=2&_=&a=4&a1=3&b=1')
    expect(canonicalUrl('/x', {})).toBe('/x')
    expect(wireUrl('/x', {})).toBe('/x')
  })

  it('is signed as it is meant and sent encoded', () => {
    const query = { name: 'Küche & Flur + 1/2', codes: 'a,b' }
    expect(canonicalUrl('/x', query)).toBe('/x?codes=a,b&name=Küche & Flur + 1/2')
    expect(wireUrl('/x', query)).toBe('/x?codes=a%2Cb&name=K%C3%BCche%20%26%20Flur%20%2B%201%2F2')
  })

  it('does not depend on the order in which the query was given, and neither does the signature', () => {
    fc.assert(
      fc.property(
        queries.chain((query) => {
          const entries = Object.entries(query)
          return fc.tuple(
            fc.constant(entries),
            fc.shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length }),
          )
        }),
        (orders) => {
          const [one, other] = orders.map((entries) => Object.fromEntries(entries)) as [Query, Query]
          expect(canonicalUrl('/x', one)).toBe(canonicalUrl('/x', other))
          expect(wireUrl('/x', one)).toBe(wireUrl('/x', other))
          const request = { clientId, secret, t, method: 'GET' }
          expect(sign({ ...request, url: canonicalUrl('/x', one) })).toBe(
            sign({ ...request, url: canonicalUrl('/x', other) }),
          )
        },
      ),
    )
  })

  it('on the wire decodes to what was signed, whatever the values are', () => {
    const anything = fc.oneof(
      anyText({ maxLength: 20 }),
      fc.constantFrom('\ud800', 'a\udc00b', '%', '%2C', '+', '&=?#', ' '),
    )
    fc.assert(
      fc.property(fc.dictionary(word, anything, { maxKeys: 5 }), (query) => {
        const url = new URL(wireUrl('/v1.0/x', query), 'https://cloud.example')
        const signed = Buffer.from(canonicalUrl('/v1.0/x', query)).toString()
        expect(canonicalUrl(url.pathname, Object.fromEntries(url.searchParams))).toBe(signed)
      }),
    )
  })
})

it('token calls are told by their path', () => {
  expect(['/v1.0/token', '/v1.0/token/abc'].map(isTokenPath)).toEqual([true, true])
  expect(
    ['/v1.0/tokens', '/v1.0/tokenx/a', '/v1.0/devices/token', '/v1.1/token', ''].map(isTokenPath),
  ).toEqual([false, false, false, false, false])
})
