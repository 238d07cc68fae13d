import { createHash } from 'node:crypto'
import { appLogin } from '../../codec/cloud/operation/app-login.ts'
import { customLogin } from '../../codec/cloud/operation/custom-login.ts'
import type { AnyOperation } from '../../codec/cloud/operation.ts'
import { canonicalUrl, isTokenPath, type Query, sign } from '../../codec/cloud/sign.ts'
import { type Clock, sleep } from '../../util/clock.ts'
import type { Random } from '../../util/random.ts'
import type { Engine } from '../automation/engine.ts'
import type { Delivery } from '../delivery.ts'
import type { Faults } from '../fault.ts'
import type { Journal } from '../journal.ts'
import type { World } from '../world.ts'
import { readGiven } from './given.ts'
import { deviceWrites, handlers } from './handler/index.ts'
import { Meter } from './meter.ts'
import { PushAccess } from './push-access.ts'
import { Refusal } from './refusal.ts'
import { findRoute } from './route.ts'
import { Tokens } from './tokens.ts'

/** A request as it came over the wire. */
export interface CloudRequest {
  readonly method: string
  /** Path and query, encoded. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

export interface CloudAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  /** Faults of the connection itself. */
  readonly stall?: 'headers' | 'body'
  readonly reset?: boolean
}

export interface ServiceParts {
  readonly world: World
  readonly engine: Engine
  readonly delivery: Delivery
  readonly faults: Faults
  readonly journal: Journal
  readonly clock: Clock
  readonly random: Random
}

/** Who logs in has no token yet. */
const logins = new Set([appLogin.path, customLogin.path])

const clockWindowMs = 5 * 60_000
const pushSeconds = 7_200

/** The simulated cloud without its socket: signature, token, limits and operations in the platform's order. */
export class CloudService {
  readonly tokens: Tokens
  readonly pushAccess: PushAccess
  readonly #parts: ServiceParts
  readonly #meter: Meter
  #requests = 0

  constructor(parts: ServiceParts) {
    this.#parts = parts
    const { world, faults, clock, random } = parts
    const seconds = () => faults.number('token-seconds') ?? world.project.tokenSeconds
    this.tokens = new Tokens(clock, random, seconds, world.project.accessId)
    this.pushAccess = new PushAccess(clock, random, () => faults.number('hub-expire') ?? pushSeconds)
    this.#meter = new Meter(clock, faults)
  }

  async answer(request: CloudRequest): Promise<CloudAnswer> {
    const { faults, clock, random } = this.#parts
    this.#requests++
    const latencyMs = faults.milliseconds('latency', random)
    if (latencyMs > 0) await sleep(clock, latencyMs)
    return this.#faulty(request) ?? this.#regular(request)
  }

  /** Faults of everything below the platform's own answers. */
  #faulty(request: CloudRequest): CloudAnswer | undefined {
    const { faults, journal } = this.#parts
    const broken = (answer: Partial<CloudAnswer>): CloudAnswer => {
      journal.note('request', 'fault', { target: request.target.split('?')[0] })
      return { status: 200, headers: {}, body: '', ...answer }
    }
    const every = faults.number('reset')
    if (every !== undefined && this.#requests % every === 0) return broken({ reset: true })
    const stall = faults.text('stall')
    if (stall === 'headers' || stall === 'body') return broken({ stall })
    const redirect = faults.text('redirect')
    if (redirect !== undefined) return broken({ status: 302, headers: { location: redirect } })
    const status = faults.number('http')
    if (status !== undefined) {
      const seconds = faults.text('retry-after')
      return broken({ status, headers: seconds === undefined ? {} : { 'retry-after': seconds } })
    }
    const garbage = faults.text('garbage')
    return garbage === undefined ? undefined : broken(garbageOf(garbage))
  }

