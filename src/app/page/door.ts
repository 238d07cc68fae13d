import type { IncomingHttpHeaders } from 'node:http'
import { isLoopback } from '../../util/address.ts'

/** Words that stand-ins add to requests which they hand on. */
const handedOn = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'] as const

/**
 * Whether a request comes from this machine and nobody else had a hand in it. `host` is where the server listens. A
 * proxy on this machine looks like one of its users: what names another host, or was handed on, is not local.
 */
export function isLocal(host: string, headers: IncomingHttpHeaders): boolean {
  return (
    isLoopback(host) &&
    isLoopback(nameOf(headers.host)) &&
    handedOn.every((name) => headers[name] === undefined)
  )
}

/**
 * Whether a request that changes something, or opens the live connection, comes from our own page: browsers say where
 * the page came from that sends it. A request that does not say it is refused.
 */
export function isOwnPage(headers: IncomingHttpHeaders): boolean {
  const { host, origin } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  if (host === undefined || origin === undefined) return false
  return origin === `http://${host}` || origin === `https://${host}`
}

/** The value of a cookie; undefined where there is none of that name. */
export function cookieOf({ cookie = '' }: IncomingHttpHeaders, name: string): string | undefined {
  for (const part of cookie.split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name && value !== undefined && /^[\w-]{1,128}$/.test(value)) return value
  }
  return undefined
}

function nameOf(host = ''): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}
