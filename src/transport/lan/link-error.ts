import { BridgeError, type BridgeErrorOptions } from '../../util/error.ts'

/**
 * Why a connection to a device ended or did not come about. `key`: the device does not understand us, which is its
 * key or its version; `refused`: it took the connection and ended it before it was asked anything.
 */
export type LanEnd =
  | 'unreachable'
  | 'refused'
  | 'key'
  | 'timeout'
  | 'protocol'
  | 'closed'
  | 'changed'
  | 'stopped'

export class LanLinkError extends BridgeError {
  readonly end: LanEnd

  constructor(end: LanEnd, message: string, options: BridgeErrorOptions = {}) {
    super(`lan/${publicWord(end)}`, message, { retry: 'later', ...options })
    this.name = 'LanLinkError'
    this.end = end
  }
}

/** Who doubts a key for the first time says only that he was refused. */
function publicWord(end: LanEnd): string {
  return end === 'key' ? 'refused' : end
}

export const keyEnd = (message: string, cause?: unknown): LanLinkError =>
  new LanLinkError('key', message, { cause })

export const stopped = (): LanLinkError => new LanLinkError('stopped', 'The bridge is stopping.')

export const changed = (): LanLinkError =>
  new LanLinkError('changed', 'Key, address or version of the device have changed.')

export const thrownOut = (): LanLinkError =>
  new LanLinkError(
    'refused',
    'The device takes connections and ends them at once: another app or hub may hold its only place, or it needs its power cut once.',
  )

/** Whatever was thrown while a connection was made. */
export function toLinkError(thrown: unknown): LanLinkError {
  if (thrown instanceof LanLinkError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new LanLinkError('unreachable', `The device cannot be reached: ${message}.`, { cause: thrown })
}
