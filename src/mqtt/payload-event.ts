import { hash } from 'node:crypto'
import type { Json } from '../domain/data-point.ts'
import type { Payload } from './payload.ts'

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
  /** The content as JSON. */
  readonly dataText: string
  readonly source: 'lan' | 'queue' | 'bridge'
  /** Where the content may not be shown as it came, the id is still made from what came. */
  readonly id?: string
  readonly stale?: boolean
}

export interface EventPayload extends Payload {
  readonly id: string
  readonly time: string
}

/**
 * Made from the content alone: the same event has the same id, however often and by whom it is told. `dataText` is
 * the content as JSON.
 */
export function eventId(kind: string, object: EventObject, timeMs: number, dataText: string): string {
  const head = JSON.stringify([kind, object, timeMs])
  return hash('sha256', `${head.slice(0, -1)},${dataText}]`).slice(0, 16)
}

export function ageOf({ timeMs, receivedMs }: Pick<EventFacts, 'timeMs' | 'receivedMs'>): number {
  return Math.max(0, receivedMs - timeMs)
}

export function eventPayload(facts: EventFacts): EventPayload {
  const { kind, object, timeMs, receivedMs, seq, dataText, source, stale = false } = facts
  const id = facts.id ?? eventId(kind, object, timeMs, dataText)
  const time = new Date(timeMs).toISOString()
  const ageMs = ageOf(facts)
  const envelope = { id, kind, seq, time, timeMs, receivedMs, ageMs, stale, replay: false, source, ...object }
  const text = `${JSON.stringify(envelope).slice(0, -1)},"data":${dataText}}`
  return { text, contentType: 'application/json', id, time }
}

/** An event of the bridge itself. */
export function bridgeEvent({
  data,
  ...facts
}: Omit<EventFacts, 'source' | 'id' | 'stale' | 'dataText'> & {
  readonly data: Json | object
}): EventPayload {
  return eventPayload({ ...facts, dataText: JSON.stringify(data), source: 'bridge' })
}

/** User properties that make the event a CloudEvent in binary mode; `source` is a path like `/tuya/device/<id>`. */
export function cloudEvent(
  kind: string,
  source: string,
  { id, time }: Pick<EventPayload, 'id' | 'time'>,
): Record<string, string> {
  return { specversion: '1.0', id, source, type: `tuya.${kind}`, time }
}
