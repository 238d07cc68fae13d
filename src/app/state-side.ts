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
  /** Asked when something is saved; by then it is there, wherever there is one. */
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
  const keeper = new SnapshotKeeper(
    file,
    () => {
      const { book, budget } = parts.cloud() as CloudSide
      return takeSnapshot(inventory, book, budget.state, clock.now(), parts.queue()?.heardMs ?? null)
    },
    clock,
    (thrown) => {
      log.error({ err: thrown }, 'the snapshot cannot be saved; the bridge goes on in memory')
      parts.onTrouble('bridge/snapshot', 'The snapshot cannot be saved; see the log.')
    },
  )
  return { keeper, saved: await loadSnapshot(file, (message) => log.warn(message)) }
}
