import { hash } from 'node:crypto'
import type { Json } from '../domain/data-point.ts'
import { json, type Payload } from './payload.ts'

/** What an event is about, as it stands in its envelope. */
export interface EventObject {
  readonly device?: string
  readonly scene?: string
  readonly automation?: string
  readonly home?: string
  readonly room?: string
  readonly action?: string
}

export interface EventFacts {
  readonly kind: string
  readonly object: EventObject
  readonly timeMs: number
  readonly receivedMs: number
  readonly seq: number
  readonly data: Json | object
  readonly source: 'lan' | 'queue' | 'bridge'
  /** Where `data` may not be shown as it came, the id is still made from what came. */
  readonly id?: string
  readonly stale?: boolean
}

export interface EventPayload extends Payload {
  readonly id: string
  readonly time: string
}

/** Made from the content alone: the same event has the same id, however often and by whom it is told. */
export function eventId(kind: string, object: EventObject, timeMs: number, data: unknown): string {
  return hash('sha256', JSON.stringify([kind, object, timeMs, data])).slice(0, 16)
}

export function ageOf({ timeMs, receivedMs }: Pick<EventFacts, 'timeMs' | 'receivedMs'>): number {
  return Math.max(0, receivedMs - timeMs)
}

export function eventPayload(facts: EventFacts): EventPayload {
  const { kind, object, timeMs, receivedMs, seq, data, source, stale = false } = facts
  const id = facts.id ?? eventId(kind, object, timeMs, data)
  const time = new Date(timeMs).toISOString()
  const ageMs = ageOf(facts)
  const payload = json({
    id,
    kind,
    seq,
    time,
    timeMs,
    receivedMs,
    ageMs,
    stale,
    replay: false,
    source,
    ...object,
    data,
  })
  return { ...payload, id, time }
}

/** An event of the bridge itself. */
export function bridgeEvent(facts: Omit<EventFacts, 'source' | 'id' | 'stale'>): EventPayload {
  return eventPayload({ ...facts, source: 'bridge' })
}

/** User properties that make the event a CloudEvent in binary mode; `source` is a path like `/tuya/device/<id>`. */
export function cloudEvent(
  kind: string,
  source: string,
  { id, time }: Pick<EventPayload, 'id' | 'time'>,
): Record<string, string> {
  return { specversion: '1.0', id, source, type: `tuya.${kind}`, time }
}
