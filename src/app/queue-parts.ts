import type { Inventory } from '../inventory/inventory.ts'
import { json } from '../mqtt/payload.ts'
import type { DeadLetter } from '../transport/queue/dead-letters.ts'
import { type Gap, gapToTellMs } from '../transport/queue/gap.ts'
import type { Clock } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import type { Redactor } from '../util/redact.ts'
import type { CloudSide } from './cloud-side.ts'
import type { Config } from './config-types.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import { QueueEffects } from './queue-effects.ts'
import type { QueueSockets } from './queue-link.ts'
import { QueueSide } from './queue-side.ts'
import { queueWanted } from './queue-wanted.ts'
import type { Seams } from './seams.ts'
import type { SnapshotKeeper } from './snapshot.ts'
import type { Voice } from './voice.ts'

export interface QueuePartsParts {
  /** Read at each use: it may be a live view. */
  readonly config: Config
  readonly inventory: Inventory
  readonly voice: Voice
  readonly cloud: CloudSide
  readonly keeper: SnapshotKeeper
  readonly metrics: Metrics
  readonly redactor: Redactor
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly sockets: QueueSockets | undefined
  readonly seams?: Seams | undefined
  /** When an earlier run heard the queue for the last time. */
  readonly heardMs: number | null
  /** The whole house is known from an earlier run. */
  readonly isRestored: boolean
  readonly onHealth: () => void
}

/** Of what was received so much may wait for the broker when the queue is opened again. */
const waitingAtMost = 64

/** The queue with everything that it needs of the others; undefined where none is wanted. */
export function createQueueSide(parts: QueuePartsParts): QueueSide | undefined {
  const { config, inventory, voice, cloud, keeper, metrics, clock, log } = parts
  const { wanted, why } = queueWanted(config)
  if (why !== undefined) log.warn(why)
  if (!wanted) return undefined
  if (config.queue.tls.insecure) log.warn('queue.tls.insecure is set: the certificate is not looked at')
  const effects = new QueueEffects({
    inventory,
    events: voice.events,
    mirror: voice.mirror,
    clock,
    told: (message) => cloud.told(message),
  })
  return new QueueSide({
    ...parts,
    client: cloud.client,
    sockets: parts.sockets ?? {},
    gate: {
      brokerUp: () => voice.session.health.state === 'up',
      outboxEmpty: () => voice.outbox.size <= waitingAtMost,
    },
    isPrepared: () => voice.hasLookedAround && (parts.isRestored || cloud.sync.isUsable),
    effects,
    reconcile: () => cloud.sync.reconcile(),
    onTrust: () => cloud.sync.replan(),
    onHeard: () => keeper.touch(),
    onGap: (gap) => tellGap(gap, voice, log),
    onDead: (letter) => tellDead(letter, voice, metrics, log),
    onTrouble: (reason, message) => voice.trouble(reason, message),
    onStop: () => effects.stop(),
  })
}

/** R-Q5: messages of that time may be lost for good. */
function tellGap({ fromMs, toMs }: Gap, { mirror }: Voice, log: Logger): void {
  log.warn({ fromMs, toMs }, 'the event queue was not heard for a while; the devices are read again')
  if (toMs - fromMs > gapToTellMs) mirror.gap('queue', fromMs, toMs)
}

function tellDead(letter: DeadLetter, { publisher }: Voice, metrics: Metrics, log: Logger): void {
  metrics.deadLetter('queue', letter.reason)
  log.warn({ reason: letter.reason, bytes: letter.bytes }, 'a message of the queue could not be understood')
  publisher.tell('bridgeDeadletter', {}, json({ link: 'queue', ...letter }))
}
