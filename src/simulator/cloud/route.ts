import { operations } from '../../codec/cloud/operation/index.ts'
import { mqttAccessConfig } from '../../codec/cloud/operation/mqtt-access-config.ts'
import type { AnyOperation } from '../../codec/cloud/operation.ts'

interface Route {
  readonly operation: AnyOperation
  readonly levels: readonly string[]
}

const params = (route: Route) => route.levels.filter((level) => level.startsWith('{')).length

/** Static paths come before those that would take their words for ids. */
const routes: readonly Route[] = operations
  .map((operation) => ({ operation, levels: operation.path.split('/') }))
  .sort((a, b) => params(a) - params(b))

/** Older paths of the same operations; those who log in with an app account use them. */
const olderPaths: Readonly<Record<string, string>> = {
  '/v1.0/open-hub/access/config': mqttAccessConfig.path,
}

/** The operation that serves a request, and what its path holds. */
export function findRoute(
  method: string,
  path: string,
): { readonly operation: AnyOperation; readonly args: Record<string, string> } | undefined {
  const levels = (Object.hasOwn(olderPaths, path) ? (olderPaths[path] as string) : path).split('/')
  for (const { operation, levels: pattern } of routes) {
    if (operation.method !== method || pattern.length !== levels.length) continue
    const args: Record<string, string> = {}
    const fits = pattern.every((level, i) => {
      const given = levels[i] as string
      if (!level.startsWith('{')) return level === given
      args[level.slice(1, -1)] = given
      return given !== ''
    })
    if (fits) return { operation, args }
  }
  return undefined
}
