import { canonicalUrl, isTokenPath, type Query, sign, wireUrl } from '../../src/codec/cloud/sign.ts'
import type { CloudAnswer, CloudRequest } from '../../src/simulator/cloud/service.ts'
import { Simulator } from '../../src/simulator/simulator.ts'
import { demoWorld, type WorldFile } from '../../src/simulator/world-file.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface CallOptions {
  readonly query?: Query
  /** A text goes out as it is, anything else as JSON. */
  readonly body?: unknown
  /** Signed and sent; a living one is fetched when the path needs it and none is given. */
  readonly token?: string
  readonly nonce?: string
  readonly signedHeaders?: readonly (readonly [name: string, value: string])[]
  /** How far the caller's clock is ahead. */
  readonly aheadMs?: number
  /** What is changed after signing; undefined removes a header. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

/** What the platform's envelope says. */
export interface Reply {
  readonly success: boolean
  readonly result?: unknown
  readonly code?: number
  readonly msg?: string
  readonly t?: number
  readonly tid?: string
}

export interface CallerOptions {
  readonly world?: WorldFile
  readonly faults?: readonly string[]
  readonly seed?: number
}

/** A client of the simulated cloud that signs as the platform demands and needs no socket; time stands still. */
export class CloudCaller {
  readonly clock = new VirtualClock()
  readonly simulator: Simulator

  constructor({ world = demoWorld(), faults = [], seed = 1 }: CallerOptions = {}) {
    this.simulator = new Simulator({ world, faults, seed, clock: this.clock, alive: false })
  }

  /** The request as it would arrive. */
  request(method: string, path: string, options: CallOptions = {}): CloudRequest {
    const { query = {}, nonce, signedHeaders = [], token = '' } = options
    const { accessId, accessSecret } = this.simulator.world.project
    const body = bytesOf(options.body)
    const t = String(this.clock.now() + (options.aheadMs ?? 0))
    const signature = sign({
      clientId: accessId,
      secret: accessSecret,
      method,
      url: canonicalUrl(path, query),
      body,
      t,
      signedHeaders,
      ...(nonce === undefined ? {} : { nonce }),
      ...(isTokenPath(path) ? {} : { accessToken: token }),
    })
    return {
      method,
      target: wireUrl(path, query),
      body,
      headers: {
        client_id: accessId,
        sign: signature,
        sign_method: 'HMAC-SHA256',
        t,
        ...(token === '' ? {} : { access_token: token }),
        ...(nonce === undefined ? {} : { nonce }),
        ...(signedHeaders.length === 0
          ? {}
          : { 'signature-headers': signedHeaders.map(([name]) => name).join(':') }),
        ...Object.fromEntries(signedHeaders.map(([name, value]) => [name.toLowerCase(), value])),
        ...options.headers,
      },
    }
  }

  answer(request: CloudRequest): Promise<CloudAnswer> {
    return this.simulator.cloud.answer(request)
  }

  /** The envelope of the answer to a request. */
  async send(request: CloudRequest): Promise<Reply> {
    return envelopeOf(await this.answer(request))
  }

  /** Calls with a living token. */
  async call(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    const token = isTokenPath(path) ? undefined : (options.token ?? this.token())
    return this.send(this.request(method, path, { ...options, ...(token === undefined ? {} : { token }) }))
  }

  /** The result of a call that has to succeed. */
  async result<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    const reply = await this.call(method, path, options)
    if (!reply.success) throw new Error(`the cloud answered ${reply.code} ${reply.msg}`)
    return reply.result as T
  }

  /** The code of a call that has to fail; undefined when it succeeds. */
  async code(method: string, path: string, options: CallOptions = {}): Promise<number | undefined> {
    return (await this.call(method, path, options)).code
  }

  /** The living token, without a call. */
  token(): string {
    return this.simulator.cloud.tokens.get().access_token
  }
}

export function envelopeOf(answer: CloudAnswer): Reply {
  return JSON.parse(Buffer.from(answer.body).toString()) as Reply
}

function bytesOf(body: unknown): Uint8Array {
  if (body === undefined) return new Uint8Array()
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}
