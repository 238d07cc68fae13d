import { readFileSync } from 'node:fs'
import { mqttAccessConfig } from '../codec/cloud/operation/mqtt-access-config.ts'
import { queueBase } from '../codec/queue/address.ts'
import { isQueueSecret, openHubKey, queueKey } from '../codec/queue/credential.ts'
import { createDecoder } from '../codec/queue/decode.ts'
import type { OpenHubVersion } from '../codec/queue/open-hub.ts'
import { QueueError } from '../codec/queue/queue-error.ts'
import type { LinkHealth } from '../domain/link.ts'
import type { Received, Sink } from '../domain/message.ts'
import type { CloudClient } from '../transport/cloud/client.ts'
import type { BookCounts } from '../transport/queue/ack-book.ts'
import { type ConsumerParts, QueueConsumer } from '../transport/queue/consumer.ts'
import type { DeadLetter } from '../transport/queue/dead-letters.ts'
import type { ConsumerAddress } from '../transport/queue/dial.ts'
import type { Gap } from '../transport/queue/gap.ts'
import type { DeliveryGate } from '../transport/queue/gate.ts'
import { type HubConfig, hubConfig } from '../transport/queue/hub-config.ts'
import type { OpenHubSocket } from '../transport/queue/hub-socket.ts'
import type { QueueLinkError } from '../transport/queue/link-error.ts'
import { mqttOpener } from '../transport/queue/mqtt-socket.ts'
import { OpenHub } from '../transport/queue/open-hub.ts'
import type { OpenSocket } from '../transport/queue/socket.ts'
import { wsOpener } from '../transport/queue/ws-socket.ts'
import type { Clock } from '../util/clock.ts'
import type { Random } from '../util/random.ts'
import type { Redactor } from '../util/redact.ts'
import { Secret } from '../util/secret.ts'
import type { Config } from './config-types.ts'
import type { Seams } from './seams.ts'

/** Other ways to connect than sockets of our own, as in tests. */
export interface QueueSockets {
  readonly pulsar?: OpenSocket
  readonly openHub?: OpenHubSocket
}

export interface QueueLinkParts {
  readonly config: Config
  readonly client: Pick<CloudClient, 'call'>
  readonly redactor: Redactor
  readonly clock: Clock
  readonly random: Random
  readonly sockets: QueueSockets
  readonly seams?: Seams | undefined
  /** When the queue was heard for the last time before; null when it never was. */
  readonly heardMs: number | null
  readonly gate: DeliveryGate
  readonly sink: Sink
  readonly onHealth: (health: LinkHealth) => void
  /** It was not heard for a while, or for the first time: what is known has to be read again. */
  readonly onGap: (gap: Gap | null) => void
  readonly onDead: (letter: DeadLetter) => void
  readonly onDefect: (thrown: unknown) => void
  readonly onEnd: (end: QueueLinkError) => void
}

/** One of the platform's two channels, from its start to its end. */
export interface QueueLink extends AsyncDisposable {
  readonly health: LinkHealth
  readonly counts: BookCounts
  readonly deadByReason: ReadonlyMap<string, number>
  readonly reconnects: ReadonlyMap<string, number>
  /** Messages that may not be what the platform sent: not signed with our secret, or with a tag that fits with nothing. */
  readonly doubtful: number
  start(): void
  /** Takes nothing more; what is being settled is still acknowledged. */
  drain(): void
  /** Somebody else learned of a change of which it should have told. */
  changedElsewhere(timeMs: number): void
  /** A device came into a home. */
  deviceAdded(): void
}

type Project = NonNullable<Config['tuya']>

/** The channel that the configuration names. */
export function createQueueLink(parts: QueueLinkParts): QueueLink {
  const { tuya } = parts.config
  if (!tuya) throw new Error('there is no queue without a project')
  return parts.config.queue.channel === 'openhub' ? openHub(parts, tuya) : pulsar(parts, tuya)
}

/** Where the configured messages are, and as whom they are asked for. */
export function pulsarAddress(
  { queue }: Config,
  tuya: Project,
): Omit<ConsumerAddress, 'consumerName' | 'priorityLevel'> {
  return {
    base: queue.url ?? queueBase(tuya.region) ?? '',
    accessId: tuya.accessId,
    accessKey: tuya.accessSecret ?? new Secret(''),
    environment: queue.environment,
    subscription: queue.subscription ?? `${tuya.accessId}-sub`,
  }
}

