/** Where a value came from, as it stands in the state document. */
export type Source = 'lan' | 'queue' | 'poll' | 'ack' | 'snapshot'

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
}
