import { parseEnvelope } from '../../codec/cloud/envelope.ts'
import { explain, faultOf, publicReason } from '../../codec/cloud/fault.ts'
import { buildCall } from '../../codec/cloud/operation.ts'
import { canonicalUrl, isTokenPath, sign, wireUrl } from '../../codec/cloud/sign.ts'
import type { Clock } from '../../util/clock.ts'
import type { Secret } from '../../util/secret.ts'
import type { HttpExchange, HttpReply } from './http.ts'
import { CloudError, type CloudReply, type CloudRequest } from './layer.ts'
import type { ServerClock } from './server-clock.ts'

export interface Credentials {
  /** Base URL, without a trailing slash. */
  readonly endpoint: string
  readonly accessId: string
  readonly accessSecret: Secret
}

export interface ExchangeParts {
  readonly credentials: Credentials
  readonly http: HttpExchange
  readonly serverClock: ServerClock
  readonly clock: Clock
  readonly nonce: () => string
}

const readTimeoutMs = 15_000
const commandTimeoutMs = 8_000

/** The innermost handler: sign, send, and read the envelope. */
export async function exchangeSigned(parts: ExchangeParts, request: CloudRequest): Promise<CloudReply> {
  const { credentials, serverClock } = parts
  const call = buildCall(request.operation, request.args)
  const t = String(serverClock.now())
  const nonce = parts.nonce()
  const token = isTokenPath(call.path) ? undefined : request.accessToken?.reveal()
  const signature = sign({
    clientId: credentials.accessId,
    secret: credentials.accessSecret.reveal(),
    method: call.method,
    url: canonicalUrl(call.path, call.query),
    t,
    nonce,
    ...(call.body === undefined ? {} : { body: call.body }),
    ...(token === undefined ? {} : { accessToken: token }),
  })
  const sentAt = parts.clock.monotonic()
  const reply = await parts.http.exchange({
    method: call.method,
    url: credentials.endpoint + wireUrl(call.path, call.query),
    headers: {
      client_id: credentials.accessId,
      sign: signature,
      sign_method: 'HMAC-SHA256',
      t,
      nonce,
      lang: 'en',
      ...(token === undefined ? {} : { access_token: token }),
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: call.body,
    timeoutMs: request.priority === 'command' ? commandTimeoutMs : readTimeoutMs,
    signal: request.signal,
  })
  return readReply(reply, serverClock, sentAt)
}

function readReply(reply: HttpReply, serverClock: ServerClock, sentAt: number): CloudReply {
  if (reply.status === 429) {
    const retryAfterMs = retryAfter(reply.retryAfter, serverClock.now())
    throw new CloudError('throttled', 'refused', 'The cloud asks for fewer calls (429).', {
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  }
  if (reply.status >= 500) {
    throw new CloudError('transient', 'unknown', `The cloud has trouble of its own (HTTP ${reply.status}).`)
  }
  if (reply.status >= 300 && reply.status < 400) {
    throw new CloudError(
      'transient',
      'unknown',
      `The cloud answered with a redirect (HTTP ${reply.status}), which is never followed. Check tuya.endpoint and the network’s login page.`,
    )
  }
  const envelope = envelopeOf(reply)
  if (envelope.t !== undefined) serverClock.observe(envelope.t, sentAt)
  if (envelope.success) return { result: envelope.result }
  const { kind } = faultOf(envelope.verdict.code)
  throw new CloudError(kind, kind === 'transient' ? 'unknown' : 'refused', explain(envelope.verdict), {
    ...publicReason(kind),
    tuya: envelope.verdict,
  })
}

function envelopeOf(reply: HttpReply) {
  try {
    return parseEnvelope(reply.body)
  } catch (thrown) {
    throw new CloudError(
      'transient',
      'unknown',
      `The cloud’s answer (HTTP ${reply.status}) could not be read: ${thrown instanceof Error ? thrown.message : ''}`,
    )
  }
}

const longestRetryAfterMs = 3_600_000
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** Seconds, or a date (RFC 9110, section 10.2.3); an hour at most, whatever stands there. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  const ms = /^\d{1,9}$/.test(text)
    ? Number(text) * 1000
    : httpDate.test(text)
      ? Date.parse(text) - now
      : Number.NaN
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestRetryAfterMs)
}
