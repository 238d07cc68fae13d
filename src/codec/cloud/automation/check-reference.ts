import type { Referred, ReferredDevice } from '../../../domain/definition.ts'
import { nearest } from '../../../util/nearest.ts'
import { quote } from './quote.ts'
import type { Checking } from './report.ts'

type Kind = 'device' | 'scene' | 'automation'

const mostListed = 20

/** The device, when it exists and belongs to the home; else a fault and nothing. */
export function checkDevice(checking: Checking, id: string, path: string): ReferredDevice | undefined {
  return checkReference(checking, 'device', id, path, checking.references.device(id))
}

export function checkScene(checking: Checking, id: string, path: string): Referred | undefined {
  return checkReference(checking, 'scene', id, path, checking.references.scene(id))
}

export function checkAutomation(checking: Checking, id: string, path: string): Referred | undefined {
  return checkReference(checking, 'automation', id, path, checking.references.automation(id))
}

function checkReference<T extends Referred>(
  checking: Checking,
  kind: Kind,
  id: string,
  path: string,
  found: T | undefined,
): T | undefined {
  if (found === undefined) {
    unknown(checking, kind, id, path)
    return undefined
  }
  const { homeId } = checking
  if (homeId === null || found.homeId === '' || found.homeId === homeId) return found
  checking.report({
    path,
    message: `The ${kind} ${quote(id)} (${found.name}) belongs to home ${found.homeId}, not to ${homeId}.`,
  })
  return undefined
}

/** Somebody may have written the name where the id is wanted, or mistyped either. */
function unknown({ references, homeId, report }: Checking, kind: Kind, id: string, path: string): void {
  const near = references.all(kind).filter((each) => homeId === null || each.homeId === homeId)
  const byWord = new Map(near.flatMap((each) => [[each.name, each] as const, [each.id, each] as const]))
  const meant = byWord.get(nearest(id, [...byWord.keys()], 1)[0] ?? '')
  const hint = meant === undefined ? '.' : `; did you mean ${quote(meant.id)} (${meant.name})?`
  report({
    path,
    message: `There is no ${kind} ${quote(id)}${homeId === null ? '' : ` in home ${homeId}`}${hint}`,
    ...(near.length > 0 && near.length <= mostListed ? { allowed: near.map((each) => each.id) } : {}),
    ...(meant === undefined ? {} : { nearest: meant.id }),
  })
}
