import type { DataPoint, Json } from './data-point.ts'

/** Where a value came from, as it stands in the state document. */
export type Source = 'lan' | 'queue' | 'poll' | 'ack' | 'snapshot'

/**
 * Sources that speak when something happens. A poll reads what a point said last, a press of yesterday as well as one
 * of now, and reads it again each time: it makes state and never an event. The same holds for what was on a disk, and
 * the acknowledgement of our own write is no news to anybody.
 */
export type LiveSource = Extract<Source, 'lan' | 'queue'>

export function isLive(source: Source): source is LiveSource {
  return source === 'lan' || source === 'queue'
}

export interface ReportedPoint {
  /** `dp_<number>` when the platform gives no code. */
  readonly code: string
  readonly dpId?: number
  /** The value as it came over the wire. */
  readonly raw: unknown
  /** When the device or the cloud says that it held. */
  readonly timeMs: number
  /** When the device said it, where a read of the cloud, which counts with its own time, tells that. */
  readonly saidMs?: number
}

/** What one source said of one device at one moment. */
export interface Report {
  readonly deviceId: string
  readonly source: Source
  readonly receivedMs: number
  readonly points: readonly ReportedPoint[]
  /** The answer to a question of ours, or what was told as an event before: state, and never an event. */
  readonly asked?: true
}

/** One point of a report, understood; also where the value is old news, and where it is a press rather than state. */
export interface SaidPoint {
  readonly point: DataPoint
  readonly raw: unknown
  readonly value: Json
  readonly timeMs: number
}
