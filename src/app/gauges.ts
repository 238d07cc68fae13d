import type { LinkHealth } from '../domain/link.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { EmbeddedBroker } from '../mqtt/broker/broker.ts'
import type { CloudSide } from './cloud-side.ts'
import type { LanSide } from './lan-side.ts'
import type { Metrics } from './metrics.ts'
import type { QueueSide } from './queue-side.ts'
import type { Observed } from './self-report.ts'
import type { SnapshotKeeper } from './snapshot.ts'
import type { Voice } from './voice.ts'

export interface GaugedParts {
  readonly inventory: Inventory
  readonly observed: () => Observed
  readonly keeper: SnapshotKeeper
  readonly voice: Voice
  readonly cloud: CloudSide | undefined
  readonly queue: QueueSide | undefined
  readonly lan: LanSide | undefined
  readonly embedded: EmbeddedBroker | undefined
}

/** What is read when somebody asks for metrics (R-S7, R-T4). */
export function registerGauges(metrics: Metrics, parts: GaugedParts): void {
  const { inventory, observed, keeper, voice, cloud, queue, lan, embedded } = parts
  const up = (health: LinkHealth | undefined) => Number(health?.state === 'up')
  metrics.gauge({
    name: 'link_up',
    help: '1 while the link works',
    label: 'link',
    read: () => ({
      mqtt: up(voice.session.health),
      cloud: up(cloud?.client.health),
      queue: up(queue?.health),
      lan: Number(lan !== undefined && lan.sum.up > 0),
    }),
  })
  metrics.gauge({ name: 'devices', help: 'Devices that exist', read: () => inventory.devices.size })
  metrics.gauge({
    name: 'reports_total',
    help: 'Reports by what became of them',
    label: 'fate',
    read: () => ({ ...inventory.counts }),
  })
  metrics.gauge({
    name: 'commands_waiting',
    help: 'Commands in the lanes',
    read: () => observed().router?.waiting ?? 0,
  })
  metrics.gauge({
    name: 'commands_received_total',
    help: 'Commands by how they were met',
    label: 'fate',
    read: () => ({ ...observed().intake?.counts }),
  })
  metrics.gauge({
    name: 'snapshot_failing',
    help: '1 while the snapshot cannot be saved',
    read: () => Number(keeper.failing),
  })
  voiceGauges(metrics, voice)
  if (cloud) cloudGauges(metrics, cloud)
  if (queue) queueGauges(metrics, queue)
  if (lan) lanGauges(metrics, lan)
  if (embedded) brokerGauges(metrics, embedded)
}

function cloudGauges(metrics: Metrics, { budget, client }: CloudSide): void {
  metrics.gauge({ name: 'cloud_budget_used', help: 'Calls of today', read: () => budget.used })
  metrics.gauge({ name: 'cloud_budget_limit', help: 'Calls that a day may have', read: () => budget.limit })
  metrics.gauge({
    name: 'cloud_clock_skew_ms',
    help: 'How far the cloud is ahead of our clock',
    read: () => client.clockSkewMs,
  })
  metrics.gauge({
    name: 'cloud_breaker_open',
    help: '1 while calls of a class are held back',
    label: 'class',
    read: () =>
      Object.fromEntries(
        Object.entries(client.breakers).map(([name, breaker]) => [name, Number(breaker.status !== 'closed')]),
      ),
  })
}

function brokerGauges(metrics: Metrics, embedded: EmbeddedBroker): void {
  metrics.gauge({
    name: 'broker_connections',
    help: 'Clients of the broker inside',
    read: () => embedded.connections,
  })
  metrics.gauge({
    name: 'broker_refused_total',
    help: 'What the broker inside refused',
    label: 'what',
    read: () => ({ ...embedded.refused, retained: embedded.retained.counts.dropped }),
  })
}

function queueGauges(metrics: Metrics, queue: QueueSide): void {
  metrics.gauge({
    name: 'queue_messages_total',
    help: 'Messages of the event queue by what became of them',
    label: 'fate',
    read: () => ({ ...queue.counts }),
  })
  metrics.gauge({
    name: 'queue_reconnects_total',
    help: 'Ends of the connection to the event queue, by reason',
    label: 'reason',
    read: () => Object.fromEntries(queue.reconnects),
  })
  metrics.gauge({
    name: 'queue_quiet_seconds',
    help: 'Since the last message of the event queue',
    read: () => Math.round(queue.quietMs / 1_000),
  })
  metrics.gauge({
    name: 'queue_doubtful_total',
    help: 'Messages of the event queue with a signature or a tag that does not fit',
    read: () => queue.doubtful,
  })
}

function lanGauges(metrics: Metrics, lan: LanSide): void {
  metrics.gauge({
    name: 'lan_devices',
    help: 'Devices on the LAN, by whether they answer',
    label: 'state',
    read: () => ({ up: lan.sum.up, down: lan.sum.down }),
  })
  const { counts } = lan.fleet
  metrics.gauge({
    name: 'lan_links_total',
    help: 'What happened on the links to devices on the LAN',
    label: 'what',
    read: () => {
      const { openSockets, opening, endsByReason, badFramesByFault, ...happened } = counts
      return { ...happened }
    },
  })
  metrics.gauge({
    name: 'lan_sockets',
    help: 'Connections to devices on the LAN',
    read: () => counts.openSockets,
  })
  metrics.gauge({
    name: 'lan_ends_total',
    help: 'Ends of connections to devices on the LAN, by reason',
    label: 'reason',
    read: () => Object.fromEntries(counts.endsByReason),
  })
  metrics.gauge({
    name: 'lan_bad_frames_total',
    help: 'Frames of devices that could not be understood, by fault',
    label: 'fault',
    read: () => Object.fromEntries(counts.badFramesByFault),
  })
  metrics.gauge({
    name: 'lan_datagrams_total',
    help: 'Datagrams of discovery by what became of them',
    label: 'fate',
    read: () => Object.fromEntries(lan.heard?.counts ?? []),
  })
}

/** What waits for the broker, and what became of what was said. */
function voiceGauges(metrics: Metrics, voice: Voice): void {
  metrics.gauge({
    name: 'outbox_messages',
    help: 'Messages that wait for the broker',
    read: () => voice.outbox.size,
  })
  metrics.gauge({
    name: 'outbox_bytes',
    help: 'Bytes that wait for the broker',
    read: () => voice.outbox.bytes,
  })
  metrics.gauge({
    name: 'outbox_total',
    help: 'Messages by what became of them',
    label: 'fate',
    read: () => ({ ...voice.outbox.counts }),
  })
  metrics.gauge({
    name: 'events_total',
    help: 'Events by what became of them',
    label: 'fate',
    read: () => ({ ...voice.events.counts }),
  })
  metrics.gauge({
    name: 'retained_topics',
    help: 'Retained topics of ours',
    read: () => voice.publisher.owned.size,
  })
  metrics.gauge({
    name: 'broker_reconnects_total',
    help: 'Ends of the broker connection, by reason',
    label: 'reason',
    read: () => Object.fromEntries(voice.session.reconnects),
  })
}
