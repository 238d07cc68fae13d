import { operationById } from '../../src/codec/cloud/operation/index.ts'
import { type AnyArguments, type AnyOperation, rootBody } from '../../src/codec/cloud/operation.ts'
import { vector } from './vector.ts'

/** An example as a page of the platform prints it, what was masked there filled with zeros. */
export interface Example {
  readonly operation: string
  readonly page: string
  readonly title: string
  readonly request: { readonly method: string; readonly target: string; readonly body?: object }
  readonly answers?: readonly (Record<string, unknown> & { readonly success: boolean })[]
  /** What the bridge understands; absent where the page prints no result. */
  readonly read?: unknown
}

/** Every example of the pages that the operations come from. */
export const examples = vector<readonly Example[]>('platform-pages.json')

export function operationOf({ operation }: Example): AnyOperation {
  const found = operationById(operation)
  if (!found) throw new Error(`no operation ${operation}`)
  return found
}

/** The parameters that the printed request has. */
export function argumentsOf(operation: AnyOperation, { target, body }: Example['request']): AnyArguments {
  const { pathname, searchParams } = new URL(target, 'http://page')
  const given = pathname.split('/')
  const fromPath = operation.path
    .split('/')
    .flatMap((level, i) => (level.startsWith('{') ? [[level.slice(1, -1), given[i]]] : []))
  const fromBody = Array.isArray(body) ? { [rootBody]: body } : body
  return { ...Object.fromEntries(fromPath), ...Object.fromEntries(searchParams), ...fromBody }
}
