import { registration } from '../inventory/after-message.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Clock } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import type { Redactor } from '../util/redact.ts'
import type { CloudSide } from './cloud-side.ts'
import type { Config } from './config-types.ts'
import type { LanSockets } from './lan-hearing.ts'
import { LanSide } from './lan-side.ts'
import type { Logger } from './log.ts'
import type { QueueSide } from './queue-side.ts'
import { realDisk, type SnapshotDisk } from './snapshot-file.ts'
import type { Voice } from './voice.ts'

export interface LanPartsParts {
  /** Read at each use: it may be a live view. */
  readonly config: Config
  readonly inventory: Inventory
  readonly voice: Voice
  readonly cloud: CloudSide | undefined
  /** Asked when it is needed: the queue is made after the LAN. */
  readonly queue: () => QueueSide | undefined
  readonly redactor: Redactor
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly sockets: LanSockets | undefined
  readonly disk: SnapshotDisk | undefined
}

/** The LAN with everything that it needs of the others; undefined where it is not wanted. */
export function createLanSide(parts: LanPartsParts): LanSide | undefined {
  const { config, voice, cloud, queue, clock, sockets = {}, disk = realDisk } = parts
  if (!config.lan.enabled) return undefined
  return new LanSide({
    ...parts,
    sockets,
    disk,
    now: () => cloud?.client.now() ?? clock.now(),
    othersTell: () => queue()?.isTrusted ?? cloud?.client.health.state === 'up',
    readDevice: cloud && ((deviceId) => cloud.sync.changed(registration(deviceId))),
    onPath: (record) => voice.mirror.pathChanged(record),
  })
}
