import { operations } from '../../src/codec/cloud/operation/index.ts'
import type { Heard } from '../tap.ts'

/** Which operations the calls were that succeeded. */
export function performed(heard: readonly Heard[]): { done: Set<string>; groups: Set<string> } {
  const done = new Set<string>()
  const groups = new Set<string>()
  for (const { method, path, code } of heard) {
    const operation = operations
      .filter((each) => each.method === method && pattern(each.path).test(path.split('?')[0] ?? ''))
      // Fixed paths go before those with ids.
      .sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
    if (!operation || code !== undefined) continue
    done.add(operation.id)
    groups.add(operation.group)
  }
  return { done, groups }
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`)
}
