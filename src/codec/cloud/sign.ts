import { createHash, createHmac } from 'node:crypto'
import { wellFormed } from '../../util/text.ts'

/** A request as it is signed. Source: the platform's page on signing; projects created after 30 June 2021. */
export interface Signable {
  readonly clientId: string
  readonly secret: string
  readonly method: string
  /** Path and query as canonicalUrl() gives them. */
  readonly url: string
  /** The exact bytes of the body; absent when there is none. */
  readonly body?: Uint8Array | string
  /** Milliseconds, as sent in the header `t`. */
  readonly t: string
  readonly nonce?: string
  /** Absent on token calls, where it is never signed. */
  readonly accessToken?: string
  /** Extra headers that are signed too, in order. */
  readonly signedHeaders?: readonly (readonly [name: string, value: string])[]
}

export type Query = Readonly<Record<string, string>>

const queryOf = (query: Query, encode: (text: string) => string): string =>
  Object.keys(query)
    .sort(byAscii)
    .map((key) => `${encode(key)}=${encode(query[key] ?? '')}`)
    .join('&')

/** What is signed: keys in ascending ASCII order, values not percent-encoded. */
export function canonicalUrl(path: string, query: Query): string {
  const text = queryOf(query, (value) => value)
  return text === '' ? path : `${path}?${text}`
}

/** What goes over the wire. */
export function wireUrl(path: string, query: Query): string {
  const text = queryOf(query, (value) => encodeURIComponent(wellFormed(value)))
  return text === '' ? path : `${path}?${text}`
}

/** METHOD, body hash, signed headers and URL; an empty line always stands before the URL. */
export function stringToSign(request: Signable): string {
  const hash = createHash('sha256')
    .update(request.body ?? '')
    .digest('hex')
  const headers = (request.signedHeaders ?? []).map(([name, value]) => `${name}:${value}\n`).join('')
  return [request.method, hash, headers, request.url].join('\n')
}

/** 64 upper-case hexadecimal characters. */
export function sign(request: Signable): string {
  const text =
    request.clientId + (request.accessToken ?? '') + request.t + (request.nonce ?? '') + stringToSign(request)
  return hmac(request.secret, text)
}

/** The scheme of projects before July 2021; today's projects refuse it. */
export function signLegacy(clientId: string, secret: string, t: string, accessToken = ''): string {
  return hmac(secret, clientId + accessToken + t)
}

/** Calls under this path never sign the token, even when the header is sent. */
export function isTokenPath(path: string): boolean {
  return path === '/v1.0/token' || path.startsWith('/v1.0/token/')
}

function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex').toUpperCase()
}

function byAscii(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
