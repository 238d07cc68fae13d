import type { Inventory } from '../inventory/inventory.ts'
import type { Clock } from '../util/clock.ts'
import type { CloudSide } from './cloud-side.ts'
import type { Logger } from './log.ts'
import type { QueueSide } from './queue-side.ts'
import { loadSnapshot, type Snapshot, SnapshotKeeper, snapshotVersion, takeSnapshot } from './snapshot.ts'
import { realDisk, type SnapshotDisk, SnapshotFile } from './snapshot-file.ts'

export interface StateSideParts {
  readonly directory: string
  readonly disk: SnapshotDisk | undefined
  readonly inventory: Inventory
  readonly clock: Clock
  readonly log: Logger
  /** Asked when something is saved; by then they are there, wherever there are any. */
  readonly cloud: () => CloudSide | undefined
  readonly queue: () => QueueSide | undefined
  readonly onTrouble: (reason: string, message: string) => void
}

/** What outlives the process: what an earlier one saved, and who saves from now on. */
export async function openState(parts: StateSideParts): Promise<{
  readonly keeper: SnapshotKeeper
  readonly saved: Snapshot | undefined
}> {
  const { inventory, clock, log } = parts
  const file = new SnapshotFile(parts.directory, snapshotVersion, parts.disk ?? realDisk)
  const saved = await loadSnapshot(file, (message) => log.warn(message))
  const keeper = new SnapshotKeeper(
    file,
    () => {
      const cloud = parts.cloud()
      // What an account has told and cost is kept while there is none: it may come back the same day.
      const book = cloud?.book ?? { state: saved?.book ?? { models: {}, shadows: {} } }
      const budget = cloud ? cloud.budget.state : saved?.budget
      return takeSnapshot(inventory, book, budget, clock.now(), parts.queue()?.heardMs ?? null)
    },
    clock,
    (thrown) => {
      log.error({ err: thrown }, 'the snapshot cannot be saved; the bridge goes on in memory')
      parts.onTrouble('bridge/snapshot', 'The snapshot cannot be saved; see the log.')
    },
  )
  return { keeper, saved }
}
