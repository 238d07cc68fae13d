import { query, required } from '../operation.ts'
import type { Schema } from '../schema.ts'
import {
  finite,
  flag,
  listOrNull,
  number,
  text,
  timeMs,
  type WireFlag,
  type WireNumber,
  type WireText,
} from '../shape.ts'

export interface WireLog {
  readonly code?: WireText
  readonly value?: unknown
  readonly event_id?: WireNumber
  readonly event_from?: WireNumber
  readonly event_time?: WireNumber
}

const logSchema: Schema = {
  type: 'object',
  properties: { code: text, event_id: number, event_from: number, event_time: number, status: number },
}

const kinds: Readonly<Record<number, string>> = {
  1: 'online',
  2: 'offline',
  3: 'activated',
  4: 'reset',
  5: 'command',
  6: 'firmware',
  7: 'report',
  8: 'signal',
  9: 'restart',
  10: 'timer',
}

const origins: Readonly<Record<number, string>> = { 1: 'device', 2: 'app', 3: 'third party', 4: 'cloud' }

export interface DeviceLog {
  /** What happened, in a word; the platform's number where it is unknown. */
  readonly kind: string
  readonly from: string
  readonly code: string | null
  readonly value: unknown
  readonly timeMs: number | null
}

function readLog(log: WireLog): DeviceLog {
  const kind = finite(log.event_id)
  const from = finite(log.event_from)
  return {
    kind: (kind === undefined ? undefined : kinds[kind]) ?? String(kind ?? 'unknown'),
    from: (from === undefined ? undefined : origins[from]) ?? 'unknown',
    code: log.code || null,
    value: log.value ?? null,
    timeMs: timeMs(log.event_time),
  }
}

/** A page of records, `logs` in the one family of operations and `list` in the other. */
export interface WireLogPage {
  readonly logs?: readonly WireLog[] | null
  readonly list?: readonly WireLog[] | null
  readonly has_next?: WireFlag
  readonly has_more?: WireFlag
  readonly next_row_key?: WireText
  readonly last_row_key?: WireText
}

export const logPageSchema: Schema = {
  type: 'object',
  properties: {
    device_id: text,
    logs: listOrNull(logSchema),
    list: listOrNull(logSchema),
    has_next: flag,
    has_more: flag,
    current_row_key: text,
    next_row_key: text,
    last_row_key: text,
  },
}

export interface LogPage {
  readonly logs: readonly DeviceLog[]
  /** The row key with which the next page is asked; undefined on the last one. */
  readonly next: string | undefined
}

export function readLogPage(page: WireLogPage): LogPage {
  const key = page.next_row_key ?? page.last_row_key
  return {
    logs: (page.logs ?? page.list ?? []).map(readLog),
    next: (page.has_next ?? page.has_more) && key ? key : undefined,
  }
}

/** Which records, and how many at once. */
export const logSpan = {
  start_time: required(query('long', 'milliseconds')),
  end_time: required(query('long', 'milliseconds')),
  size: query('integer', 'records a page', { least: 1, most: 100 }),
  last_row_key: query('string', 'of the page before'),
}
