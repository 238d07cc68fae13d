import type { AnyOperation } from '../../codec/cloud/operation.ts'
import { operationAt } from '../../codec/cloud/operation-at.ts'

/** The operation that serves a request, and what its path holds. */
export function findRoute(
  method: string,
  path: string,
): { readonly operation: AnyOperation; readonly args: Readonly<Record<string, string>> } | undefined {
  const found = operationAt(method, path)
  return found && { operation: found.operation, args: found.params }
}
