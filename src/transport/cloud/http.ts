import type { LookupFunction } from 'node:net'
import { Agent, request } from 'undici'
import { deadline, systemClock } from '../../util/clock.ts'
import { CloudError } from './layer.ts'

export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** The whole exchange ends by then. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface HttpReply {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: Uint8Array
}

/** One exchange with the cloud. Rejects with CloudError, which says whether the request may have been seen. */
export interface HttpExchange extends AsyncDisposable {
  exchange(request: HttpRequest): Promise<HttpReply>
}

/** S-4: the most that an answer may weigh. */
const largestReply = 4 * 1024 * 1024
const connectTimeoutMs = 5_000
const silenceMs = 10_000

/** Failures from before the first byte of the request could leave. */
const neverLeft = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EMFILE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

export interface HttpOptions {
  readonly lookup?: LookupFunction
  /** Trusted certificates besides the system's, PEM. */
  readonly ca?: string
}

/** The sockets towards the cloud (R-C1): certificates verified, no redirects, no decompression, everything bounded. */
export class UndiciExchange implements HttpExchange {
  readonly #agent: Agent

  constructor(options: HttpOptions = {}) {
    this.#agent = new Agent({
      connect: {
        timeout: connectTimeoutMs,
        minVersion: 'TLSv1.2',
        rejectUnauthorized: true,
        ...(options.lookup ? { lookup: options.lookup } : {}),
        ...(options.ca ? { ca: options.ca } : {}),
      },
      connections: 8,
      keepAliveTimeout: 30_000,
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      maxHeaderSize: 16 * 1024,
      maxResponseSize: largestReply,
    })
  }

  async exchange(call: HttpRequest): Promise<HttpReply> {
    const late = () => new DOMException('no answer', 'TimeoutError')
    const end = deadline(systemClock, call.timeoutMs, late, call.signal)
    try {
      const reply = await request(call.url, {
        dispatcher: this.#agent,
        method: call.method as 'GET',
        headers: call.headers,
        body: call.body ?? null,
        signal: end.signal,
      })
      if (reply.headers['content-encoding'] !== undefined) {
        // What is not read ends in an error event, which nobody else listens for.
        reply.body.once('error', () => {}).destroy()
        throw new CloudError(
          'transient',
          'unknown',
          'The cloud sent a compressed answer, which was not asked for.',
        )
      }
      const body = new Uint8Array(await reply.body.arrayBuffer())
      const retryAfter = reply.headers['retry-after']
      return {
        status: reply.statusCode,
        retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
        body,
      }
    } catch (thrown) {
      throw toCloudError(thrown, call.signal)
    } finally {
      end.cancel()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }
}

function toCloudError(thrown: unknown, signal: AbortSignal): unknown {
  if (thrown instanceof CloudError) return thrown
  if (signal.aborted) return signal.reason
  const code = errorCode(thrown)
  const outcome = neverLeft.has(code) ? 'not-sent' : 'unknown'
  const why = code === '' ? 'no answer in time' : code
  return new CloudError('transient', outcome, `The cloud could not be reached (${why}).`, { cause: thrown })
}

function errorCode(thrown: unknown): string {
  const own = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  if (own !== '' && own !== '20' && own !== '23') return own
  const cause = thrown instanceof Error ? thrown.cause : undefined
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}
