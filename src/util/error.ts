/** What the caller may do about a failure. Callers branch on this, never on a message. */
export type Retry = 'never' | 'later' | 'after-login'

/** What the cloud said, word for word; shown to the user, never branched on. */
export interface CloudVerdict {
  readonly code: number
  readonly msg: string
  readonly tid?: string
}

export interface BridgeErrorOptions {
  readonly retry?: Retry
  readonly details?: readonly object[]
  readonly tuya?: CloudVerdict
  readonly cause?: unknown
}

/**
 * The one error type that crosses folders. `code` is `area/word` ('cloud/token-invalid', 'command/read-only');
 * the message is one English sentence that tells the user what to do and never holds a secret.
 */
export class BridgeError extends Error {
  readonly code: string
  readonly retry: Retry
  readonly details: readonly object[] | undefined
  readonly tuya: CloudVerdict | undefined

  constructor(code: string, message: string, options: BridgeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'BridgeError'
    this.code = code
    this.retry = options.retry ?? 'never'
    this.details = options.details
    this.tuya = options.tuya
  }
}

/** The verdict of anything thrown; what is not ours is a defect of ours: `bridge/internal`. */
export function toBridgeError(thrown: unknown): BridgeError {
  if (thrown instanceof BridgeError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new BridgeError('bridge/internal', message, { retry: 'later', cause: thrown })
}

/** Whether a failure is the caller's own cancellation. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError')
}
