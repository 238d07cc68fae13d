import type { Outcome, ProgressState } from '../../domain/command.ts'
import type { BridgeError } from '../../util/error.ts'
import { json, type Payload } from '../payload.ts'
import type { ThingKind } from './ports.ts'

/** What an answer is about. */
export interface Subject {
  /** `device/<id>`, `scene/<id>`, `op/<id>`, with what else the topic said where nothing listens. */
  readonly target: string
  readonly result:
    | { readonly kind: ThingKind | 'operation' | 'bridge'; readonly name: string }
    | { readonly kind: 'unknown' }
}

/** The answer document of the topic contract, 7.4. */
export function receipt(
  id: string | null,
  subject: Subject,
  outcome: Outcome,
  ms: number,
  timeMs: number,
): Payload {
  const { state, by, path, sent, result, attempts, warnings, reason, message, retry, details, tuya } = outcome
  return json({
    id,
    target: subject.target,
    state,
    ok: state === 'confirmed',
    final: true,
    by,
    path,
    ms: Math.max(0, Math.round(ms)),
    sent,
    result,
    attempts,
    warnings: warnings && warnings.length > 0 ? warnings : undefined,
    reason,
    message,
    retry,
    details,
    tuya,
    timeMs,
  })
}

export function progressReceipt(
  id: string | null,
  subject: Subject,
  state: ProgressState,
  ms: number,
  timeMs: number,
): Payload {
  return json({
    id,
    target: subject.target,
    state,
    ok: true,
    final: false,
    ms: Math.max(0, Math.round(ms)),
    timeMs,
  })
}

/** A command that was refused before it was accepted. */
export function rejected(error: BridgeError): Outcome {
  const expired = error.code === 'command/expired'
  return {
    state: expired ? 'expired' : 'rejected',
    reason: error.code,
    message: error.message,
    retry: error.retry,
    ...(error.details ? { details: error.details } : {}),
    ...(error.tuya ? { tuya: error.tuya } : {}),
  }
}
