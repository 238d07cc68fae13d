import type { Inventory } from '../inventory/inventory.ts'
import type { Clock } from '../util/clock.ts'
import type { CloudSide } from './cloud-side.ts'
import { lanHome } from './lan-only.ts'
import type { Logger } from './log.ts'
import type { QueueSide } from './queue-side.ts'
import {
  loadSnapshot,
  ofHome,
  restore,
  type Snapshot,
  SnapshotKeeper,
  snapshotVersion,
  takeSnapshot,
} from './snapshot.ts'
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
export class StateSide {
  readonly keeper: SnapshotKeeper
  readonly saved: Snapshot | undefined
  readonly #parts: StateSideParts
  /** What an earlier run saved is known. */
  #isRestored = false

  private constructor(parts: StateSideParts, file: SnapshotFile, saved: Snapshot | undefined) {
    const { clock, log, onTrouble } = parts
    this.#parts = parts
    this.saved = saved
    this.keeper = new SnapshotKeeper(
      file,
      () => this.#take(),
      clock,
      (thrown) => {
        log.error({ err: thrown }, 'the snapshot cannot be saved; the bridge goes on in memory')
        onTrouble('bridge/snapshot', 'The snapshot cannot be saved; see the log.')
      },
    )
  }

  static async open(parts: StateSideParts): Promise<StateSide> {
    const file = new SnapshotFile(parts.directory, snapshotVersion, parts.disk ?? realDisk)
    return new StateSide(parts, file, await loadSnapshot(file, (message) => parts.log.warn(message)))
  }

  /** Takes over what an earlier run saved; without an account what the configuration still names. */
  restore(): void {
    const cloud = this.#parts.cloud()
    if (this.saved)
      restore(cloud ? this.saved : ofHome(lanHome.id, this.saved), this.#parts.inventory, cloud?.book)
    this.#isRestored = true
  }

  /** What was not taken over yet is not overwritten. */
  async saveNow(): Promise<void> {
    if (this.#isRestored) await this.keeper.saveNow()
  }

  #take(): Snapshot {
    const { inventory, clock, queue } = this.#parts
    const cloud = this.#parts.cloud()
    // What an account has told and cost is kept while there is none: it may come back the same day.
    const book = cloud?.book ?? { state: this.saved?.book ?? { models: {}, shadows: {} } }
    const budget = cloud ? cloud.budget.state : this.saved?.budget
    // Without an account only a part of the house is kept.
    const isWhole = cloud !== undefined && (cloud.sync.ready || this.saved?.isWhole === true)
    return takeSnapshot(inventory, book, budget, clock.now(), queue()?.heardMs ?? null, isWhole)
  }
}
