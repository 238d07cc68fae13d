import { type FaultKind, publicReason } from '../../codec/cloud/fault.ts'
import type { AnyArguments, AnyOperation } from '../../codec/cloud/operation.ts'
import { SendError, type SendOutcome } from '../../domain/link.ts'
import { BridgeError, type BridgeErrorOptions } from '../../util/error.ts'
import type { Secret } from '../../util/secret.ts'

/** Who asks; earlier ones go first and reach deeper into the budget (R-C6). */
export const priorities = ['token', 'command', 'reconcile', 'discovery'] as const
export type Priority = (typeof priorities)[number]

export interface CloudRequest {
  readonly operation: AnyOperation
  readonly args: AnyArguments
  readonly priority: Priority
  readonly signal: AbortSignal
  /** Somebody waits for a command that this call stands for, whatever its own priority. */
  readonly urgent?: boolean
  /** Doing it twice does something twice: it goes out again only when no byte of it left (R-K4). */
  readonly once?: boolean
  /** Put in by the token layer; absent on token calls. */
  readonly accessToken?: Secret
}

export interface CloudReply {
  readonly result: unknown
}

export type Handler = (request: CloudRequest) => Promise<CloudReply>

/** One manner of the client; each wraps the next. */
export type Layer = (next: Handler) => Handler

/** The first layer is the outermost. */
export function compose(layers: readonly Layer[], innermost: Handler): Handler {
  return layers.reduceRight<Handler>((next, layer) => layer(next), innermost)
}

/** `budget` and `blocked` are our own refusals: nothing was sent, and the cloud is not to blame. */
export type CloudFaultKind = FaultKind | 'budget' | 'blocked'

/** Faults that the cloud names only to a project and a token that it takes. */
export const answers: readonly CloudFaultKind[] = [
  'permission',
  'undelivered',
  'device-offline',
  'unsupported',
  'gone',
  'request',
  'refused',
]

export class CloudError extends SendError {
  readonly kind: CloudFaultKind
  readonly retryAfterMs: number | undefined

  constructor(
    kind: CloudFaultKind,
    outcome: SendOutcome,
    message: string,
    options: BridgeErrorOptions & { readonly code?: string; readonly retryAfterMs?: number } = {},
  ) {
    const verdict = kind === 'budget' || kind === 'blocked' ? undefined : publicReason(kind)
    super(outcome, options.code ?? verdict?.reason ?? 'cloud/quota', message, {
      retry: verdict?.retry ?? 'later',
      ...options,
    })
    this.kind = kind
    this.retryAfterMs = options.retryAfterMs
  }
}

/** Given up while it waited, for `what`: nothing was sent, whatever the caller's reason. */
export function neverLeft(reason: Error, what: string): CloudError {
  const code =
    reason instanceof BridgeError && reason.code === 'bridge/shutdown' ? reason.code : 'cloud/throttled'
  return new CloudError(
    'blocked',
    'not-sent',
    `The cloud call waited too long for ${what} and was not sent.`,
    { code, cause: reason },
  )
}

export function isCloudError(thrown: unknown, ...kinds: readonly CloudFaultKind[]): thrown is CloudError {
  return thrown instanceof CloudError && (kinds.length === 0 || kinds.includes(thrown.kind))
}
