import type { LivingDevice, LivingPoint } from '../integration/living-device.ts'
import { TopicTree } from '../mqtt/topic.ts'
import { sleep, systemClock } from '../util/clock.ts'
import { isRecord, limits, parseJson } from '../util/json.ts'
import type { Context } from './context.ts'
import { CommandFailed, exit } from './exit.ts'
import { connect } from './listen.ts'

/** The documents of one device as they stand on their topics. */
export interface LivingDocuments {
  readonly id: string
  readonly meta: Readonly<Record<string, unknown>>
  readonly specification: Readonly<Record<string, unknown>> | undefined
}

/** What a running bridge says of its devices. */
export interface Living {
  readonly devices: readonly LivingDevice[]
  readonly documents: readonly LivingDocuments[]
  readonly protocolVersion: 4 | 5
}

const quietMs = 400
const wholeMs = 10_000
const devicesAtMost = 10_000

/** Reads what exists from the retained topics of the running bridge. Throws CommandFailed when there is nothing. */
export async function readLiving(context: Context, signal: AbortSignal): Promise<Living> {
  const tree = new TopicTree(context.config.mqtt.base)
  const metas = new Map<string, Record<string, unknown>>()
  const specifications = new Map<string, Record<string, unknown>>()
  let lastAt = systemClock.monotonic()
  const link = await connect(context, signal, ({ topic, payload }) => {
    lastAt = systemClock.monotonic()
    const parsed = tree.parse(topic)
    const books = { metaDevice: metas, metaSpec: specifications }
    const book = books[parsed?.name as keyof typeof books]
    const document = book && book.size < devicesAtMost ? recordOf(payload) : undefined
    if (document) book?.set(parsed?.params['device'] ?? '', document)
  })
  try {
    // At QoS 0, which every broker answers in full.
    for (const name of ['metaDevice', 'metaSpec'] as const)
      await link.subscribe(tree.build(name, { device: '+' }), { qos: 0 })
    const startedAt = systemClock.monotonic()
    lastAt = startedAt
    while (systemClock.monotonic() - lastAt < quietMs && systemClock.monotonic() - startedAt < wholeMs)
      await sleep(systemClock, 50, signal)
  } finally {
    await link.close()
  }
  if (metas.size === 0)
    throw new CommandFailed(
      exit.internal,
      `The broker holds no devices below ${tree.base}/. Does the bridge run on this base?`,
    )
  return {
    documents: [...metas].map(([id, meta]) => ({ id, meta, specification: specifications.get(id) })),
    devices: [...metas].map(([id, meta]) => deviceOf(id, meta, specifications.get(id))),
    protocolVersion: link.limits.protocol === 'MQTT 5' ? 5 : 4,
  }
}

function recordOf(payload: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value = parseJson(payload, limits.cloud)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function deviceOf(
  id: string,
  meta: Record<string, unknown>,
  specification: Record<string, unknown> | undefined,
): LivingDevice {
  const points = isRecord(specification?.['dp']) ? specification['dp'] : {}
  return {
    id,
    name: text(meta['name']) ?? id,
    home: text(meta['homeName']) ?? '',
    room: text(meta['roomName']) ?? '',
    points: Object.entries(points).flatMap(([code, point]) =>
      isRecord(point) ? [pointOf(code, point)] : [],
    ),
  }
}

function pointOf(code: string, point: Record<string, unknown>): LivingPoint {
  const { range } = point
  return {
    code,
    type: text(point['type']) ?? 'unknown',
    access: text(point['access']) ?? 'ro',
    name: text(point['name']),
    unit: text(point['unit']),
    min: number(point['min']),
    max: number(point['max']),
    range: Array.isArray(range) ? range.filter((word) => typeof word === 'string') : [],
    momentary: point['momentary'] === true,
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}
