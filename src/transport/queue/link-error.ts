import { BridgeError, type BridgeErrorOptions, toBridgeError } from '../../util/error.ts'

/** Why a connection to the queue ended or did not come about; public words. */
export type LinkEnd =
  | 'closed'
  | 'unreachable'
  | 'timeout'
  | 'certificate'
  | 'credentials'
  | 'permission'
  | 'refused'
  | 'throttled'
  | 'unavailable'
  | 'too-large'
  | 'protocol'
  | 'undecodable'
  | 'busy'
  | 'broker-down'
  | 'renewed'
  | 'expired'
  | 'new-device'
  | 'stopped'

export interface LinkErrorOptions extends BridgeErrorOptions {
  /** The HTTP status that answered the handshake. */
  readonly status?: number
  /** What the other side asked for. */
  readonly retryAfterMs?: number
}

export class QueueLinkError extends BridgeError {
  readonly end: LinkEnd
  readonly status: number | null
  readonly retryAfterMs: number | null

  constructor(end: LinkEnd, message: string, options: LinkErrorOptions = {}) {
    super(`queue/${end}`, message, { retry: 'later', ...options })
    this.name = 'QueueLinkError'
    this.end = end
    this.status = options.status ?? null
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}

const refusals: Readonly<Record<number, { readonly end: LinkEnd; readonly message: string }>> = {
  400: { end: 'refused', message: 'The queue does not understand how we ask (400).' },
  401: {
    end: 'credentials',
    message:
      'The queue refused the access id or its secret (401). Check both, the region, and that the message service is enabled for the project.',
  },
  403: { end: 'permission', message: 'The project may not read this queue (403).' },
  404: {
    end: 'refused',
    message: 'The queue or the subscription does not exist (404). Check environment and subscription.',
  },
  409: {
    end: 'refused',
    message:
      'Another consumer holds the subscription in another way (409). Stop it, or use a subscription of your own.',
  },
  429: { end: 'throttled', message: 'The queue was asked too often (429).' },
}

/** The answer to a handshake that was not the one hoped for. */
export function refusal(status: number, retryAfter: string | undefined): QueueLinkError {
  const seconds = retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined
  const { end, message } = refusals[status] ?? unnamed(status)
  return new QueueLinkError(end, message, {
    status,
    retry: end === 'credentials' ? 'after-login' : 'later',
    ...(seconds === undefined ? {} : { retryAfterMs: seconds * 1_000 }),
  })
}

function unnamed(status: number): { readonly end: LinkEnd; readonly message: string } {
  if (status >= 500) return { end: 'unavailable', message: `The queue is out of order (${status}).` }
  if (status >= 400) return { end: 'refused', message: `The queue refused the connection (${status}).` }
  return { end: 'protocol', message: `What answers at the queue’s address is no queue (${status}).` }
}

/** Codes of Node and OpenSSL for a certificate that is not good. */
const certificateCode = /CERT|SELF_SIGNED|LEAF_SIGNATURE|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH/

/** What the library complains about, before the connection stood or after. */
export function socketError(error: Error & { code?: unknown }, stood: boolean): QueueLinkError {
  const code = typeof error.code === 'string' ? error.code : ''
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    return new QueueLinkError('too-large', 'The queue sent a message that is too large to be read.')
  if (code.startsWith('WS_ERR_') || code === '')
    return new QueueLinkError('protocol', 'What the queue sent is no WebSocket.', { cause: error })
  if (certificateCode.test(code))
    return new QueueLinkError(
      'certificate',
      `The queue’s certificate is not trusted (${code}). Check the address, or give its authority as queue.tls.ca.`,
    )
  if (code.startsWith('HPE_') || code.startsWith('ERR_SSL_') || code === 'EPROTO')
    return new QueueLinkError('protocol', `What answers at the queue’s address is no queue (${code}).`)
  if (stood) return new QueueLinkError('closed', `The connection to the queue was lost (${code}).`)
  if (code === 'ETIMEDOUT') return new QueueLinkError('timeout', 'The queue does not answer.')
  return new QueueLinkError('unreachable', `The queue cannot be reached (${code}).`)
}

/** Whatever kept a connection from coming about. */
export function toLinkError(thrown: unknown): QueueLinkError {
  if (thrown instanceof QueueLinkError) return thrown
  const { message } = toBridgeError(thrown)
  return new QueueLinkError('protocol', `The queue could not be opened: ${message}`, { cause: thrown })
}
