import type { Directory } from '../domain/link.ts'
import type { Clock } from '../util/clock.ts'
import { isAbort, toBridgeError } from '../util/error.ts'
import type { Inventory } from './inventory.ts'
import type { SpecificationBook } from './specification-book.ts'
import type { Troubles } from './troubles.ts'

export type Listed = 'home' | 'room' | 'device' | 'scene' | 'automation'

export interface ReadingParts {
  readonly directory: Directory
  readonly inventory: Inventory
  readonly book: SpecificationBook
  /** Reads the values of devices whose list came without them; at most `batch` at a time. */
  readonly values: {
    readonly batch: number
    read(deviceIds: readonly string[], signal: AbortSignal): Promise<void>
  }
  /** Calls that reading may still use today, and all that a day allows. */
  readonly budget: { left(priority: 'reconcile'): number; readonly limit: number }
  readonly clock: Clock
  readonly troubles: Troubles
  readonly signal: AbortSignal
  /** A complete list of one kind, over all homes, was read; true when one more would decide over something. */
  readonly onListed: (kind: Listed, ids: ReadonlySet<string>) => boolean
  /** Everything was read. */
  readonly onRead: () => void
  /** A home is refused since now. */
  readonly onRefused: () => void
  /** Whether the members of homes are wanted: they are people. */
  readonly members: boolean
  /** Whether a home is to be mirrored; by default every home is that the directory lists. */
  readonly wanted?: (homeId: string) => boolean
}

/** A refusal is told and keeps nothing else from being read; trouble on the way is thrown. */
export async function readOrTell(troubles: Troubles, what: string, read: () => Promise<void>): Promise<void> {
  try {
    await read()
    troubles.over(what)
  } catch (thrown) {
    const error = toBridgeError(thrown)
    if (isAbort(thrown) || error.retry !== 'never') throw thrown
    troubles.tell(what, error)
  }
}