function pulsar(parts: QueueLinkParts, tuya: Project): QueueLink {
  const { config, redactor, clock, sockets, seams, sink } = parts
  const { queue, mqtt } = config
  const accessKey = tuya.accessSecret ?? new Secret('')
  const tls = tlsOf(queue.tls)
  const decode = decoderOf(accessKey.reveal())
  const consumer = new QueueConsumer({
    ...parts,
    address: {
      ...pulsarAddress(config, tuya),
      consumerName: `dp2mqtt@${mqtt.instance}`,
      priorityLevel: null,
    },
    openSocket: sockets.pulsar ?? wsOpener(tls, clock),
    decode: seams?.decode?.(decode) ?? decode,
    sink: seams?.sink?.(sink) ?? sink,
    requireSign: queue.requireSign,
  })
  redactor.keep(consumer.password)
  if (isQueueSecret(accessKey.reveal())) redactor.keep(new Secret(queueKey(accessKey.reveal()).toString()))
  return linkOf(consumer, {
    doubtful: () => consumer.badSigns,
    drain: () => consumer.drain(),
    // Its messages arrive without further ado.
    deviceAdded: () => {},
  })
}

/** A secret that was cut off is a wrong one like others: the queue refuses it, and should it not, nothing is lost by it. */
function decoderOf(accessKey: string): ConsumerParts['decode'] {
  if (!isQueueSecret(accessKey))
    return () => {
      throw new QueueError('decrypt', { keySuspect: true })
    }
  const decoder = createDecoder({ accessKey })
  return (frame, receivedMs) => decoder.decode(frame, receivedMs)
}

function openHub(parts: QueueLinkParts, tuya: Project): QueueLink {
  const { config, client, redactor, clock, sockets } = parts
  const { queue, mqtt } = config
  const version = queue.openHub.version
  const tls = tlsOf(queue.tls)
  // Two with the same would end each other's connections.
  const linkId = `dp2mqtt.${mqtt.instance}`
  const hub = new OpenHub({
    ...parts,
    fetchConfig: (signal) => fetchHub({ client, redactor, tuya, version, linkId }, signal),
    openSocket: sockets.openHub ?? mqttOpener(tls, clock),
    sink: (received, settlement) => parts.sink(untilTheEndOfTheSecond(received), settlement),
    version,
    // Over a line that anybody may have entered, the tag is all there is.
    unverified: queue.tls.insecure ? 'reject' : queue.openHub.unverified,
    onResync: parts.onGap,
  })
  return linkOf(hub, {
    doubtful: () => hub.tagUnverified,
    drain: () => {},
    deviceAdded: () => hub.reconnectForNewDevice(),
  })
}

export interface HubQuestion {
  readonly client: Pick<CloudClient, 'call'>
  readonly redactor: Redactor
  readonly tuya: Project
  readonly version: OpenHubVersion
  readonly linkId: string
}

/** Asks the cloud where the Open Hub is, and as whom to come. Rejects with BridgeError. */
export async function fetchHub(
  { client, redactor, tuya, version, linkId }: HubQuestion,
  signal: AbortSignal,
): Promise<HubConfig> {
  const access = await client.call(
    mqttAccessConfig,
    {
      uid: tuya.uid ?? '',
      link_id: linkId,
      link_type: 'mqtt',
      topics: 'device',
      msg_encrypted_version: version,
    },
    { priority: 'command', signal },
  )
  redactor.learn(new Secret(access.password))
  redactor.learn(new Secret(openHubKey(access.password).toString()))
  return hubConfig(access)
}

/**
 * The hub dates reports in whole seconds, rounded down. Beside reads, which are dated to the millisecond, they would
 * look older than what they are newer than.
 */
function untilTheEndOfTheSecond(received: Received): Received {
  const { message, receivedMs } = received
  if (message.kind !== 'status') return received
  const points = message.points.map((point) =>
    point.timeMs % 1_000 === 0
      ? { ...point, timeMs: Math.max(point.timeMs, Math.min(point.timeMs + 999, receivedMs)) }
      : point,
  )
  return { receivedMs, message: { ...message, points } }
}

interface Differences {
  readonly doubtful: () => number
  readonly drain: () => void
  readonly deviceAdded: () => void
}

function linkOf(channel: QueueConsumer | OpenHub, { doubtful, drain, deviceAdded }: Differences): QueueLink {
  return {
    get health() {
      return channel.health
    },
    get counts() {
      return channel.counts
    },
    get deadByReason() {
      return channel.deadByReason
    },
    get reconnects() {
      return channel.reconnects
    },
    get doubtful() {
      return doubtful()
    },
    start: () => channel.start(),
    drain,
    deviceAdded,
    changedElsewhere: (timeMs) => channel.changedElsewhere(timeMs),
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  }
}

/** Reads the authority's file. */
export function tlsOf({ ca, insecure }: Config['queue']['tls']): {
  readonly insecure: boolean
  readonly ca?: string
} {
  return { insecure, ...(ca === null ? {} : { ca: readFileSync(ca, 'utf8') }) }
}
