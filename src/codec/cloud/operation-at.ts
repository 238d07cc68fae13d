import { operations } from './operation/index.ts'
import type { AnyOperation } from './operation.ts'

interface Place {
  readonly operation: AnyOperation
  readonly levels: readonly string[]
}

const params = ({ levels }: Place) => levels.filter((level) => level.startsWith('{')).length

/** Static paths come before those that would take their words for ids. */
const places: readonly Place[] = operations
  .map((operation) => ({ operation, levels: operation.path.split('/') }))
  .sort((a, b) => params(a) - params(b))

/** The operation that lives at an address, and what its path holds. */
export function operationAt(
  method: string,
  path: string,
  isSameWord: (word: string, given: string) => boolean = (word, given) => word === given,
): { readonly operation: AnyOperation; readonly params: Readonly<Record<string, string>> } | undefined {
  const levels = path.split('/')
  for (const { operation, levels: pattern } of places) {
    if (operation.method !== method || pattern.length !== levels.length) continue
    const held: Record<string, string> = {}
    const fits = pattern.every((level, i) => {
      const given = levels[i] as string
      if (!level.startsWith('{')) return isSameWord(level, given)
      held[level.slice(1, -1)] = given
      return given !== ''
    })
    if (fits) return { operation, params: held }
  }
  return undefined
}