  #regular(request: CloudRequest): CloudAnswer {
    const { clock, faults, journal } = this.#parts
    const t = clock.now() + (faults.number('clock-skew') ?? 0)
    let name = 'unknown'
    let withTime = true
    try {
      const url = new URL(request.target, 'http://simulator')
      const found = findRoute(request.method, url.pathname)
      if (!found) throw new Refusal(1108, 'uri path invalid')
      name = found.operation.id
      // One of the platform's pages prints the device without a time.
      withTime = name !== 'device-get'
      const query = Object.fromEntries(url.searchParams)
      const caller = this.#authenticate(request, url.pathname, query, t)
      this.#meter.check(found.operation)
      const result = this.#execute(found.operation, { ...query, ...found.args }, request.body, caller)
      journal.note('request', name, { args: { ...query, ...found.args } })
      const stalled = deviceWrites.has(name) && faults.has('commands-act-then-stall')
      const content = { result, success: true, ...(withTime ? { t } : {}) }
      return { ...envelope(content, this.#requests), ...(stalled ? { stall: 'headers' } : {}) }
    } catch (thrown) {
      const refusal = thrown instanceof Refusal ? thrown : new Refusal(500, 'system error')
      journal.note('request', name, { code: refusal.code })
      return envelope({ code: refusal.code, msg: refusal.message, success: false, t }, this.#requests)
    }
  }

  /**
   * Headers, project, clock, signature over the raw bytes, token: in this order. Gives the app user whose token it is;
   * undefined for the project's own.
   */
  #authenticate(request: CloudRequest, path: string, query: Query, now: number): string | undefined {
    const { headers } = request
    const { client_id, sign: given, sign_method, t, nonce, access_token } = headers
    if (!client_id || !given || !sign_method || !t) throw new Refusal(1105, 'header is missing')
    const { project } = this.#parts.world
    if (client_id !== project.accessId) throw new Refusal(1005, 'clientId is invalid')
    if (!/^\d{13}$/.test(t) || Math.abs(now - Number(t)) > clockWindowMs)
      throw new Refusal(1013, 'request time is invalid')
    const isToken = isTokenPath(path)
    const signedHeaders = (headers['signature-headers'] ?? '')
      .split(':')
      .filter(Boolean)
      .map((name) => [name, headers[name.toLowerCase()] ?? ''] as const)
    const expected = sign({
      clientId: client_id,
      secret: project.accessSecret,
      method: request.method,
      url: canonicalUrl(path, query),
      body: request.body,
      t,
      signedHeaders,
      ...(nonce === undefined ? {} : { nonce }),
      ...(isToken || access_token === undefined ? {} : { accessToken: access_token }),
    })
    if (given !== expected) throw new Refusal(1004, 'sign invalid')
    return isToken || logins.has(path) ? undefined : this.tokens.check(access_token ?? '')
  }

  #execute(
    operation: AnyOperation,
    fromUrl: Record<string, string>,
    bytes: Uint8Array,
    caller: string | undefined,
  ): unknown {
    const args = readGiven(operation, fromUrl, bodyOf(bytes))
    const run = handlers.get(operation.id)
    if (!run) throw new Refusal(1108, 'uri path invalid')
    return run({ ...this.#parts, tokens: this.tokens, pushAccess: this.pushAccess, caller }, args as never)
  }
}

function bodyOf(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return undefined
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    throw new Refusal(1109, 'param is illegal, please check it')
  }
}

function envelope(content: object, number: number): CloudAnswer {
  const tid = createHash('md5').update(String(number)).digest('hex')
  return {
    status: 200,
    headers: { 'content-type': 'application/json;charset=UTF-8' },
    body: JSON.stringify({ ...content, tid }),
  }
}

function garbageOf(kind: string): Partial<CloudAnswer> {
  switch (kind) {
    case 'html':
      return { headers: { 'content-type': 'text/html' }, body: '<html>maintenance</html>' }
    case 'gzip':
      return { headers: { 'content-encoding': 'gzip' }, body: Buffer.alloc(64, 31) }
    case 'huge':
      return { body: `{"success":true,"result":"${'x'.repeat(8 * 1024 * 1024)}"}` }
    case 'number':
      return { body: '{"success":true,"result":[{"id":"bf1","online":1e999}],"t":1e999}' }
    default:
      return { body: '{"success":tr' }
  }
}
