import type { IncomingMessage, ServerResponse } from 'node:http'
import { isRecord, own, parseJson } from '../../util/json.ts'
import type { Asset } from './assets.ts'
import { cookieOf, isLocal, isOwnPage } from './door.ts'
import { type Login, sessionMs } from './login.ts'
import type { PageSession } from './protocol.ts'

export interface RoutesParts {
  readonly assets: ReadonlyMap<string, Asset>
  readonly login: Login
  /** Where the server listens. */
  readonly host: string
  readonly cookie: string
  /** Somebody signed out: what was opened in that session ends. */
  readonly onSignOut: (session: string) => void
}

const loginLimit = { bytes: 2 * 1024, depth: 2, keys: 4 }

/** Nothing but our own files, nothing inside a frame, nothing to anybody else. */
export const securityHeaders = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** What the HTTP port serves besides health and metrics: the page's files, and the way in. */
export class Routes {
  readonly #parts: RoutesParts

  constructor(parts: RoutesParts) {
    this.#parts = parts
  }

  /** Answers, or gives false for what is not the page's. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    if (path === '/login' || path === '/logout') {
      if (request.method !== 'POST') return false
      if (!isOwnPage(request.headers)) answer(response, 403, { refused: 'cross-site' })
      else if (path === '/login') await this.#signIn(request, response)
      else this.#signOut(request, response)
      return true
    }
    if (request.method !== 'GET') return false
    if (path === '/session') answer(response, 200, this.sessionOf(request))
    else if (path === '/' && this.#parts.assets.size === 0)
      answerText(response, 503, 'The page is not built: npm run build.')
    else return this.#asset(path, request, response)
    return true
  }

  /** Whether whoever asks may look and command. */
  sessionOf({ headers }: IncomingMessage): PageSession {
    const { login, cookie, host } = this.#parts
    if (login.needed)
      return { needed: true, signedIn: login.isSignedIn(cookieOf(headers, cookie)), shut: null }
    return isLocal(host, headers)
      ? { needed: false, signedIn: true, shut: null }
      : { needed: true, signedIn: false, shut: 'no-password' }
  }

  #asset(path: string, request: IncomingMessage, response: ServerResponse): boolean {
    const asset = this.#parts.assets.get(path)
    if (!asset) return false
    const { contentType, plain, gzip, etag } = asset
    const headers = { ...securityHeaders, 'cache-control': 'no-cache', etag, vary: 'accept-encoding' }
    if (request.headers['if-none-match'] === etag) response.writeHead(304, headers).end()
    else if (/\bgzip\b/.test(request.headers['accept-encoding'] ?? ''))
      response
        .writeHead(200, { ...headers, 'content-type': contentType, 'content-encoding': 'gzip' })
        .end(gzip)
    else response.writeHead(200, { ...headers, 'content-type': contentType }).end(plain)
    return true
  }

  async #signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { login } = this.#parts
    const password = await readPassword(request)
    if (!login.needed || password === undefined) {
      answer(response, 400, { refused: 'bad-request' })
      return
    }
    const end = await login.tryPassword(password, request.socket.remoteAddress ?? '')
    if ('session' in end)
      answer(response, 200, { signedIn: true }, this.#cookie(request, end.session, sessionMs / 1_000))
    else answer(response, end.refused === 'wrong' ? 401 : 429, end)
  }

  #signOut(request: IncomingMessage, response: ServerResponse): void {
    const { login, cookie, onSignOut } = this.#parts
    const session = cookieOf(request.headers, cookie)
    if (session !== undefined) {
      login.signOut(session)
      onSignOut(session)
    }
    answer(response, 200, { signedIn: false }, this.#cookie(request, '', 0))
  }

  /** Only by TLS where it came by TLS; a proxy that ends it leaves the origin as it was. */
  #cookie({ headers }: IncomingMessage, value: string, seconds: number): string {
    const secure = headers.origin?.startsWith('https:') ? '; Secure' : ''
    return `${this.#parts.cookie}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
  }
}

async function readPassword(request: IncomingMessage): Promise<string | undefined> {
  if (!request.headers['content-type']?.startsWith('application/json')) return undefined
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > loginLimit.bytes) return undefined
    chunks.push(chunk)
  }
  try {
    const body = parseJson(Buffer.concat(chunks), loginLimit)
    const password = isRecord(body) ? own(body, 'password') : undefined
    return typeof password === 'string' ? password : undefined
  } catch {
    return undefined
  }
}

function answer(response: ServerResponse, status: number, value: object, cookie?: string): void {
  response.writeHead(status, {
    ...securityHeaders,
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(cookie === undefined ? {} : { 'set-cookie': cookie }),
  })
  response.end(`${JSON.stringify(value)}\n`)
}

function answerText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    ...securityHeaders,
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(`${text}\n`)
}
