import { deviceStatus } from '../../src/codec/cloud/operation/device-status.ts'
import type { AnyOperation } from '../../src/codec/cloud/operation.ts'
import type { SendOutcome } from '../../src/domain/link.ts'
import {
  CloudError,
  type CloudFaultKind,
  type CloudReply,
  type CloudRequest,
  type Handler,
} from '../../src/transport/cloud/layer.ts'
import type { CloudVerdict } from '../../src/util/error.ts'

/** An operation, whatever its types, as the layers see it. */
export function anyOperation(operation: unknown): AnyOperation {
  return operation as AnyOperation
}

/** A request as it comes to a layer: a read of one device unless told. */
export function requestOf(changes: Partial<CloudRequest> = {}): CloudRequest {
  return {
    operation: anyOperation(deviceStatus),
    args: { device_id: 'bf1' },
    priority: 'reconcile',
    signal: new AbortController().signal,
    ...changes,
  }
}

export function fault(
  kind: CloudFaultKind,
  outcome: SendOutcome = 'refused',
  more: { readonly tuya?: CloudVerdict; readonly retryAfterMs?: number } = {},
): CloudError {
  return new CloudError(kind, outcome, `The test answers ${kind}.`, more)
}

/** A handler that gives these answers one after the other, the last one for ever, and counts its calls. */
export function answering(...answers: readonly (CloudReply | Error)[]): Handler & { calls: CloudRequest[] } {
  const calls: CloudRequest[] = []
  const handler = async (request: CloudRequest) => {
    const answer = answers[Math.min(calls.length, answers.length - 1)]
    calls.push(request)
    if (answer instanceof Error) throw answer
    return answer ?? { result: true }
  }
  return Object.assign(handler, { calls })
}

export const fine: CloudReply = { result: true }
