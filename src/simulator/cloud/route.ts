import { mqttAccessConfig } from '../../codec/cloud/operation/mqtt-access-config.ts'
import type { AnyOperation } from '../../codec/cloud/operation.ts'
import { operationAt } from '../../codec/cloud/operation-at.ts'

/** Older paths of the same operations; those who log in with an app account use them. */
const olderPaths: Readonly<Record<string, string>> = {
  '/v1.0/open-hub/access/config': mqttAccessConfig.path,
}

/** The operation that serves a request, and what its path holds. */
export function findRoute(
  method: string,
  path: string,
): { readonly operation: AnyOperation; readonly args: Readonly<Record<string, string>> } | undefined {
  const found = operationAt(method, Object.hasOwn(olderPaths, path) ? (olderPaths[path] as string) : path)
  return found && { operation: found.operation, args: found.params }
}
